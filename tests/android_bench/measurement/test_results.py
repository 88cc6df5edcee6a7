import json
from dataclasses import replace

import msgspec
import pytest

from android_bench import files
from android_bench.errors import BenchError
from android_bench.measurement import results
from android_bench.measurement.results import BenchResult, Conditions, GraphSamples, Measurement
from android_bench.measurement.summary import summarise

CONDITIONS = Conditions(
    device="host",
    cpu_model=None,
    core=1,
    cores_seen=(1,),
    threads=1,
    precision="fp32",
    runtime="onnxruntime",
    runtime_version="1.31.1",
    runtime_settings={"intra_op_num_threads": 1},
    warmup=0,
    iterations=4,
    order="interleaved",
    inputs="golden frame 0",
    frequency_before_khz=None,
    frequency_after_khz=None,
    governor=None,
    load_average=(0.5, 0.25, 0.0),
    kernel="6.1",
    platform="Linux",
)


def graph(*samples_ms: float) -> GraphSamples:
    return GraphSamples(samples_ms, (1,) * len(samples_ms), 5.0, 12.0, "fp32", "onnxruntime")


MEASUREMENT = Measurement(
    bundle="tiny",
    manifest_sha256="0" * 64,
    graphs={
        "keyframe": graph(10.0, 10.0, 10.0, 10.0),
        "reuse_plain": graph(9.0, 9.0, 9.0, 9.0),
        "reuse_folded": graph(6.0, 6.0, 6.0, 6.0),
        "fold": graph(2.0, 2.0, 2.0, 2.0),
    },
    control=graph(10.1, 10.1, 10.1, 10.1),
    peak_rss_mib=100.0,
    conditions=CONDITIONS,
)


@pytest.fixture
def result() -> BenchResult:
    return summarise(MEASUREMENT)


def with_keyframe(*samples_ms: float) -> BenchResult:
    return summarise(replace(MEASUREMENT, graphs={"keyframe": graph(*samples_ms)}))


def test_a_graph_is_summarised(result):
    timing = result.graphs["reuse_folded"]
    assert (timing.median_ms, timing.p90_ms, timing.p99_ms, timing.min_ms) == (6, 6, 6, 6)
    assert timing.ci95_ms == (6, 6)
    assert timing.ratio_to_keyframe == 0.6
    assert timing.ratio_to_keyframe_ci95 == (0.6, 0.6)
    assert timing.samples_ms == (6.0, 6.0, 6.0, 6.0)


def test_amortised_cost_has_one_fold_a_key_frame(result):
    assert result.amortised == pytest.approx({"1": 1.0, "3": 0.8, "6": 0.7})
    assert result.amortised_ms == pytest.approx({"1": 10.0, "3": 8.0, "6": 7.0})
    assert result.amortised_ci95["3"] == pytest.approx((0.8, 0.8))


def test_amortised_cost_of_the_plain_reuse_graph_has_no_fold(result):
    assert result.amortised_plain == pytest.approx({"1": 1.0, "3": 28 / 30, "6": 55 / 60})


def test_without_a_reuse_graph_only_key_frames_are_amortised():
    result = with_keyframe(10.0, 10.0, 10.0, 10.0)
    assert result.amortised == result.amortised_plain == {"1": 1.0}


def test_noise_floor_comes_from_the_control(result):
    assert result.noise_floor.difference == pytest.approx(0.01)
    assert result.control.samples_ms == (10.1, 10.1, 10.1, 10.1)


def test_a_quiet_measurement_has_no_warnings(result):
    assert result.warnings == ()


@pytest.mark.parametrize("governor", [None, "performance"])
def test_a_steady_or_unknown_governor_is_no_warning(governor):
    conditions = replace(CONDITIONS, governor=governor)
    assert summarise(replace(MEASUREMENT, conditions=conditions)).warnings == ()


def test_another_governor_is_a_warning():
    conditions = replace(CONDITIONS, governor="schedutil")
    (warning,) = summarise(replace(MEASUREMENT, conditions=conditions)).warnings
    assert "governor of core 1 is 'schedutil'" in warning


def test_a_high_noise_floor_is_a_warning():
    (warning,) = summarise(replace(MEASUREMENT, control=graph(*[10.4] * 4))).warnings
    assert "noise floor is 4.0%" in warning


@pytest.mark.parametrize(
    ("samples_ms", "direction"),
    [((10.0, 10.0, 10.6, 10.6), "above"), ((10.6, 10.6, 10.0, 10.0), "below")],
)
def test_halves_that_differ_are_a_warning(samples_ms, direction):
    assert any(f"% {direction} that in the first" in w for w in with_keyframe(*samples_ms).warnings)


def test_series_of_different_rounds_are_refused():
    with pytest.raises(BenchError, match="as many samples in both"):
        summarise(replace(MEASUREMENT, control=graph(10.0, 10.0)))


def test_save_and_load_give_the_same_result(result, tmp_path):
    path = tmp_path / "bench.json"
    results.save(result, path)
    assert results.load(path) == result
    assert [child.name for child in tmp_path.iterdir()] == ["bench.json"]


def test_the_json_keeps_its_contract(result):
    plain = json.loads(results.encode(result))
    assert plain["schema_version"] == results.SCHEMA_VERSION
    assert plain["graphs"]["keyframe"]["median_ms"] == 10.0
    assert plain["graphs"]["keyframe"]["samples_ms"] == [10.0] * 4
    assert plain["amortised"]["1"] == 1.0
    assert plain["conditions"]["core"] == 1


def test_a_save_that_fails_leaves_what_was_there(result, tmp_path, monkeypatch):
    path = tmp_path / "bench.json"
    path.write_text("before")

    def fail(source, target):
        raise OSError("disk full")

    monkeypatch.setattr(files.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        results.save(result, path)
    assert path.read_text() == "before"
    assert [child.name for child in tmp_path.iterdir()] == ["bench.json"]


def test_saving_into_a_folder_that_is_not_there_raises_and_makes_nothing(result, tmp_path):
    with pytest.raises(FileNotFoundError):
        results.save(result, tmp_path / "none" / "bench.json")
    assert list(tmp_path.iterdir()) == []


BROKEN = {
    "empty": (b"", "is not a bench result"),
    "not JSON": (b"{", "is not a bench result"),
    "not text": (b'{"schema_version": "\xff"}', "is not a bench result"),
    "too deep": (b"[" * 100_000, "is not a bench result"),
    "no version": (b"{}", "schema_version"),
    "another version": (b'{"schema_version": 99}', "schema version 99, which this .* expected 2"),
    "an older version": (
        b'{"schema_version": 1}',
        "schema version 1, of before phones .* expected 2",
    ),
    "only a version": (b'{"schema_version": 2}', "missing required field"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_one_line(name, tmp_path):
    content, message = BROKEN[name]
    path = tmp_path / "bench.json"
    path.write_bytes(content)
    with pytest.raises(BenchError, match=message) as caught:
        results.load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BenchError, match=r"can't read .*No such file"):
        results.load(tmp_path / "none.json")


def test_the_times_of_the_samples_are_judged():
    times = tuple(float(at) for at in range(60))
    steady = replace(graph(*[10.0] * 60), at_ms=times, frequency_limits_khz=(2_000,) * 60)
    capped = replace(steady, frequency_limits_khz=(2_000,) * 30 + (1_000,) * 30)
    verdicts = [
        summarise(
            replace(MEASUREMENT, graphs={"keyframe": one}, control=steady)
        ).steadiness.throttled
        for one in (steady, capped)
    ]
    assert verdicts[1] == "yes"
    assert verdicts[0] != "yes"


def test_several_results_are_a_list(result):
    assert (
        json.loads(results.encode_all([result, result])) == [json.loads(results.encode(result))] * 2
    )


@pytest.mark.parametrize("samples", [[], [1.0], [1.0, -1.0], [1.0, "2"]])
def test_samples_are_validated(result, samples, tmp_path):
    plain = msgspec.to_builtins(result)
    plain["graphs"]["keyframe"]["samples_ms"] = samples
    path = tmp_path / "bench.json"
    path.write_text(json.dumps(plain))
    with pytest.raises(BenchError, match="samples_ms"):
        results.load(path)
