import msgspec
import numpy as np
import pytest

from android_bench.errors import BenchError
from android_bench.measurement.steadiness import CoreSeries, Steadiness, Zone, judge

COUNT, PERIOD_S, FULL_KHZ, LOW_KHZ = 100, 0.5, 2_400_000, 1_800_000
AT_S = np.arange(COUNT) * PERIOD_S
LATE = np.arange(COUNT) >= 60
GENERATOR = np.random.default_rng(0)
NOISE_MS = 10 + 0.1 * GENERATOR.normal(size=COUNT)
FLICKER = GENERATOR.random(COUNT) < 0.5
FULL = (FULL_KHZ,) * COUNT
NONE = (None,) * COUNT
CAPPED = tuple(np.where(LATE, LOW_KHZ, FULL_KHZ).tolist())
STEP_MS = NOISE_MS * np.where(LATE, 4 / 3, 1)


def series(samples_ms=NOISE_MS, frequencies_khz=FULL, limits_khz=FULL) -> CoreSeries:
    return CoreSeries(AT_S.tolist(), list(samples_ms), frequencies_khz, limits_khz)


CASES = {
    "flat noise": (series(), "no"),
    "single outliers": (series(NOISE_MS + 50 * (np.arange(COUNT) % 25 == 7)), "no"),
    "a clock that flickers": (
        series(
            NOISE_MS * np.where(FLICKER, 4 / 3, 1),
            tuple(np.where(FLICKER, LOW_KHZ, FULL_KHZ).tolist()),
        ),
        "no",
    ),
    "it warms up and gets faster": (series(NOISE_MS * np.linspace(1.2, 1, COUNT)), "no"),
    "linear drift": (series(NOISE_MS * np.linspace(1, 1.1, COUNT)), "suspected"),
    "a step at full limits": (series(STEP_MS), "suspected"),
    "a clock that falls": (
        series(frequencies_khz=tuple(np.linspace(FULL_KHZ, LOW_KHZ, COUNT).astype(int).tolist())),
        "suspected",
    ),
    "a step where the limit falls": (series(STEP_MS, CAPPED, CAPPED), "yes"),
    "a limit that falls for one sample": (
        series(limits_khz=(*FULL[:-1], LOW_KHZ)),
        "yes",
    ),
    "no frequencies": (series(frequencies_khz=NONE, limits_khz=NONE), "unknown"),
    "nothing recorded": (series(frequencies_khz=(), limits_khz=()), "unknown"),
    "a step without frequencies": (series(STEP_MS, NONE, NONE), "suspected"),
    "too short": (CoreSeries([0.0, 1.0], [10.0, 20.0], FULL[:2], FULL[:2]), "unknown"),
}


@pytest.mark.parametrize("name", CASES)
def test_verdict(name):
    graph, throttled = CASES[name]
    found = judge({"keyframe": graph})
    assert found.throttled == throttled
    assert bool(found.reasons) == (throttled != "no")


def test_a_drift_has_the_right_slope():
    drift = judge({"keyframe": CASES["linear drift"][0]}).latency["keyframe"]
    true = 0.1 / 1.05  # of the median
    assert drift.certain
    assert drift.ci95[0] < true < drift.ci95[1]
    assert drift.over_run == pytest.approx(true, rel=0.1)


def test_a_step_is_found_where_it_is_and_how_large():
    found = judge({"keyframe": series(STEP_MS, CAPPED, CAPPED)})
    (change,) = found.latency["keyframe"].changes
    assert change.at_s == 60 * PERIOD_S
    assert change.ratio == pytest.approx(4 / 3, rel=0.01)
    assert found.limits_khz == (FULL_KHZ, LOW_KHZ)
    assert "lowered from 2.40 GHz to 1.80 GHz after 30.0 s" in found.reasons[0]


def test_two_steps_are_found():
    pulse = NOISE_MS * np.where((np.arange(COUNT) >= 30) & (np.arange(COUNT) < 70), 1.3, 1)
    changes = judge({"keyframe": series(pulse)}).latency["keyframe"].changes
    expected_s = [30 * PERIOD_S, 70 * PERIOD_S]
    assert [change.at_s for change in changes] == pytest.approx(expected_s, abs=PERIOD_S)
    assert [change.ratio for change in changes] == pytest.approx([1.3, 1 / 1.3], rel=0.02)


def test_a_limit_that_is_raised_is_no_cap():
    raised = tuple(reversed(CAPPED))
    found = judge({"keyframe": series(limits_khz=raised)})
    assert (found.throttled, found.limits_khz) == ("no", (LOW_KHZ, FULL_KHZ))


def test_a_cap_is_seen_in_whichever_graph_ran_then():
    graphs = {"keyframe": series(), "fold": series(limits_khz=CAPPED)}
    assert judge(graphs).throttled == "yes"


def test_missing_frequencies_are_said_to_be_missing():
    (reason,) = judge({"keyframe": CASES["no frequencies"][0]}).reasons
    assert "does not say at which frequency" in reason


def test_temperatures():
    zone = Zone("cpu-prime", [0, 30, 60, 90], [40.0, 43.0, 47.0, 46.0])
    (warming,) = judge({"keyframe": series()}, [zone]).warming
    assert (warming.start_c, warming.end_c, warming.max_c) == (40, 46, 47)
    assert warming.per_minute_c == pytest.approx(14 / 3, abs=1)


@pytest.mark.parametrize("temperatures_c", [(), (None, None)])
def test_a_sensor_that_was_never_read_has_no_temperatures(temperatures_c):
    zone = Zone("cpu", list(range(len(temperatures_c))), temperatures_c)
    assert judge({"keyframe": series()}, [zone]).warming == ()


def test_a_sensor_that_was_read_once_has_no_trend():
    (warming,) = judge({"keyframe": series()}, [Zone("cpu", [0, 5], [None, 41.0])]).warming
    assert (warming.start_c, warming.per_minute_c) == (41, 0)


def test_heat_is_among_the_reasons_of_a_suspicion_only():
    zone = Zone("cpu-prime", [0, 50], [40.0, 60.0])
    assert judge({"keyframe": series()}, [zone]).reasons == ()
    suspected = judge({"keyframe": series(STEP_MS)}, [zone])
    assert any("cpu-prime went from 40.0 to 60.0 °C" in reason for reason in suspected.reasons)


def test_dependent_noise_is_rarely_suspected():
    generator, suspected = np.random.default_rng(0), 0
    for _ in range(200):
        noise = np.convolve(generator.normal(size=COUNT + 4), np.ones(5) / 5, "valid")
        suspected += judge({"keyframe": series(10 + 0.4 * noise)}).throttled != "no"
    assert suspected <= 6


def test_samples_that_are_no_numbers_are_refused():
    with pytest.raises(BenchError, match="finite"):
        judge({"keyframe": series([float("nan")] * COUNT)})


@pytest.mark.parametrize("name", CASES)
def test_a_verdict_survives_a_result_file(name):
    found = judge({"keyframe": CASES[name][0]}, [Zone("cpu", [0, 5], [40.0, 41.0])])
    assert msgspec.json.decode(msgspec.json.encode(found), type=Steadiness) == found
