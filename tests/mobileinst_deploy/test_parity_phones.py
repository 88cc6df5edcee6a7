"""Rows of a phone in a comparison, on a phone that is a folder of this machine."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from android_bench.building import Runner
from android_bench.building.cache import BUILDS_VARIABLE
from android_bench.errors import BenchError, DeviceError, DeviceLostError
from android_bench.remote.session import open_session
from android_bench.transport.local import LocalTransport
from export.errors import BundleError
from export.manifest import Bundle, digest, open_bundle
from mobileinst_deploy.parity.frames import sequence_frames
from mobileinst_deploy.parity.phones import PhoneRows, PhoneWishes, open_rows
from mobileinst_deploy.parity.report import ParityReport
from mobileinst_deploy.parity.run import ParityWishes, run_parity
from mobileinst_deploy.parity.table import render
from tests.android_bench.local_phone import LocalPhone, Lossy
from tests.device.sysfs import write_sysfs
from tests.mobileinst_deploy.planting import change_weight, moved
from tests.mobileinst_deploy.refusal import Capture, refused

SERIAL = f"local-{os.getpid()}"
FLOAT, STORED, HALF = (f"ncnn{suffix}@{SERIAL}" for suffix in ("", ":fp16-storage", ":fp16"))
GRAPHS = {"keyframe", "keyframe_literal", "fold", "reuse_plain", "reuse_folded"}
ALL = PhoneWishes()
REUSING = {"keyframe", "reuse_plain", "reuse_folded"}


def silent(what: str) -> None:
    """Nobody watches."""


def local_phone(folder: Path) -> LocalPhone:
    phone = LocalPhone(folder)
    write_sysfs(folder / "sys", os.cpu_count() or 1)
    phone.answer("ro.product.cpu.abi", "x86_64")
    return phone


@pytest.fixture
def phone(host_runner: Runner, tmp_path: Path) -> LocalPhone:
    return local_phone(tmp_path / "phone")


@pytest.fixture(scope="module")
def bundle(phone_bundle: Path) -> Bundle:
    return open_bundle(phone_bundle)


@contextmanager
def opened(
    phone: LocalPhone, bundle: Bundle, wishes: PhoneWishes = ALL, connect=None
) -> Iterator[PhoneRows]:
    with open_session(SERIAL, connect=connect or phone.connect) as session:
        yield open_rows(session, bundle, wishes, silent)


def compared(phone: LocalPhone, bundle: Bundle, wishes: ParityWishes) -> ParityReport:
    with opened(phone, bundle) as rows:
        return run_parity(bundle, wishes.with_phones([rows]), silent)


class Compared:
    """A comparison with a sequence, and the phone behind it."""

    def __init__(self, folder: Path, bundle: Bundle) -> None:
        self.phone = local_phone(folder)
        wishes = ParityWishes((), sequence=sequence_frames(bundle, None, 1))
        self.report = compared(self.phone, bundle, wishes)


@pytest.fixture(scope="module")
def found(
    host_runner: Runner, bundle: Bundle, tmp_path_factory: pytest.TempPathFactory
) -> Compared:
    return Compared(tmp_path_factory.mktemp("compared") / "phone", bundle)


def test_every_precision_passes_on_every_graph_and_frame(found: Compared):
    seen = {(c.runtime, c.tolerance, c.graph, c.frame) for c in found.report.comparisons}
    rows = ((FLOAT, "fp32"), (STORED, "fp16-storage"))
    frames = ("astronaut.jpg#0", "chelsea.jpg#0")
    assert found.report.verdict == "pass"
    assert seen >= {(*row, graph, frame) for row in rows for graph in GRAPHS for frame in frames}


def test_no_runtime_of_this_machine_is_compared(found: Compared):
    runtimes = {c.runtime for c in found.report.comparisons}
    assert runtimes == {FLOAT, STORED, "pytorch", "preprocessing"}


def test_the_precisions_differ(found: Compared):
    """So that one is not the other under another name."""
    worst = {
        runtime: max(c.relative for c in found.report.comparisons if c.runtime == runtime)
        for runtime in (FLOAT, STORED)
    }
    assert 0 < worst[FLOAT] < 1e-4 < 1e-3 < worst[STORED]


def test_state_is_handed_over_on_the_phone(found: Compared):
    drifts = {(d.comparison.runtime, d.comparison.graph) for d in found.report.sequence}
    assert drifts == {(r, g) for r in (FLOAT, STORED) for g in ("reuse_plain", "reuse_folded")}


def test_the_report_says_what_ran_where(found: Compared, host_runner: Runner):
    (used,) = found.report.phones
    assert (used.serial, used.abi, used.emulated) == (SERIAL, "x86_64", True)
    assert (used.runner_sha256, used.target) == (host_runner.sha256, "x86_64-linux")
    assert used.core == (os.cpu_count() or 1) - 1
    assert found.report.versions["ncnn-runner"] == used.ncnn


def test_weights_are_pushed_once(found: Compared, bundle: Bundle):
    pushed = Counter(found.phone.pushed)
    weights = {
        ref.sha256
        for spec in bundle.manifest.graphs.values()
        for artifact in spec.artifacts
        if artifact.format == "ncnn"
        for ref in artifact.files
    }
    assert {sha256: pushed[sha256] for sha256 in weights} == dict.fromkeys(weights, 1)


def test_only_the_store_is_left(found: Compared):
    assert found.phone.connected == 1
    assert digest(found.phone.root / "files" / found.report.phones[0].runner_sha256)
    assert {path.name for path in found.phone.root.iterdir()} == {"files"}


def damaged(phone_bundle: Path, folder: Path, name: str, change) -> Bundle:
    copy = Path(shutil.copytree(phone_bundle, folder / "damaged"))
    change_weight(copy, name, change)
    return open_bundle(copy)


def test_a_planted_fault_is_found_and_bisected(
    phone: LocalPhone, phone_bundle: Path, tmp_path: Path
):
    place = "backbone.pyramid.4.layers.4"
    bundle = damaged(phone_bundle, tmp_path, f"{place}.weight", moved)
    report = compared(phone, bundle, ParityWishes((), golden=1, bisect=True))
    failed = {(c.runtime, c.graph) for c in report.comparisons if not c.passed}
    assert report.verdict == "fail"
    assert failed == {(FLOAT, graph) for graph in REUSING}
    assert {(c.runtime, c.graph, c.tensor) for c in report.culprits} == {
        (FLOAT, graph, place) for graph in REUSING
    }


def test_nan_is_counted_and_named(phone: LocalPhone, phone_bundle: Path, tmp_path: Path):
    def poison(values):
        return np.full_like(values, np.nan)

    bundle = damaged(phone_bundle, tmp_path, "heads.kernel.2.bias", poison)
    report = compared(phone, bundle, ParityWishes((), golden=1))
    failed = next(c for c in report.comparisons if not c.passed)
    assert (failed.runtime, failed.output) == (FLOAT, "kernels")
    assert failed.nan == np.prod(failed.shape)
    lines = [str(part) for part in render(report).renderables]
    says = f"{FLOAT} keyframe/kernels on {failed.frame} has {failed.nan} NaN: "
    assert [line for line in lines if line.startswith(says)]


def test_half_arithmetic_that_the_cpu_lacks_is_left_out(phone: LocalPhone, half_bundle: Path):
    with opened(phone, open_bundle(half_bundle)) as rows:
        assert [runtime.name for runtime in rows.runtimes] == [FLOAT, STORED]
        assert {graph.precision for graph in rows.nets.graphs} == {"fp32", "fp16-storage"}
        assert [*rows.used.left_out] == [HALF]
        assert "would compute in float32" in rows.used.left_out[HALF]


REFUSED = {
    "arithmetic": (("fp16",), "", "no float16 arithmetic .*avx"),
    "arithmetic of several": (("fp32", "fp16"), "", f"{HALF}: this CPU has no"),
    "core": ((), "99", "no core '99'"),
}


@pytest.mark.parametrize(("precisions", "core", "says"), REFUSED.values(), ids=REFUSED)
def test_what_the_phone_lacks_is_refused(
    phone: LocalPhone, half_bundle: Path, precisions, core: str, says: str
):
    with (
        pytest.raises(DeviceError, match=says),
        opened(phone, open_bundle(half_bundle), PhoneWishes(precisions, core)),
    ):
        pytest.fail("opened")


def test_files_that_the_bundle_lacks_are_refused(phone: LocalPhone, bundle: Bundle):
    with (
        pytest.raises(BundleError, match="ncnn fp16"),
        opened(phone, bundle, PhoneWishes(("fp16",))),
    ):
        pytest.fail("opened")


def test_a_bundle_without_ncnn_files(phone: LocalPhone, small_bundle: Path):
    with (
        pytest.raises(BundleError, match=r"no ncnn files.*--targets ncnn"),
        opened(phone, open_bundle(small_bundle)),
    ):
        pytest.fail("opened")
    assert phone.pushed == []


def test_an_abi_without_a_runner(phone: LocalPhone, bundle: Bundle):
    phone.answer("ro.product.cpu.abi", "armeabi-v7a")
    with pytest.raises(DeviceError, match="ABI 'armeabi-v7a'"), opened(phone, bundle):
        pytest.fail("opened")


def test_a_runner_that_is_not_built(
    phone: LocalPhone, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(BUILDS_VARIABLE, str(tmp_path))
    says = "'mobileinst runner build --target x86_64-linux'"
    with pytest.raises(DeviceError, match=says), opened(phone, bundle):
        pytest.fail("opened")


class Falsifying(LocalTransport):
    """What it fetches is not what was written."""

    def pull(self, source: str, target: Path) -> None:
        super().pull(source, target)
        target.write_bytes(b"\0" * target.stat().st_size)


def test_outputs_that_did_not_arrive_are_refused(phone: LocalPhone, bundle: Bundle):
    def connect(serial: str, keys: Path | None) -> LocalTransport:
        return Falsifying(phone.storage, {"PATH": f"{phone.tools}:/usr/bin:/bin"}, serial)

    with opened(phone, bundle, connect=connect) as rows:
        net = rows.runtimes[0].load(bundle, "fold")
        shape = [int(side) for side in bundle.graph("fold").inputs[0].shape]
        with pytest.raises(BenchError, match=f"came from {SERIAL} as .*; run it again"):
            net.run({"kernels": np.ones(shape, np.float32)})


@pytest.mark.parametrize("steps", [30, 60])
def test_a_phone_that_is_lost_is_cleaned(phone: LocalPhone, bundle: Bundle, steps: int):
    lost: list[Lossy] = []

    def connect(serial: str, keys: Path | None) -> LocalTransport | Lossy:
        inner = phone.connect(serial, keys)
        lost.append(Lossy(inner, steps))
        return inner if len(lost) > 1 else lost[0]

    with pytest.raises(DeviceLostError), opened(phone, bundle, connect=connect) as rows:
        run_parity(bundle, ParityWishes((), golden=1).with_phones([rows]), silent)
    assert phone.connected == 2
    assert len(phone.pushed) > len(phone.stored())  # which fails for what is not complete


USAGE = {
    "keys": ("--keys k", "--keys needs a phone: give --serial"),
    "core": ("--core prime", "--core needs a phone"),
    "precisions": ("--precisions fp16", "--precisions needs a phone"),
    "remove": ("--remove-files", "--remove-files needs a phone"),
    "twice": ("--serial a --serial a", "a serial is there twice"),
    "unknown": ("--serial a --precisions fp8", "'fp8': a phone has fp32, fp16-storage, fp16"),
    "none": ("--serial a --precisions ''", "unknown precision ''"),
}


@pytest.mark.parametrize(("options", "says"), USAGE.values(), ids=USAGE)
def test_options_that_make_no_sense(workplace: Path, options: str, says: str, capfd: Capture):
    refused(f"parity bundle {options}", 2, says, capfd)


def test_a_phone_that_is_not_there(workplace: Path, capfd: Capture):
    refused("parity bundle --serial 127.0.0.1:1", 5, "127.0.0.1:1", capfd)
