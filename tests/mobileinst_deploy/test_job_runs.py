"""A bundle's job in the real runner, through sessions: outputs are the ncnn wheel's."""

from pathlib import Path

import numpy as np
import pytest

from android_bench.building import Runner
from android_bench.remote.host_session import host_runner as serving
from android_bench.remote.run_log import File, Loaded, Output, Sample
from android_bench.remote.session import Session, open_session
from export.golden_io import golden_inputs
from export.manifest import Bundle, open_bundle
from mobileinst_deploy.bench.jobs import Wanted, make_job
from mobileinst_deploy.runtimes.artifacts import NCNN
from tests.device.phone import Phone, leftovers

ALL: tuple[Wanted, ...] = (
    ("control", "keyframe", "fp32"),
    ("keyframe", "keyframe", "fp32"),
    ("half/keyframe", "keyframe", "fp16-storage"),
    ("fold", "fold", "fp32"),
    ("reuse_folded", "reuse_folded", "fp32"),
)
KEYS = [key for key, _, _ in ALL]
CLOSE = 1e-5  # of the largest value: another compiler's float32


@pytest.fixture(scope="module")
def bundle(phone_bundle: Path) -> Bundle:
    return open_bundle(phone_bundle)


@pytest.fixture
def native_phone(phone: Phone) -> Phone:
    """It has this machine's CPU, and no emulator goes before its programs."""
    phone.set_property("debug.mobileinst.exec_prefix", "")
    return phone


def check_outputs(session: Session, bundle: Bundle, outputs: list[Output], folder: Path) -> None:
    graphs = {key: graph for key, graph, precision in ALL if precision == "fp32"}
    wanted = {g: NCNN.load(bundle, g).run(golden_inputs(bundle, g, 1)) for g in graphs.values()}
    for output in (output for output in outputs if output.key in graphs):
        session.pull(output.file, folder / "pulled")
        expected = wanted[graphs[output.key]][output.name].ravel()
        got = np.fromfile(folder / "pulled", "<f4")
        np.testing.assert_allclose(got, expected, rtol=0, atol=CLOSE * np.abs(expected).max())


def test_outputs_on_a_phone(
    native_phone: Phone, bundle: Bundle, host_runner: Runner, tmp_path: Path
):
    job = make_job(bundle, ALL, golden=1)
    with open_session(native_phone.serial, native_phone.keys, remove_files=True) as session:
        log = session.run(job, host_runner.path, "dump", ("--output-dir", "outputs"))
        outputs = log.of(Output)
        assert {output.key for output in outputs} == {*KEYS}
        check_outputs(session, bundle, outputs, tmp_path)
    assert {event.sha256 for event in log.of(File)} == {ref.sha256 for ref in job.files}
    assert leftovers(native_phone) == []


def test_samples_on_a_phone(native_phone: Phone, bundle: Bundle, host_runner: Runner):
    arguments = ("--core", "0", "--warmup", "1", "--iterations", "2", "--seed", "3")
    with open_session(native_phone.serial, native_phone.keys) as session:
        log = session.run(make_job(bundle, ALL), host_runner.path, "bench", arguments)
    measured = [sample.key for sample in log.of(Sample) if sample.phase == "measure"]
    assert sorted(measured) == sorted(KEYS * 2)
    assert (log.start.core, log.start.seed, log.start.iterations) == (0, 3, 2)
    assert [event.key for event in log.of(Loaded)] == KEYS


def test_samples_on_this_machine(bundle: Bundle, host_runner: Runner):
    with serving(make_job(bundle, ALL), host_runner.path, 0) as served:
        assert [served.sample(key).key for key in KEYS] == KEYS
        log = served.close()
    assert {sample.core for sample in log.of(Sample)} == {0}
