"""bench on a phone that is a folder of this machine, with the runner for this machine."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from android_bench.building import Runner
from android_bench.errors import BenchError, DeviceError
from android_bench.measurement import results
from android_bench.measurement.conditions import allowed_cores
from android_bench.measurement.results import BenchResult
from android_bench.remote.session import open_session
from export.manifest import Bundle, digest
from mobileinst_deploy.bench.phone import PhoneSettings, Watch, bench_phone
from mobileinst_deploy.bench.phone_runs import ScheduleSettings
from mobileinst_deploy.bench.plan import BenchSettings
from mobileinst_deploy.bench.table import render
from mobileinst_deploy.runtimes.native import phone_runtimes
from tests.android_bench.local_phone import LocalPhone
from tests.device.sysfs import COOL_C, set_celsius, throttle, write_sysfs
from tests.mobileinst_deploy.toy_bundle import write_bundle

CORE = allowed_cores()[-1]
GRAPHS = ("fold", "reuse_folded")
ROUNDS = BenchSettings(warmup=1, iterations=3, graphs=GRAPHS)
QUICK = PhoneSettings(ROUNDS)
EVERYTHING = replace(QUICK, schedule=ScheduleSettings(3, 6, 1000.0), profile=True)
BOTH = ("ncnn", "ncnn:fp16-storage")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture(scope="module")
def everything(
    bundle: Bundle, host_runner: Runner, tmp_path_factory: pytest.TempPathFactory
) -> BenchResult:
    """All that can be asked for, of two precisions."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("phone")
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        return measured(make_phone(folder / "phone"), bundle, host_runner, EVERYTHING, BOTH)


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalPhone:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return make_phone(tmp_path / "phone")


def make_phone(folder: Path) -> LocalPhone:
    """Its cores are this machine's; the last is the prime one."""
    write_sysfs(folder / "sys", online=CORE + 1)
    phone = LocalPhone(folder)
    phone.answer("ro.product.cpu.abi", "x86_64")
    return phone


def measured(
    phone: LocalPhone,
    bundle: Bundle,
    runner: Runner,
    settings: PhoneSettings = QUICK,
    runtimes: tuple[str, ...] = ("ncnn",),
    samples: Callable[[int, int], None] = lambda done, total: None,
) -> BenchResult:
    known, watch = phone_runtimes(), Watch(samples, lambda done, total: None)
    with open_session("local", connect=phone.connect) as session:
        asked = [known[name] for name in runtimes]
        return bench_phone(session, runner, bundle, asked, settings, watch)


def test_every_graph_has_a_sample_a_round_on_the_core(everything: BenchResult):
    names = ("keyframe", *GRAPHS)
    assert [*everything.graphs] == [*names, *(f"ncnn:fp16-storage/{name}" for name in names)]
    for name, graph in everything.graphs.items():
        half = ":" in name
        assert len(graph.samples_ms) == 3
        assert graph.cores == (CORE,) * 3
        assert graph.frequencies_khz == graph.frequency_limits_khz == (2_400_000,) * 3
        assert list(graph.at_ms) == sorted(graph.at_ms)
        assert (graph.runtime, graph.precision) == (BOTH[half], ("fp32", "fp16-storage")[half])
    assert everything.control.runtime == "ncnn"


def test_conditions_are_complete(everything: BenchResult, host_runner: Runner):
    conditions = everything.conditions
    assert (conditions.device, conditions.core, conditions.cores_seen) == ("local", CORE, (CORE,))
    assert (conditions.warmup, conditions.iterations) == (1, 3)
    assert conditions.runtime_settings["num_threads"] == 1
    assert conditions.runner.sha256 == host_runner.sha256
    assert conditions.runner.ncnn == conditions.runtime_version == host_runner.ncnn_version
    assert (conditions.cluster, conditions.core_max_khz) == ("prime", 2_400_000)
    assert conditions.frequency_before_khz == conditions.frequency_after_khz == 2_400_000
    assert conditions.governor == "schedutil"
    assert conditions.temperature_before_c == conditions.temperature_after_c == COOL_C
    assert (conditions.max_temperature_c, everything.cool_down.reached) == (45, True)


def test_what_ran_is_named_with_its_hash(
    everything: BenchResult, bundle: Bundle, host_runner: Runner
):
    files = {file.name: file.sha256 for file in everything.files}
    assert next(iter(files.items())) == (host_runner.path.name, host_runner.sha256)
    for graph in ("keyframe", *GRAPHS):
        for ref in bundle.artifact(graph, "ncnn").files:
            assert files[ref.file] == ref.sha256
    assert {"keyframe/image", "fold/kernels"} <= set(files)


def test_the_schedule_of_each_runtime_has_its_frames(everything: BenchResult):
    assert [*everything.schedules] == [*BOTH]
    for name, run in everything.schedules.items():
        assert (run.runtime, run.interval, run.fps) == (name, 3, 1000.0)
        assert (run.key, run.reuse) == (("keyframe", "fold"), "reuse_folded")
        assert [frame.role for frame in run.frames] == ["key", "reuse", "reuse"] * 2
        assert run.missed == sum(frame.missed for frame in run.frames)
        assert run.lost == run.frames[-1].slot - run.frames[0].slot + 1 - 6


def test_the_profile_has_every_layer_of_every_graph(everything: BenchResult):
    assert everything.profile.keys() == everything.graphs.keys()
    for profile in everything.profile.values():
        assert sum(layer.share for layer in profile.layers) == pytest.approx(1)
        assert {len(layer.samples_ms) for layer in profile.layers} == {3}
    layers = [(layer.type, layer.name) for layer in everything.profile["keyframe"].layers]
    assert layers == [
        ("Input", "in0"), ("Softmax", "softmax"), ("ReLU", "relu"), ("Sigmoid", "sigmoid"),
    ]  # fmt: skip


def test_it_comes_back_from_its_file(everything: BenchResult, tmp_path: Path):
    results.save(everything, tmp_path / "bench.json")
    assert results.load(tmp_path / "bench.json") == everything


def test_the_report_says_what_an_emulated_device_is_good_for(everything: BenchResult):
    console = Console(width=120)
    with console.capture() as capture:
        console.print(render(everything))
    shown = " ".join(capture.get().split())
    assert "(emulated: correctness only): latency in ms" in shown
    assert "Warning: emulated: correctness only; no time" in shown
    assert "frames in ms, one key frame in 3, at 1000 frames a second" in shown
    assert "fold: the slowest of" in shown
    assert everything.warnings[0].startswith("emulated")
    assert json.loads(results.encode(everything))["emulated"] is True


def test_progress_counts_every_sample_of_every_run(
    phone: LocalPhone, bundle: Bundle, host_runner: Runner
):
    seen: list[tuple[int, int]] = []
    record = lambda done, total: seen.append((done, total))  # noqa: E731
    measured(phone, bundle, host_runner, EVERYTHING, samples=record)
    total = 4 * 4 + 6 + 4 * 3  # with the control; frames; the profile without it
    assert seen == [(done, total) for done in range(1, total + 1)]


def test_nothing_is_left_but_the_files(phone: LocalPhone, bundle: Bundle, host_runner: Runner):
    found = measured(phone, bundle, host_runner)
    assert {file.sha256 for file in found.files} <= phone.stored()
    assert digest(host_runner.path) in phone.stored()


def test_all_runs_have_the_same_files_so_each_is_pushed_once(
    phone: LocalPhone, bundle: Bundle, host_runner: Runner
):
    measured(phone, bundle, host_runner, EVERYTHING)
    names = {file.sha256 for file in measured(phone, bundle, host_runner).files}
    assert all(phone.pushed.count(name) == 1 for name in names)


def disguised(runner: Runner, folder: Path, pattern: str) -> Runner:
    """The runner, its output edited by sed."""
    script = folder / "disguised"
    script.write_text(f"#!/bin/sh\n'{runner.path}' \"$@\" | sed '{pattern}'\n")
    return replace(runner, path=script)


def test_a_sample_on_another_core_is_refused(
    phone: LocalPhone, bundle: Bundle, host_runner: Runner, tmp_path: Path
):
    """As where something moves the process: one sample says so."""
    moved = '/"key":"fold","phase":"measure","round":1,/s/"core":[0-9]*/"core":99/'
    runner = disguised(host_runner, tmp_path, moved)
    with pytest.raises(BenchError, match=r"1 of 12 samples ran on another core .* \(99\)"):
        measured(phone, bundle, runner)


def test_a_sample_that_is_missing_is_refused(
    phone: LocalPhone, bundle: Bundle, host_runner: Runner, tmp_path: Path
):
    runner = disguised(host_runner, tmp_path, '/"key":"fold","phase":"measure","round":2,/d')
    with pytest.raises(BenchError, match="'fold' has 2 samples, expected 3"):
        measured(phone, bundle, runner)


def test_a_clock_that_falls_during_the_run_is_flagged(
    phone: LocalPhone, bundle: Bundle, host_runner: Runner
):
    def heat_up(done: int, total: int) -> None:
        if done == total // 2:
            throttle(phone.folder / "sys", CORE, 1_200_000)
            set_celsius(phone.folder / "sys", 80)

    # So many that the runner waits for the harness to read: both are at about the same round.
    rounds = replace(ROUNDS, iterations=1000, graphs=("fold",))
    found = measured(phone, bundle, host_runner, replace(QUICK, rounds=rounds), samples=heat_up)
    assert found.steadiness.throttled == "yes"
    assert found.steadiness.limits_khz == (2_400_000, 1_200_000)
    assert any(re.match("Throttled: yes. .*from 2.40 GHz to 1.20 GHz", w) for w in found.warnings)
    assert found.conditions.temperature_after_c == 80


def test_a_phone_that_stays_hot_is_measured_with_a_warning(
    phone: LocalPhone, bundle: Bundle, host_runner: Runner
):
    set_celsius(phone.folder / "sys", 60)
    found = measured(phone, bundle, host_runner, replace(QUICK, cool_down_s=0.01))
    assert found.cool_down.reached is False
    assert any("still at 60.0 °C after" in w and "above the 45 °C" in w for w in found.warnings)


def test_float16_is_refused_where_the_phone_has_none(
    phone: LocalPhone, bundle: Bundle, host_runner: Runner
):
    with pytest.raises(DeviceError, match="local has no float16 arithmetic"):
        measured(phone, bundle, host_runner, runtimes=("ncnn:fp16",))
    assert phone.pushed == []


def test_a_core_that_is_not_there_is_refused_before_anything_is_pushed(
    phone: LocalPhone, bundle: Bundle, host_runner: Runner
):
    with pytest.raises(DeviceError, match="has no core 'turbo'"):
        measured(phone, bundle, host_runner, replace(QUICK, core="turbo"))
    assert phone.pushed == []


def test_a_schedule_without_its_graphs_is_refused_before_anything_is_pushed(
    phone: LocalPhone, bundle: Bundle, host_runner: Runner
):
    rounds = replace(ROUNDS, graphs=("fold",))
    with pytest.raises(BenchError, match="a schedule needs the graphs keyframe, fold, reuse_fold"):
        measured(phone, bundle, host_runner, replace(EVERYTHING, rounds=rounds))
    assert phone.pushed == []
