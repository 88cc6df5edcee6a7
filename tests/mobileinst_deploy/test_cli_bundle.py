"""`mobileinst bundle` and `mobileinst summarise`, and the zip on a played phone."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from android_bench.building import TARGETS, Runner
from android_bench.building.cache import BUILDS_VARIABLE
from android_bench.farm.archive import FOLDER
from android_bench.farm.reading import load_result
from android_bench.measurement import results
from mobileinst_deploy.cli import bundle as command
from tests.command import run
from tests.device.phone import Phone, leftovers
from tests.mobileinst_deploy.farm import FEW, make_zip, run_script, unpack
from tests.mobileinst_deploy.refusal import Capture, Prepare, folder, refused, replace, row

PACK = "bundle phone -o farm.zip --target x86_64-linux"


def test_the_targets_are_those_of_the_runner():
    assert set(command.TARGETS) == set(TARGETS)


def test_the_same_bytes_each_time(phone_bundle: Path, host_runner: Runner, tmp_path: Path):
    for name in ("a.zip", "b.zip"):
        options = ("--target", "x86_64-linux", "--graphs", "fold", "--format", "json")
        ran = run("bundle", phone_bundle, "-o", tmp_path / name, *options)
        assert ran.code == 0, ran.err
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    plan = json.loads(ran.out)["plan"]
    assert [graph["key"] for graph in plan["graphs"]] == ["control", "keyframe", "fold"]
    assert ran.err.startswith("Next: adb push ")


def test_hostile_names_stay_out_of_the_zip(phone_bundle: Path, host_runner: Runner, tmp_path: Path):
    hostile = tmp_path / "../$(touch hacked) ';\"[red]".removeprefix("../")
    shutil.copytree(phone_bundle, hostile)
    archive = make_zip(tmp_path / "farm.zip", hostile, host_runner)
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in opened.infolist()}
    assert all(name.startswith(f"{FOLDER}/") and ".." not in name for name in names)
    assert modes[f"{FOLDER}/mobileinst-runner"] == modes[f"{FOLDER}/run.sh"] == 0o755
    unpacked = unpack(archive, tmp_path / "unpacked")
    ran = run_script(unpacked, *FEW, "-s", '$(touch hacked) "\\')
    assert ran.returncode == 0, ran.stderr
    found = load_result(unpacked / "result.json")
    assert (found.bundle, found.conditions.device) == (hostile.name, '$(touch hacked) "\\')
    assert not [*tmp_path.rglob("hacked")]


def test_the_licences_of_what_is_linked_come_along(
    phone_bundle: Path, host_runner: Runner, tmp_path: Path
):
    unpacked = unpack(make_zip(tmp_path / "f.zip", phone_bundle, host_runner), tmp_path)
    text = (unpacked / "LICENSES.txt").read_text()
    for words in ("Apache License", "(C) 2017 Tencent", "LLVM Exceptions"):
        assert words in text


REFUSALS = [
    row("no bundle", "bundle nowhere -o farm.zip", 3, "nowhere"),
    row("no such graph", f"{PACK} --graphs nose", 2, "no graph 'nose'"),
    row("no such frame", f"{PACK} --golden 9", 3, "no golden frame 9"),
    row("a rate without a schedule", f"{PACK} --fps 30", 2, "--fps needs --interval"),
    row("a schedule without graphs", f"{PACK} --graphs fold --interval 3", 4, "a schedule needs"),
    row("files that are not there", f"{PACK} --precisions fp16", 3, "fp16"),
    row("a file that is there", PACK, 2, "give --overwrite", replace("farm.zip")),
    row("in no folder", "bundle phone -o nowhere/a.zip", 2, "there is no folder nowhere"),
    row("no result", "summarise phone/manifest.json", 3, "is not a bench result"),
    row("nothing", "summarise nowhere.json", 3, "can't read nowhere.json"),
    row("a folder", "summarise out", 3, "can't read out", folder("out")),
    row("text", "summarise a.json", 3, "is not a bench result", replace("a.json")),
]


@pytest.mark.parametrize(("line", "code", "says", "prepare"), REFUSALS)
@pytest.mark.usefixtures("phone_copy", "host_runner")
def test_refusals(line: str, code: int, says: str, prepare: Prepare, capfd: Capture):
    prepare()
    refused(line, code, says, capfd)


@pytest.mark.usefixtures("phone_copy")
def test_a_runner_that_is_not_built(
    capfd: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
):
    monkeypatch.setenv(BUILDS_VARIABLE, str(tmp_path_factory.mktemp("builds")))
    refused(PACK, 5, "build it with 'mobileinst runner build --target x86_64-linux'", capfd)


def measured_on(phone: Phone, unpacked: Path) -> None:
    """Pushes the folder, runs its script in the phone's own shell, and brings the result back."""
    there = f"{phone.storage}/{FOLDER}"
    phone.adb("push", unpacked, str(phone.storage))
    before = set(leftovers(phone))
    phone.adb("shell", f"sh {there}/run.sh -w 0 -n 2 -c prime")
    assert set(leftovers(phone)) - before == {f"{FOLDER}/result.json"}
    phone.adb("pull", f"{there}/result.json", unpacked / "result.json")


def check_result(path: Path, folder: Path) -> None:
    """It is one of bench, and compare takes it as it is."""
    found = load_result(path)
    assert (found.emulated, found.conditions.cluster) == (True, "prime")
    assert found.device.soc == "SM7325"
    assert run("summarise", path, "-o", folder / "bench.json", "--format", "json").code == 0
    assert results.load(folder / "bench.json") == found
    assert run("compare", path, folder / "bench.json").code == 0


def test_natively_in_a_phones_shell(
    phone: Phone, phone_bundle: Path, host_runner: Runner, tmp_path: Path
):
    phone.set_property("debug.mobileinst.exec_prefix", "")
    phone.set_property("ro.product.cpu.abi", "x86_64")
    unpacked = unpack(make_zip(tmp_path / "f.zip", phone_bundle, host_runner), tmp_path)
    measured_on(phone, unpacked)
    check_result(unpacked / "result.json", tmp_path)


def test_under_emulation_in_a_phones_shell(
    phone: Phone, phone_bundle: Path, arm_runner: Runner, tmp_path: Path
):
    """Correctness only: the phone's own exec prefix goes before Android's runner."""
    unpacked = unpack(make_zip(tmp_path / "f.zip", phone_bundle, arm_runner), tmp_path)
    measured_on(phone, unpacked)
    check_result(unpacked / "result.json", tmp_path)
    assert load_result(unpacked / "result.json").conditions.runner.target == "aarch64-android"
