"""`mobileinst bench --runtime tnn`: what it refuses, and what it does on a played phone.

TNN_TEST names a TNNTest for aarch64 that needs no library of an Android; QEMU runs it.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from android_bench.measurement.results import BenchResult
from android_bench.remote.session import open_session
from android_bench.remote.store import no_progress
from android_bench.tnn.program import TnnProgram
from export.manifest import Bundle, digest, open_bundle
from mobileinst_deploy.bench.phone import UNWATCHED, PhoneSettings, Watch
from mobileinst_deploy.bench.plan import BenchSettings
from mobileinst_deploy.bench.tnn_phone import bench_tnn
from mobileinst_deploy.bench.tnn_plan import MODES, TnnSettings, output_lines
from tests.command import Ran, run
from tests.device.phone import Phone, leftovers
from tests.elf_files import X86_64, elf
from tests.fake_tnn_test import write_fake
from tests.mobileinst_deploy.refusal import Capture, refused, row

NOWHERE = "bench phone --serial 127.0.0.1:1"
FILES = {
    "static": elf(),
    "shared": elf(needed=("libTNN.so",)),
    "x86": elf(X86_64),
    "script": b"#!/bin/sh\n",
    "lib.so": elf(interpreter=None),
}


@pytest.fixture
def programs(phone_copy: Path) -> Path:
    for name, content in FILES.items():
        Path(name).write_bytes(content)
    return phone_copy


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize(
    ("command", "code", "says", "prepare"),
    [
        row("no program", f"{NOWHERE} --runtime tnn", 2, "--runtime tnn needs --tnn-test"),
        row("no file", f"{NOWHERE} --tnn-test nosuch", 2, "--tnn-test.*nosuch.*does not exist"),
        row("no phone", "bench phone --tnn-test static", 2, "--tnn-test needs a phone"),
        row(
            "a program for nothing",
            f"{NOWHERE} --runtime ncnn --tnn-test static",
            2,
            "--tnn-test needs --runtime tnn",
        ),
        row(
            "a library for nothing",
            f"{NOWHERE} --runtime ncnn --tnn-lib lib.so",
            2,
            "--tnn-lib needs --runtime tnn",
        ),
        row(
            "with ncnn",
            f"{NOWHERE} --runtime tnn,ncnn --tnn-test static",
            2,
            "'ncnn' can't take turns with TNN.*one after the other",
        ),
        row(
            "a precision that TNN lacks",
            f"{NOWHERE} --runtime tnn:int8 --tnn-test static",
            2,
            "unknown runtime 'tnn:int8': of TNN there are tnn, tnn:fp16-storage, tnn:f",
        ),
        row(
            "frame after frame",
            f"{NOWHERE} --tnn-test static --interval 3",
            2,
            "--interval needs the native runner",
        ),
        row("layers", f"{NOWHERE} --tnn-test static --profile", 2, "--profile needs the native"),
        row("another CPU's", f"{NOWHERE} --tnn-test x86", 4, "x86 is built for x86_64, expected"),
        row("no ELF file", f"{NOWHERE} --tnn-test script", 4, "script is no ELF file"),
        row("no library", f"{NOWHERE} --tnn-test shared", 4, "needs libTNN.so, which no phone has"),
        row(
            "another library",
            f"{NOWHERE} --tnn-test static --tnn-lib lib.so",
            4,
            "static loads no lib.so, it needs no library",
        ),
        row("nobody there", f"{NOWHERE} --tnn-test static", 5, "127.0.0.1:1"),
    ],
)
def test_it_is_refused_in_one_line(command, code, says, prepare, capfd: Capture):
    refused(command, code, says, capfd)


@pytest.fixture
def playing(phone: Phone) -> Phone:
    """A script needs no emulator."""
    phone.set_property("debug.mobileinst.exec_prefix", "")
    return phone


def measured(
    phone: Phone, bundle: Bundle, program: Path, modes: Sequence[str], watch: Watch = UNWATCHED
) -> BenchResult:
    lines = {graph: output_lines(bundle, graph) for graph in bundle.manifest.graphs}
    test = TnnProgram(write_fake(program, lines))
    tnn = TnnSettings(test, tuple(MODES[mode] for mode in modes), runs=2)
    settings = PhoneSettings(BenchSettings(warmup=0, iterations=2, graphs=("fold",)))
    with open_session(phone.serial, phone.keys, remove_files=True) as session:
        return bench_tnn(session, bundle, tnn, settings, watch)


def test_a_played_program_on_androids_own_shell(playing: Phone, phone_bundle: Path, tmp_path: Path):
    modes = ("tnn:fp16", "tnn:auto")
    found = measured(playing, open_bundle(phone_bundle), tmp_path / "TNNTest", modes)
    assert set(found.graphs) == {"keyframe", "fold", "tnn:auto/keyframe", "tnn:auto/fold"}
    assert {graph.precision for graph in found.graphs.values()} == {"fp16"}
    assert found.conditions.core == (os.cpu_count() or 1) - 1
    assert all(series.temperatures_c[0] == 38 for series in found.thermal)
    assert found.emulated
    assert leftovers(playing) == []


def test_an_interrupted_one_leaves_nothing(playing: Phone, phone_bundle: Path, tmp_path: Path):
    def stop(done: int, total: int) -> None:
        if done == 2:  # while the third process runs
            raise KeyboardInterrupt

    watch = Watch(stop, no_progress)
    with pytest.raises(KeyboardInterrupt):
        measured(playing, open_bundle(phone_bundle), tmp_path / "TNNTest", ("tnn",), watch)
    assert leftovers(playing) == []


def real_program() -> Path:
    if not (name := os.environ.get("TNN_TEST")):
        pytest.skip("no TNNTest for aarch64: set TNN_TEST to a static one")
    return Path(name)


def bench(phone: Phone, bundle: Path, *options: object) -> Ran:
    rounds = ("--iterations", 2, "--warmup", 0, "--graphs", "fold", "--format", "json")
    quick = (*rounds, "--tnn-runs", 1, "--tnn-warmup-runs", 0)
    where = ("--serial", phone.serial, "--keys", phone.keys)
    return run("bench", bundle, *where, "--tnn-test", real_program(), *quick, *options)


def test_a_real_one_measures_and_leaves_nothing(phone: Phone, phone_bundle: Path):
    ran = bench(phone, phone_bundle, "--remove-files")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert set(found["graphs"]) == {"keyframe", "fold"}
    assert all(len(graph["samples_ms"]) == 2 for graph in found["graphs"].values())
    assert found["emulated"]
    files = {file["name"]: file["sha256"] for file in found["files"]}
    assert files["TNNTest"] == digest(real_program())
    assert leftovers(phone) == []


def test_a_real_ones_refusal_is_told(phone: Phone, phone_copy: Path):
    protos = list(phone_copy.glob("tnn/fold*.tnnproto"))
    old = digest(protos[0])
    for proto in protos:  # of one content, which the manifest names twice
        content = proto.read_bytes()
        proto.unlink()
        proto.write_bytes(content.replace(b'"MatMul ', b'"NoSuch ', 1))
    manifest = phone_copy / "manifest.json"
    manifest.write_text(manifest.read_text().replace(old, digest(protos[0])))
    ran = bench(phone, phone_copy)
    assert (ran.code, ran.out) == (4, "")
    assert "fold.fp32.tnnproto: Error: layer type NoSuch is not supported" in ran.err
