"""The runtime `tnn`, with the interpreter in TNN's place and, where TNN_LIBRARY is set, in TNN."""

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from export.manifest import Bundle, read_bundle
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.runtimes import TNN, TNN_INTERPRETER
from mobileinst_deploy.runtimes.tnn.build import build_loader
from mobileinst_deploy.runtimes.tnn.library import obstacle, tnn_library
from mobileinst_deploy.runtimes.tnn.session import TnnSession, why_it_failed
from tests.command import run
from tests.mobileinst_deploy import fake_tnn
from tests.mobileinst_deploy.tnn_places import place_headers, place_library

Patch = pytest.MonkeyPatch
COMPILER = 'while [ "$1" != -o ]; do shift; done; cp /bin/true "$2"'
WHY_NOT = obstacle()
needs_tnn = pytest.mark.skipif(WHY_NOT is not None, reason=f"TNN_LIBRARY: {WHY_NOT}")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: Patch) -> Path:
    """A library that is none, whose program is the interpreter; the folder for temporary files."""
    (tmp_path / "compiler.sh").write_text(COMPILER)
    place_headers(tmp_path / "include")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    settings = {
        "TNN_LIBRARY": str(place_library(tmp_path / "libTNN.a")),
        "TNN_INCLUDE": "",
        "TNN_DEVICE": "",
        "TNN_PRECISION": "",
        "CXX": f"sh {shlex.quote(str(tmp_path / 'compiler.sh'))}",
        "TNN_LAUNCHER": shlex.join([sys.executable, fake_tnn.__file__]),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return temporary


@pytest.fixture
def faster(fake: Path, monkeypatch: Patch) -> Path:
    """The same without processes, which take seconds to import torch."""
    monkeypatch.setattr(TnnSession, "call_loader", lambda self, folder: fake_tnn.main(folder))
    return fake


@pytest.fixture
def bundle(phone_bundle: Path) -> Bundle:
    return read_bundle(phone_bundle)


def kernels(bundle: Bundle):
    shape = bundle.graph("fold").inputs[0].shape
    sides = [side if isinstance(side, int) else 5 for side in shape]
    return {"kernels": np.random.default_rng(0).normal(size=sides).astype(np.float32)}


def test_a_graph_runs_by_our_names(fake: Path, bundle: Bundle):
    given = kernels(bundle)
    got, expected = (runtime.load(bundle, "fold").run(given) for runtime in (TNN, TNN_INTERPRETER))
    assert [*got] == [output.name for output in bundle.graph("fold").outputs]
    for name, array in expected.items():
        np.testing.assert_array_equal(got[name], array)
    assert [*fake.iterdir()] == []


def test_a_part_of_a_graph_runs(faster: Path, bundle: Bundle):
    ours, twin = (runtime.load(bundle, "fold") for runtime in (TNN, TNN_INTERPRETER))
    assert ours.nodes() == twin.nodes()
    blobs = [name for node in ours.nodes()[2:5] for name in node.outputs]
    given = kernels(bundle)
    got, expected = (session.run_to(given, blobs) for session in (ours, twin))
    assert [*got] == blobs
    for name in blobs:
        np.testing.assert_array_equal(got[name], expected[name])
    assert [*faster.iterdir()] == []


def test_parity_compares_it(faster: Path, phone_bundle: Path, monkeypatch: Patch):
    library = os.environ["TNN_LIBRARY"]
    monkeypatch.delenv("TNN_LIBRARY")
    options = ("--runtimes", "tnn,tnn:fp16-storage", "--frames", 1, "--format", "json")
    ran = run("parity", phone_bundle, *options, "--tnn-lib", library)
    report = json.loads(ran.out)
    assert (ran.code, report["verdict"]) == (0, "pass")
    assert {c["runtime"] for c in report["comparisons"]} >= {"tnn", "tnn:fp16-storage"}
    assert report["versions"]["tnn"].endswith(", NAIVE, HIGH")
    assert "TNN_LIBRARY" not in os.environ
    assert [*faster.iterdir()] == []


def test_parity_says_what_is_missing(phone_bundle: Path, monkeypatch: Patch):
    monkeypatch.delenv("TNN_LIBRARY", raising=False)
    ran = run("parity", phone_bundle, "--runtimes", "tnn", "--frames", 1)
    assert ran.code == 4
    assert ran.err.splitlines()[-1].startswith("Error: there is no TNN: set TNN_LIBRARY")
    ran = run("parity", phone_bundle, "--tnn-lib", "none.so")
    assert ran.code == 2
    assert "'none.so' does not exist" in ran.err


def test_another_shape_is_refused(fake: Path, bundle: Bundle):
    session = TNN.load(bundle, "fold")
    with pytest.raises(RunError, match=r"tnn on graph 'fold': input '.*' has the shape \(1, 2\)"):
        session.run({"kernels": np.zeros((1, 2), np.float32)})


@pytest.mark.parametrize(
    ("launcher", "says"),
    [
        ("sh -c 'echo E/tnn: log >&2; echo tnn-loader: why >&2; exit 1'", "why$"),
        ("sh -c 'printf E/tnn: >&2; echo tnn-loader: behind it >&2; exit 1'", "behind it$"),
        ("sh -c 'echo E/tnn: log >&2; kill -SEGV $$'", "TNN died of SIGSEGV after 'E/tnn: log'$"),
        ("sh -c 'exit 7'", "TNN ended with exit code 7$"),
        ("sh -c 'exec sleep 20'", r"TNN took longer than 1 s; TNN_TIMEOUT_S gives it more$"),
    ],
)
def test_what_a_run_says_is_told(fake: Path, bundle: Bundle, monkeypatch: Patch, launcher, says):
    monkeypatch.setenv("TNN_TIMEOUT_S", "1")
    monkeypatch.setenv("TNN_LAUNCHER", launcher)
    session = TNN.load(bundle, "fold")
    with pytest.raises(RunError, match=f"^tnn on graph 'fold': {says}"):
        session.run(kernels(bundle))
    assert [*fake.iterdir()] == []


def test_real_time_signals_have_no_name():
    assert why_it_failed(-200, "") == "TNN ended with exit code -200"


def test_an_interrupted_run_leaves_nothing(fake: Path, phone_bundle: Path, monkeypatch: Patch):
    """The temporary folder is there while the run lasts, and is not there when it was stopped."""
    started = fake / "started"
    monkeypatch.setenv("TNN_LAUNCHER", f"sh -c 'touch {started}; exec sleep 60'")
    monkeypatch.setenv("TMPDIR", str(fake))
    code = "from mobileinst_deploy.cli.main import main; main()"
    options = ("parity", str(phone_bundle), "--runtimes", "tnn", "--frames", "1")
    process = subprocess.Popen([sys.executable, "-c", code, *options], stderr=subprocess.PIPE)
    while not started.exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 128 + signal.SIGTERM, said
    assert [*fake.glob("mobileinst-tnn-*")] == []


@needs_tnn
def test_tnn_agrees_with_the_interpreter(bundle: Bundle):
    ours, twin = (runtime.load(bundle, "fold") for runtime in (TNN, TNN_INTERPRETER))
    given = kernels(bundle)
    got, expected = ours.run(given), twin.run(given)
    for name, array in expected.items():
        np.testing.assert_allclose(got[name], array, atol=1e-4 * np.abs(array).max())


@needs_tnn
def test_parity_passes_in_tnn(phone_bundle: Path):
    ran = run("parity", phone_bundle, "--runtimes", "tnn,tnn:fp16-storage", "--frames", 1)
    assert ran.code == 0, ran.out


@needs_tnn
def test_the_program_is_built_with_tnn(tmp_path: Path, monkeypatch: Patch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tnn = tnn_library()
    said = subprocess.run(
        [*tnn.launcher, build_loader(tnn)], capture_output=True, text=True, check=False
    )
    assert said.stderr.startswith("tnn-loader: expected one argument")
