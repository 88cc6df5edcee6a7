"""bench on a phone that Google's adbd plays, with the runner for Android in an emulator."""

import json
import socket
from pathlib import Path

import pytest

from android_bench.building import Runner
from android_bench.measurement import results
from android_bench.measurement.results import BenchResult
from tests.command import Ran, run
from tests.device.phone import Phone, leftovers
from tests.device.sysfs import COOL_C
from tests.mobileinst_deploy.toy_bundle import write_bundle

pytestmark = pytest.mark.usefixtures("arm_runner", "emulator")

QUICK = ("--graphs", "fold", "--warmup", 0, "--iterations", 2)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Quick even in an emulator."""
    return write_bundle(tmp_path_factory.mktemp("bundles") / "tiny").path


def bench(bundle: Path, phone: Phone, *options: object) -> Ran:
    return run("bench", bundle, "--serial", phone.serial, "--keys", phone.keys, *QUICK, *options)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results") / "bench.json"


@pytest.fixture(scope="module")
def ran(toy: Path, lasting_phone: Phone, output: Path) -> Ran:
    """All that can be asked for."""
    runtimes = ("--runtime", "ncnn,ncnn:fp16-storage", "--remove-files")
    schedule = ("--graphs", "fold,reuse_folded", "--interval", 2, "--frames", 4, "--fps", 1)
    return bench(toy, lasting_phone, *runtimes, *schedule, "--profile", "-o", output)


@pytest.fixture(scope="module")
def result(ran: Ran, output: Path) -> BenchResult:
    assert ran.code == 0, ran.err
    return results.load(output)


def test_the_report_says_that_no_time_means_anything(ran: Ran):
    assert ran.code == 0, ran.err
    shown = " ".join(ran.out.split())
    assert "(emulated: correctness only): latency in ms" in shown
    assert "Warning: emulated: correctness only" in shown


def test_the_report_has_its_circumstances(ran: Ran, result: BenchResult):
    core = result.conditions.core
    shown = " ".join(ran.out.split())
    for part in (
        f"SM7325, core {core} (prime), 1 thread, fp16-storage, fp32, ncnn, ncnn:fp16-storage 1.0",
        "Clock: 2400 MHz before and 2400 MHz after, at most 2400 MHz, governor schedutil.",
        f"Temperature: {COOL_C:.1f} °C before, {COOL_C:.1f} °C after.",
        "Told: num_threads 1, ",
        "(aarch64-android, Release, ncnn 1.0.",
        "Throttled: ",
        "frames in ms, one key frame in 2, at 1 frames a second",
        "ncnn:fp16-storage/fold: the slowest of",
    ):
        assert part in shown


def test_conditions_are_the_phones(result: BenchResult, lasting_phone: Phone, arm_runner: Runner):
    conditions, device = result.conditions, result.device
    assert conditions.device == device.serial == lasting_phone.serial
    assert (device.abi, conditions.cluster, conditions.threads) == ("arm64-v8a", "prime", 1)
    assert conditions.cores_seen == (conditions.core,)
    assert conditions.platform == f"Android {device.android_version}"
    assert (conditions.runner.sha256, conditions.runner.target) == (
        arm_runner.sha256, "aarch64-android",
    )  # fmt: skip
    assert {series.type for series in result.thermal} == {z.type for z in device.cpu_zones}
    assert {file.sha256 for file in result.files} >= {arm_runner.sha256}


def test_every_series_is_whole(result: BenchResult):
    names = ("keyframe", "fold", "reuse_folded")
    assert [*result.graphs] == [*names, *(f"ncnn:fp16-storage/{name}" for name in names)]
    for graph in (*result.graphs.values(), result.control):
        assert len(graph.samples_ms) == len(graph.cores) == len(graph.at_ms) == 2
    assert [len(run.frames) for run in result.schedules.values()] == [4, 4]
    assert result.profile.keys() == result.graphs.keys()


def test_nothing_is_left_where_that_is_asked_for(ran: Ran, lasting_phone: Phone):
    assert ran.code == 0, ran.err
    assert leftovers(lasting_phone) == []


def test_a_phone_that_is_not_there_does_not_lose_what_the_other_found(
    toy: Path, lasting_phone: Phone, tmp_path: Path
):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        absent = f"127.0.0.1:{nobody.getsockname()[1]}"
    output = tmp_path / "bench.json"
    ran = bench(toy, lasting_phone, "--serial", absent, "-o", output, "--format", "json")
    assert ran.code == 5
    assert f"Error: {absent}: " in ran.err
    saved = tmp_path / f"bench-{lasting_phone.serial.replace(':', '_')}.json"
    assert [*tmp_path.iterdir()] == [saved]
    assert json.loads(ran.out) == [json.loads(saved.read_text())]
    assert results.load(saved).bundle == "tiny"


REFUSED = {
    "a core": (("--core", "12"), "has no core '12'; choose one of prime"),
    "a cluster": (("--core", "turbo"), "has no core 'turbo'; choose one of prime"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_phone_lacks_is_refused(
    name: str, toy: Path, lasting_phone: Phone, tmp_path: Path
):
    options, says = REFUSED[name]
    ran = bench(toy, lasting_phone, *options, "-o", tmp_path / "bench.json")
    assert (ran.code, ran.out, ran.err.count("\n")) == (5, "", 1)
    assert says in ran.err
    assert [*tmp_path.iterdir()] == []
