import pytest
from msgspec.structs import replace

from android_bench.errors import BenchError
from android_bench.measurement import measuring
from android_bench.measurement.measuring import AskedSchedule
from android_bench.measurement.results import RanFile
from android_bench.remote import run_log
from tests.android_bench.events import ASKED, CORE, JOB, KEYS, START, files, log, rounds, sample

RUNNER = RanFile("mobileinst-runner", "a" * 64, 4_000_000)


def test_each_graph_has_the_samples_that_count_in_the_order_of_the_rounds():
    samples = measuring.graph_samples(log(rounds()), ASKED)
    assert list(samples) == list(KEYS)
    assert samples["control"].samples_ms == (1, 2, 3)
    assert samples["keyframe"].samples_ms == (11, 12, 13)
    assert samples["ncnn:fp16/keyframe"].samples_ms == (21, 22, 23)


def test_a_graph_says_what_ran_it_and_how():
    graph = measuring.graph_samples(log(rounds()), ASKED)["ncnn:fp16/keyframe"]
    assert (graph.runtime, graph.precision) == ("ncnn:fp16", "fp16")
    assert (graph.load_ms, graph.first_ms) == (5, 2)
    assert graph.cores == (CORE,) * 3
    assert graph.frequencies_khz == graph.frequency_limits_khz == (2_400_000,) * 3


def test_samples_on_another_core_are_refused():
    events = [*rounds()[:-1], sample("control", 2, core=3)]
    with pytest.raises(BenchError, match=r"1 of 9 samples ran on another core than 7 \(3\)"):
        measuring.graph_samples(log(events), ASKED)


@pytest.mark.parametrize(("core", "says"), [(None, "pinned to no core"), (6, "pinned to core 6")])
def test_a_runner_on_another_core_is_refused(core, says):
    with pytest.raises(BenchError, match=f"core 7 was asked for, but .* {says}"):
        measuring.graph_samples(log(rounds(), replace(START, core=core)), ASKED)


BROKEN = {
    "a sample too few": (rounds()[:-1], "'control' has 2 samples, expected 3"),
    "none": ([], "'control' has 0 samples, expected 3"),
    "a sample too many": ([*rounds(), sample("control", 3)], "'control' has 4 samples"),
    "a round twice": ([*rounds()[:-1], sample("control", 1)], "one round after the other"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_another_number_of_rounds_than_asked_for_is_refused(name):
    events, says = BROKEN[name]
    with pytest.raises(BenchError, match=says):
        measuring.graph_samples(log(events), ASKED)


def test_a_graph_that_was_not_loaded_is_named():
    events = [event for event in log(rounds()).events if getattr(event, "key", "") != "keyframe"]
    with pytest.raises(BenchError, match="did not load 'keyframe'"):
        measuring.graph_samples(run_log.RunLog(tuple(events)), ASKED)


def test_a_sensor_has_its_readings_in_degrees():
    events = [run_log.Thermal(at_ns, "zone3", 40_000 + at_ns) for at_ns in (0, 1_500)]
    events.append(run_log.Thermal(0, "zone9", None))
    hot, dumb = measuring.thermal_series(log(events), {"zone3": "cpu-1-0-usr"})
    assert (hot.path, hot.type, hot.at_ms) == ("zone3", "cpu-1-0-usr", (0, 0.0015))
    assert hot.temperatures_c == (40, 41.5)
    assert (dumb.type, dumb.temperatures_c) == (None, (None,))


def test_files_have_names_and_the_runner_is_the_first():
    ran = measuring.ran_files(log(rounds()), JOB, RUNNER)
    assert [file.name for file in ran] == [
        "mobileinst-runner", "keyframe.param", "keyframe.bin", "keyframe/image",
    ]  # fmt: skip
    assert [file.sha256[0] for file in ran] == ["a", "1", "2", "3"]


def test_a_file_that_the_runner_did_not_check_is_refused():
    unchecked = run_log.RunLog((START, *files()[:-1]))
    with pytest.raises(BenchError, match="did not check the file 3333"):
        measuring.ran_files(unchecked, JOB, RUNNER)


def test_the_runner_is_described_by_what_it_says():
    facts = measuring.runner_facts(START, "a" * 64)
    assert (facts.version, facts.ncnn, facts.features) == ("0.3.0", "1.0.20261020", ("asimdhp",))
    assert measuring.runner_settings(START) == {"num_threads": 1, "lightmode": 1}


SCHEDULE = AskedSchedule(CORE, "ncnn", "fp32", 3, 6, 30.0, ("keyframe", "fold"), "reuse_folded")


def frames(count: int = 6, interval: int = 3, core: int = CORE) -> list[run_log.Frame]:
    """A key frame takes 40 ms, another 10; those late by more than nothing miss their deadline."""
    roles = ["reuse" if index % interval else "key" for index in range(count)]
    late_ms = {"key": 40 - 33, "reuse": 10 - 33}
    return [
        run_log.Frame(
            index, role, {"key": 40_000_000, "reuse": 10_000_000}[role], core, index,
            late_ns=late_ms[role] * 1_000_000, missed=role == "key", slot=index + index // 3,
        )
        for index, role in enumerate(roles)
    ]  # fmt: skip


def test_a_schedule_has_its_frames_by_role_and_what_they_missed():
    run = measuring.schedule_run(log(frames()), SCHEDULE)
    assert {role: timing.median_ms for role, timing in run.roles.items()} == {
        "key": 40, "reuse": 10,
    }  # fmt: skip
    assert [frame.ms for frame in run.frames] == [40, 10, 10, 40, 10, 10]
    assert (run.mean_ms, run.missed, run.lost) == (20, 2, 1)
    assert run.lateness.p50_ms == -23
    assert run.lateness.max_ms == 7


def test_without_a_rate_nothing_is_late():
    timeless = [replace(frame, late_ns=None, missed=None, slot=None) for frame in frames()]
    run = measuring.schedule_run(log(timeless), SCHEDULE)
    assert (run.missed, run.lost, run.lateness) == (None, None, None)


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (frames(5), "expected the frames 0 to 5 in order, got 5"),
        (frames(interval=2), "frame 2 ran as a key frame, expected reuse"),
        (frames(core=0), r"another core than 7 \(0\)"),
        ([replace(frames()[0], role="fold"), *frames()[1:]], "has the role 'fold'"),
    ],
)
def test_a_schedule_that_is_not_the_one_asked_for_is_refused(events, says):
    with pytest.raises(BenchError, match=says):
        measuring.schedule_run(log(events), SCHEDULE)


def layer(index: int, type_: str, *ms: int, key: str = "keyframe") -> run_log.Layer:
    return run_log.Layer(key, index, type_, f"l{index}", tuple(m * 1_000_000 for m in ms))


def wholes(*ms: float, key: str = "keyframe", core: int = CORE) -> list[run_log.Sample]:
    return [sample(key, round_, one, core=core) for round_, one in enumerate(ms)]


def test_a_profile_has_shares_and_its_own_overhead():
    events = [*wholes(5, 5), layer(0, "Convolution", 6, 6), layer(1, "ReLU", 2, 2)]
    events += [*wholes(1, 1, key="fold"), layer(0, "Add", 1, 1, key="fold")]
    found = measuring.profiles(log(events), CORE, 2)
    assert [one.share for one in found["keyframe"].layers] == [0.75, 0.25]
    assert (found["keyframe"].sum_ms, found["keyframe"].whole_ms) == (8, 5)
    assert found["keyframe"].overhead == pytest.approx(0.6)
    assert found["fold"].overhead == 0


PROFILES = {
    "a layer has a sample too few": (
        [*wholes(5, 5), layer(0, "ReLU", 1, 1), layer(1, "ReLU", 1)],
        "layer 'l1' has 1 samples, expected 2",
    ),
    "no whole runs": ([layer(0, "ReLU", 1, 1)], "'keyframe' has 0 samples, expected 2"),
    "another core": ([*wholes(5, 5, core=1), layer(0, "ReLU", 1, 1)], "2 of 2 samples ran on an"),
}


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_that_is_not_the_one_asked_for_is_refused(name):
    events, says = PROFILES[name]
    with pytest.raises(BenchError, match=says):
        measuring.profiles(log(events), CORE, 2)
