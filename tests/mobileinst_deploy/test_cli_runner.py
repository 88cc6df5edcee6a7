"""`mobileinst runner build`: what it prints, where it writes, what it refuses."""

import json
import os
from pathlib import Path

import pytest

from android_bench.building import TARGETS, Runner
from android_bench.building.cache import file_digest
from mobileinst_deploy.cli.runner import NEXT
from tests.command import run
from tests.mobileinst_deploy.refusal import Capture, Prepare, folder, refused, replace, row

BUILD = "runner build --target x86_64-linux"


def test_every_target_says_what_to_do_next():
    assert NEXT.keys() == TARGETS.keys()


def test_help_has_an_example():
    ran = run("runner", "build", "--help")
    assert ran.code == 0
    assert "mobileinst runner build --target aarch64-android" in ran.out


def test_json(host_runner: Runner):
    ran = run(*BUILD.split(), "--format", "json")
    assert ran.code == 0, ran.err
    said = json.loads(ran.out)
    assert said["path"] == str(host_runner.path)
    assert said["sha256"] == file_digest(host_runner.path)
    assert said["from_cache"] is True
    assert ran.err == "Next: mobileinst bench BUNDLE --device host\n"


def test_table(host_runner: Runner):
    ran = run(*BUILD.split())
    assert ran.code == 0, ran.err
    for value in (host_runner.sha256, host_runner.ncnn_version, host_runner.toolchain):
        assert value in ran.out
    assert "from the cache" in ran.out


def test_a_copy_that_can_be_run(host_runner: Runner, tmp_path: Path):
    copy = tmp_path / "copy"
    assert run(*BUILD.split(), "-o", copy).code == 0
    assert file_digest(copy) == host_runner.sha256
    assert os.access(copy, os.X_OK)
    copy.write_text("old")
    assert run(*BUILD.split(), "-o", copy, "--overwrite").code == 0
    assert file_digest(copy) == host_runner.sha256
    assert list(tmp_path.iterdir()) == [copy]


REFUSALS = [
    row("a target that is not there", "runner build --target riscv", 2, "'riscv' is not one of"),
    row("a folder that is no NDK", "runner build --ndk .", 4, "is no Android NDK: there is no"),
    row("no folder", "runner build --ndk nowhere", 2, "'nowhere' does not exist"),
    row("an NDK for this machine", f"{BUILD} --ndk .", 4, "not for x86_64-linux"),
    row("a file that is there", f"{BUILD} -o a", 2, "give --overwrite", replace("a")),
    row("a folder in its place", f"{BUILD} -o a --overwrite", 2, "is not a file", folder("a")),
    row("in no folder", f"{BUILD} -o nowhere/a", 2, "there is no folder nowhere"),
    row("without a verb", "runner frob", 2, "No such command 'frob'"),
]


@pytest.mark.parametrize(("command", "code", "says", "prepare"), REFUSALS)
def test_refusals(
    command: str,
    code: int,
    says: str,
    prepare: Prepare,
    capfd: Capture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(tmp_path)
    prepare()
    refused(command, code, says, capfd)


def test_without_its_packages_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: Capture
):
    from android_bench.building import packages

    monkeypatch.setitem(packages.PROGRAMS, "ziglang", "no/such/file")
    monkeypatch.chdir(tmp_path)
    refused(BUILD, 4, r"pip install 'mobileinst-deploy\[runner\]'", capfd)
