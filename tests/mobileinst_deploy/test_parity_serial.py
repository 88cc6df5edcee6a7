"""`mobileinst parity --serial` against Google's adbd, with the runner for phones under qemu."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from android_bench.building import Runner
from android_bench.remote.session import FOLDER
from export.manifest import open_bundle
from tests.command import Ran, run
from tests.device.phone import Phone, leftovers
from tests.device.proxy import Fault
from tests.mobileinst_deploy.planting import change_weight, plant_overflow
from tests.mobileinst_deploy.refusal import Capture, refused

GRAPHS = {"keyframe", "fold", "reuse_plain", "reuse_folded"}
PRECISIONS = {"fp32": "ncnn", "fp16-storage": "ncnn:fp16-storage", "fp16": "ncnn:fp16"}
OLD = "qemu-aarch64-static -cpu cortex-a57"  # ARMv8.0, which has no float16 arithmetic

pytestmark = pytest.mark.usefixtures("arm_runner", "emulator")


@pytest.fixture
def half_copy(half_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """ "half" in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(half_bundle, "half"))


def on(phone: Phone) -> tuple[str, ...]:
    """Its last core is where measurements are made."""
    return ("--serial", phone.serial, "--keys", str(phone.keys), "--core", "little")


def parity(phone: Phone, bundle: Path, *options: object) -> Ran:
    return run("parity", bundle, *on(phone), *options)


def stored(phone: Phone) -> set[str]:
    """Fails where anything but the store of files is left."""
    left = {*leftovers(phone)} - {FOLDER, f"{FOLDER}/files"}
    assert all(path.startswith(f"{FOLDER}/files/") for path in left)
    assert not [path for path in left if path.endswith(".part")]
    return left


class Compared:
    """All precisions on a phone that keeps nothing of it."""

    def __init__(self, phone: Phone, bundle: Path) -> None:
        options = ("--sequence", "1", "--format", "json", "--remove-files")
        self.ran = parity(phone, bundle, *options)
        self.left = leftovers(phone)
        self.report = json.loads(self.ran.out)
        self.names = {p: f"{name}@{phone.serial}" for p, name in PRECISIONS.items()}


@pytest.fixture(scope="module")
def found(lasting_phone: Phone, half_bundle: Path, arm_runner: Runner, emulator: str) -> Compared:
    return Compared(lasting_phone, half_bundle)


def worst(found: Compared, precision: str) -> float:
    rows = [c for c in found.report["comparisons"] if c["runtime"] == found.names[precision]]
    assert {c["graph"] for c in rows} == GRAPHS
    return max(c["relative"] for c in rows)


def test_every_precision_passes(found: Compared):
    held = {(c["runtime"], c["tolerance"]) for c in found.report["comparisons"]}
    assert (found.ran.code, found.report["verdict"]) == (0, "pass")
    assert held >= {(name, precision) for precision, name in found.names.items()}


def test_arithmetic_and_storage_show_in_the_figures(found: Compared):
    assert 0 < worst(found, "fp32") < 1e-4
    assert worst(found, "fp16-storage") > 3e-4
    assert worst(found, "fp16") > 3e-4
    assert worst(found, "fp16") != worst(found, "fp16-storage")


def test_state_is_handed_over(found: Compared):
    drifts = {
        (d["comparison"]["runtime"], d["comparison"]["graph"]) for d in found.report["sequence"]
    }
    reuse = ("reuse_plain", "reuse_folded")
    assert drifts == {(name, graph) for name in found.names.values() for graph in reuse}


def test_the_report_names_phone_and_runner(found: Compared, arm_runner: Runner):
    (used,) = found.report["phones"]
    assert (used["soc"], used["emulated"], used["left_out"]) == ("SM7325", True, {})
    assert (used["runner_sha256"], used["target"]) == (arm_runner.sha256, "aarch64-android")
    assert "asimdhp" in used["features"]


def test_nothing_is_left_where_that_was_asked_for(found: Compared):
    assert found.left == []


def test_the_next_step_is_a_measurement_there(found: Compared, lasting_phone: Phone):
    assert found.ran.err.startswith("Next: mobileinst bench ")
    assert found.ran.err.endswith(f" --serial {lasting_phone.serial}\n")


def test_the_table_says_that_it_is_emulated(phone: Phone, half_bundle: Path):
    ran = parity(phone, half_bundle, "--precisions", "fp32", "--runtimes", "onnxruntime")
    says = " ".join(ran.out.split())
    assert ran.code == 0, ran.out + ran.err
    assert "SM7325, arm64-v8a, Android 13" in says
    assert "emulated: correctness only" in says
    assert stored(phone)


def test_float16_overflow_is_found_on_the_phone_alone(phone: Phone, half_copy: Path):
    """Values that float32 and files in float16 bear, and float16 arithmetic does not."""
    plant_overflow(half_copy, "backbone", 14)
    ran = parity(phone, half_copy, "--precisions", "fp32,fp16", "--format", "json")
    report = json.loads(ran.out)
    failed = [c for c in report["comparisons"] if not c["passed"]]
    assert ran.code == 1, ran.err
    assert {c["runtime"] for c in failed} == {f"ncnn:fp16@{phone.serial}"}
    assert {c["graph"] for c in failed} == GRAPHS - {"fold"}
    assert any(c["nan"] + c["inf"] for c in failed)


def test_nan_fails_and_is_named(phone: Phone, half_copy: Path):
    change_weight(half_copy, "heads.kernel.2.bias", lambda values: np.full_like(values, np.nan))
    ran = parity(phone, half_copy, "--precisions", "fp32")
    (kernels,) = (
        o for o in open_bundle(half_copy).graph("keyframe").outputs if o.name == "kernels"
    )
    count = np.prod([int(side) for side in kernels.shape])
    assert ran.code == 1, ran.err
    says = " ".join(ran.out.split())
    assert f"ncnn@{phone.serial} keyframe/kernels on astronaut.jpg#0 has {count} NaN: " in says


def test_half_arithmetic_that_was_asked_for_and_is_lacking(
    phone: Phone, half_copy: Path, capfd: Capture
):
    phone.set_property("debug.mobileinst.exec_prefix", OLD)
    command = f"parity half --serial {phone.serial} --keys {phone.keys} --precisions fp16"
    refused(command, 5, "no float16 arithmetic .* compute in float32", capfd)
    assert stored(phone)


@pytest.mark.parametrize("marker", [b'"event":"loaded"', b'"event":"output"'])
def test_a_phone_lost_in_mid_run(phone: Phone, half_copy: Path, marker: bytes, capfd: Capture):
    with phone.proxy(Fault("drop", marker=marker)) as serial:
        command = f"parity half --serial {serial} --keys {phone.keys} --precisions fp32"
        refused(command, 5, "the connection to .* broke|closed", capfd)
    assert stored(phone)
