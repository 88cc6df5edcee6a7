"""A bundle's TNN files in a TNNTest on a phone: the user's own, or one that a script plays."""

import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from android_bench.errors import BenchError, DeviceError
from android_bench.measurement import results
from android_bench.measurement.results import BenchResult
from android_bench.remote.session import open_session
from android_bench.remote.store import no_progress
from android_bench.tnn.program import TnnProgram
from export.errors import BundleError
from export.manifest import Bundle, digest, open_bundle
from mobileinst_deploy.bench.phone import PhoneSettings, Watch
from mobileinst_deploy.bench.plan import BenchSettings
from mobileinst_deploy.bench.tnn_phone import bench_tnn
from mobileinst_deploy.bench.tnn_plan import (
    MODES,
    TnnSettings,
    input_text,
    output_lines,
    tnn_files,
    tnn_jobs,
    turns,
)
from tests.android_bench.local_phone import LocalPhone
from tests.device.sysfs import write_sysfs
from tests.fake_tnn_test import write_fake

GRAPHS = ("keyframe", "fold", "reuse_folded")
ROUNDS = BenchSettings(warmup=1, iterations=3, graphs=GRAPHS)


@pytest.fixture(scope="module")
def bundle(phone_bundle: Path) -> Bundle:
    return open_bundle(phone_bundle)


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalPhone:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    phone = LocalPhone(tmp_path / "phone")
    write_sysfs(phone.folder / "sys", os.cpu_count() or 1)
    return phone


@pytest.fixture
def fake(bundle: Bundle, tmp_path: Path) -> TnnProgram:
    lines = {graph: output_lines(bundle, graph) for graph in bundle.manifest.graphs}
    return TnnProgram(write_fake(tmp_path / "TNNTest", lines))


def measured(
    phone: LocalPhone,
    bundle: Bundle,
    program: TnnProgram,
    modes: tuple[str, ...] = ("tnn",),
    progress: Callable[[int, int], None] = no_progress,
    rounds: BenchSettings = ROUNDS,
) -> BenchResult:
    tnn = TnnSettings(program, tuple(MODES[mode] for mode in modes), runs=4)
    with open_session("local", connect=phone.connect) as session:
        watch = Watch(progress, no_progress)
        return bench_tnn(session, bundle, tnn, PhoneSettings(rounds), watch)


def test_every_graph_has_a_sample_a_round_with_its_extremes(
    phone: LocalPhone, bundle: Bundle, fake: TnnProgram
):
    found = measured(phone, bundle, fake)
    assert set(found.graphs) == set(GRAPHS)
    for graph in (*found.graphs.values(), found.control):
        assert graph.samples_ms == (1.25,) * 3
        assert graph.extremes_ms == ((1.0, 4.5),) * 3  # the script's longest is its -ic and a half
        assert (graph.runs_per_sample, graph.load_ms, graph.first_ms) == (4, None, 1.25)
        assert (graph.runtime, graph.precision) == ("tnn", "fp32")
        assert set(graph.cores) == {found.conditions.core}
        assert list(graph.at_ms) == sorted(graph.at_ms)


def test_the_result_states_the_setting(phone: LocalPhone, bundle: Bundle, fake: TnnProgram):
    conditions = measured(phone, bundle, fake, ("tnn", "tnn:fp16-storage")).conditions
    assert (conditions.threads, conditions.runtime) == (1, "tnn, tnn:fp16-storage")
    assert conditions.runtime_settings["device"] == "ARM"
    assert conditions.runtime_settings["precision of tnn"] == "HIGH (float32)"
    assert "a sample the mean of 4 runs in it after 3 more" in conditions.order
    assert re.search("which for reuse_folded has the values of the largest", conditions.inputs)
    assert f"TNNTest sha256 {digest(fake.test)[:12]}" in conditions.runtime_version


def test_it_comes_back_from_its_file(
    phone: LocalPhone, bundle: Bundle, fake: TnnProgram, tmp_path: Path
):
    found = measured(phone, bundle, fake)
    results.save(found, tmp_path / "result.json")
    assert results.load(tmp_path / "result.json") == found


def test_what_ran_is_named_with_its_hash(phone: LocalPhone, bundle: Bundle, fake: TnnProgram):
    files = {file.name: file.sha256 for file in measured(phone, bundle, fake).files}
    assert files["TNNTest"] == digest(fake.test)
    proto, model = bundle.artifact("fold", "tnn").files
    assert (files["fold.fp32.tnnproto"], files["fold.fp32.tnnmodel"]) == (
        proto.sha256,
        model.sha256,
    )
    assert {f"{graph}.txt" for graph in GRAPHS} < set(files)
    assert set(files.values()) <= phone.stored()


def test_further_precisions_come_behind_their_names(
    phone: LocalPhone, bundle: Bundle, fake: TnnProgram
):
    found = measured(phone, bundle, fake, ("tnn", "tnn:fp16-storage"))
    assert {name for name in found.graphs if ":" in name} == {
        f"tnn:fp16-storage/{graph}" for graph in GRAPHS
    }
    assert found.graphs["tnn:fp16-storage/fold"].precision == "fp16-storage"


def test_progress_counts_processes(phone: LocalPhone, bundle: Bundle, fake: TnnProgram):
    seen: list[tuple[int, int]] = []
    measured(phone, bundle, fake, progress=lambda *steps: seen.append(steps))
    count = (len(GRAPHS) + 1) * (1 + ROUNDS.warmup + ROUNDS.iterations)
    assert seen == [(done, count) for done in range(1, count + 1)]


def test_nothing_but_the_store_is_left(phone: LocalPhone, bundle: Bundle, fake: TnnProgram):
    measured(phone, bundle, fake)
    phone.pushed.clear()
    assert phone.stored()
    measured(phone, bundle, fake)
    assert phone.pushed == []


def played(fake: TnnProgram, behaviour: str, graph: str) -> TnnProgram:
    """Behaves so for one graph alone."""
    text = fake.test.read_text()
    fake.test.write_text(text.replace('case $behaviour in', f'''case $model in
*{graph}*) behaviour={behaviour} ;;
*) behaviour= ;;
esac
case $behaviour in'''))  # fmt: skip
    return fake


FAILURES = {
    "lies": "TNNTest has not measured fold.fp32.tnnproto: the first reason",
    "dies": "fold.fp32.tnnproto: it met an instruction that this CPU lacks",
    "nan": "1 values that TNNTest computed in fold.fp32.tnnproto at HIGH are NaN",
    "talks": "TNNTest printed 2 results for one run of fold.fp32.tnnproto",
}


@pytest.mark.parametrize("behaviour", FAILURES)
def test_what_goes_wrong_is_one_line_and_ends_it_at_once(
    phone: LocalPhone, bundle: Bundle, fake: TnnProgram, behaviour: str
):
    seen: list[int] = []
    with pytest.raises(BenchError, match=FAILURES[behaviour]):
        measured(
            phone, bundle, played(fake, behaviour, "fold.fp32"),
            progress=lambda done, total: seen.append(done),
        )  # fmt: skip
    assert max(seen) < len(GRAPHS) + 1
    assert phone.stored()


def test_outputs_that_are_missing_are_refused(phone: LocalPhone, bundle: Bundle, tmp_path: Path):
    short = TnnProgram(write_fake(tmp_path / "TNNTest"))
    with pytest.raises(BenchError, match=r"wrote 4 lines of outputs of keyframe.*, expected \d+"):
        measured(phone, bundle, short)


def test_a_phone_without_half_arithmetic_is_not_asked_for_it(
    phone: LocalPhone, bundle: Bundle, fake: TnnProgram
):
    with pytest.raises(DeviceError, match=r"no float16 arithmetic .* TNN would compute tnn:fp16"):
        measured(phone, bundle, fake, ("tnn", "tnn:fp16"))
    assert phone.pushed == []


def test_a_bundle_without_tnn_files_is_refused(
    phone: LocalPhone, small_bundle: Path, fake: TnnProgram
):
    with pytest.raises(BundleError, match="not there as tnn fp32"):
        measured(phone, open_bundle(small_bundle), fake)
    assert phone.pushed == []


def test_inputs_are_the_largest_ones_values(bundle: Bundle):
    from export.golden_io import golden_inputs

    for graph in GRAPHS:
        arrays = golden_inputs(bundle, graph, 0)
        name = max(arrays, key=lambda name: arrays[name].size)
        values = [float(line) for line in input_text(bundle, graph, 0).split()]
        assert values == pytest.approx(arrays[name].ravel().tolist(), rel=1e-7, abs=0)


def test_files_of_one_precision_are_there_once(bundle: Bundle):
    jobs = tnn_jobs(bundle, [MODES["tnn:fp16-storage"], MODES["tnn:fp16"]], GRAPHS)
    files = tnn_files(bundle, jobs, 0)
    assert Counter(Path(name).suffix for name in files) == {
        ".tnnproto": len(GRAPHS), ".tnnmodel": len(GRAPHS), ".txt": len(GRAPHS),
    }  # fmt: skip
    assert {(job.proto, job.mode.flag) for job in jobs if job.graph == "fold"} == {
        ("fold.fp16-storage.tnnproto", "HIGH"), ("fold.fp16-storage.tnnproto", "NORMAL"),
    }  # fmt: skip


def test_rounds_are_complete_and_shuffled_by_the_seed(bundle: Bundle):
    jobs = tnn_jobs(bundle, [MODES["tnn"]], GRAPHS)
    order = turns(jobs, ROUNDS)
    chunks = [order[start : start + len(jobs)] for start in range(0, len(order), len(jobs))]
    assert len(chunks) == ROUNDS.warmup + ROUNDS.iterations
    assert all({job.name for job in chunk} == {job.name for job in jobs} for chunk in chunks)
    assert order == turns(jobs, ROUNDS) != turns(jobs, replace(ROUNDS, seed=1))
