"""What comes out of a network: the same as from ncnn's own wheel, on this CPU and on a phone's.

Wheel and runner are the same source of ncnn by different compilers, which fuse multiplications and
additions differently, and on ARM its kernels sum in another order. So the limit is float32's
preset; what was seen on ARM is 5e-6.
"""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from export.ncnn_net import Arrays
from mobileinst_deploy.parity.metrics import compare
from mobileinst_deploy.parity.tolerances import TOLERANCES, Tolerance, judge
from tests.android_bench.runner.bundled import (
    EMULATED,
    EMULATED_OLD,
    BundledJob,
    dumped_outputs,
    part_of,
    read_outputs,
)
from tests.android_bench.runner.program import Command, refused, succeeded
from tests.android_bench.runner.tiny import job_lines, tiny_job, values, write_files, write_job

Outputs = dict[str, Arrays]


def assert_alike(got: Outputs, expected: Outputs, precision: str, limit: Tolerance) -> None:
    keys = [key for key in got if key.startswith(f"{precision}/")]
    assert keys
    for key in keys:
        assert got[key].keys() == expected[key].keys()
        for name, reference in expected[key].items():
            verdict = judge(compare(reference, got[key][name]), limit)
            assert verdict.passed, (key, name, verdict.sentence)


@pytest.fixture(scope="module")
def on_host(host: Command, bundled: BundledJob, tmp_path_factory) -> Outputs:
    outputs = dumped_outputs(host, bundled.path, tmp_path_factory.mktemp("host"))
    assert len(outputs) == 15  # five graphs in three precisions
    return outputs


@pytest.fixture(scope="module")
def on_arm(arm: Command, bundled: BundledJob, tmp_path_factory) -> Outputs:
    folder = tmp_path_factory.mktemp("arm")
    return dumped_outputs(arm, part_of(bundled, EMULATED, folder), folder / "out")


@pytest.fixture(scope="module")
def on_old_arm(old_arm: Command, bundled: BundledJob, tmp_path_factory) -> Outputs:
    folder = tmp_path_factory.mktemp("old_arm")
    return dumped_outputs(old_arm, part_of(bundled, EMULATED_OLD, folder), folder / "out")


@pytest.mark.parametrize("precision", ["fp32", "fp16-storage"])
@pytest.mark.parametrize("device", ["on_host", "on_arm", "on_old_arm"])
def test_outputs_are_the_wheels(request, device: str, precision: str, expected: Outputs):
    assert_alike(request.getfixturevalue(device), expected, precision, TOLERANCES["fp32"])


def test_half_arithmetic_keeps_to_its_preset(on_arm: Outputs, expected: Outputs):
    assert_alike(on_arm, expected, "fp16", TOLERANCES["fp16"])
    exact, half = on_arm["fp32/keyframe"], on_arm["fp16/keyframe"]
    relative = compare(exact["mask_logits"], half["mask_logits"]).relative
    assert relative is not None
    assert relative > 1e-4  # it is float16


def test_without_half_arithmetic_the_rest_stays(on_old_arm: Outputs, expected: Outputs):
    assert_alike(on_old_arm, expected, "fp16", TOLERANCES["fp16-storage"])


def test_features_are_what_the_cpu_has(arm: Command, old_arm: Command, tmp_path: Path):
    job = tiny_job(tmp_path)
    new, old = (
        succeeded(command, "bench", job, "--iterations", 1).one("start")["features"]
        for command in (arm, old_arm)
    )
    assert {"asimdhp", "asimddp"} <= {*new}
    assert not {"asimdhp", "asimddp"} & {*old}


def test_dumped_files_are_plain_float32(host: Command, tmp_path: Path):
    """Channels of 15 values, which lie 16 apart in ncnn."""
    ended = succeeded(host, "dump", tiny_job(tmp_path), "--output-dir", tmp_path / "out")
    (got,) = read_outputs(ended)["tiny"].values()
    assert np.array_equal(got, np.maximum(values(), 0))
    event = ended.one("output")
    assert event["file"] == str(tmp_path / "out" / "0.bin")
    assert event["sha256"] == hashlib.sha256((tmp_path / "out" / "0.bin").read_bytes()).hexdigest()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["0.bin"]


@pytest.mark.parametrize("shape", [(7,), (4, 7), (2, 3, 5), (3, 2, 5, 7)])
def test_every_rank_keeps_its_shape(host: Command, tmp_path: Path, shape: tuple[int, ...]):
    image = np.arange(np.prod(shape), dtype="<f4").reshape(shape)
    write_files(tmp_path, image)
    text = ",".join(map(str, shape))
    lines = [line.replace("2,3,5", text) for line in job_lines(tmp_path)]
    outputs = dumped_outputs(host, write_job(tmp_path, lines), tmp_path / "out")
    assert np.array_equal(outputs["tiny"]["masks"], image)


def test_nan_and_infinity_are_counted(host: Command, tmp_path: Path):
    image = values()
    image[0, 0, :3], image[1, 2, 3:] = np.inf, np.nan
    write_files(tmp_path, image)
    job = write_job(tmp_path, [line.replace("out0", "in0") for line in job_lines(tmp_path)])
    event = succeeded(host, "dump", job, "--output-dir", tmp_path / "out").one("output")
    assert (event["nan"], event["inf"]) == (2, 3)


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (lambda out: out.write_text(""), "Not a directory"),
        (lambda out: (out / "0.bin.part").mkdir(parents=True), "Is a directory"),
        (lambda out: (out.mkdir(), (out / "0.bin.part").symlink_to("/dev/full")), "No space left"),
    ],
)
def test_what_can_not_be_written_is_an_error(host: Command, tmp_path: Path, prepare, says: str):
    prepare(tmp_path / "out")
    job = tiny_job(tmp_path)
    message = refused(host, 4, ("dump", job, "--output-dir", tmp_path / "out"))
    assert says in message
    assert not (tmp_path / "out" / "0.bin").exists()
