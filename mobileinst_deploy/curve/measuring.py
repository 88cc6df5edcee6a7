"""Measure a curve on one core of this machine, in one interleaved walk."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from time import perf_counter_ns

import numpy as np

from android_bench.measurement.conditions import load_average, pinned, read_core_state
from android_bench.measurement.core_clock import CoreClock
from android_bench.measurement.measuring import check_cores
from android_bench.measurement.neighbours import busy_elsewhere, read_core_times
from export.manifest import Bundle
from mobileinst_deploy.bench.host_conditions import HostState
from mobileinst_deploy.bench.rounds import garbage_collection_paused
from mobileinst_deploy.curve.recording import Record, as_samples
from mobileinst_deploy.curve.result import CurveResult, Samples
from mobileinst_deploy.curve.setups import REFERENCE, CurveSettings, Setup, make_setups
from mobileinst_deploy.curve.summarising import Measured, SetupData, summarise
from mobileinst_deploy.curve.walking import walk
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.clips import Clip
from mobileinst_deploy.evaluation.judging import Judge
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.tracking.network import Network, load_network
from mobileinst_deploy.tracking.video_tracker import VideoTracker

Progress = Callable[[int, int], None]  # frames done, frames in all
Load = Callable[[Bundle, Runtime], Network]


@dataclass(frozen=True)
class Task:
    """What walks over what."""

    bundle: Bundle
    setups: Sequence[Setup]
    clips: Sequence[Clip]
    settings: CurveSettings
    judge: Judge | None


def measure_curve(
    bundle: Bundle,
    runtimes: Sequence[Runtime],
    clips: Sequence[Clip],
    settings: CurveSettings,
    judge: Judge | None,
    progress: Progress,
    load: Load = load_network,
) -> CurveResult:
    """Raises InputError where the videos are too short or can't be read, DeviceError where the core
    can't be had, BundleError where a graph is missing, RunError where a graph fails, BenchError
    where a frame was worked on by another core.
    """
    check_lengths(clips, settings)
    task = Task(bundle, make_setups(runtimes, settings.schedules), clips, settings, judge)
    load_before = load_average()
    with pinned(settings.core) as core:
        before = read_core_state(core)
        # What is loaded first in a process was seen to lie worse in memory: nothing runs in it.
        spare = load(bundle, runtimes[0])
        networks = {runtime.name: load(bundle, runtime) for runtime in runtimes}
        times = read_core_times()
        with garbage_collection_paused():
            records, started_ns = walk_all(task, networks, progress)
        busy = busy_elsewhere(times, read_core_times(), core)
        del spare
        highest = CoreClock(core).highest_khz()
        state = HostState(core, highest, load_before, before, read_core_state(core), busy)
    series = [as_samples(record.steps, started_ns) for record in records]
    check_cores([seen for samples in series for seen in samples.cores], core)
    return summarise(measured(task, runtimes, state, records, series))


def check_lengths(clips: Sequence[Clip], settings: CurveSettings) -> None:
    """Raises InputError unless every interval comes to its second keyframe."""
    longest = max(clip.length for clip in clips)
    for name, schedule in settings.schedules.items():
        if schedule.longest >= longest:
            raise InputError(
                f"T = {name} needs a video of more than {schedule.longest} frames, got {longest}; "
                "give more frames or a lower --keyframe-interval"
            )


def walk_all(
    task: Task, networks: Mapping[str, Network], progress: Progress
) -> tuple[list[Record], int]:
    """A record for each setup, and when the walk began, after the warm-up."""
    generator, done = np.random.default_rng(task.settings.seed), count(1)
    warmup = min(task.settings.warmup, task.clips[0].length)
    total = warmup + sum(clip.length for clip in task.clips)
    first = islice(task.clips[0].load(), warmup)
    for _ in walk(first, task.setups, new_trackers(task, networks), generator):
        progress(next(done), total)
    records, started_ns = [Record(task.judge) for _ in task.setups], perf_counter_ns()
    for clip in task.clips:
        trackers = new_trackers(task, networks)
        for row in walk(clip.load(), task.setups, trackers, generator):
            for record, step, base in zip(records, row, references(task.setups), strict=True):
                record.add(step, row[base].tracked)
            progress(next(done), total)
        for record, tracker in zip(records, trackers, strict=True):
            record.end_video(clip, tracker.summaries())
    return records, started_ns


def new_trackers(task: Task, networks: Mapping[str, Network]) -> list[VideoTracker]:
    """Which remember nothing; those of a runtime share its sessions."""
    return [
        VideoTracker(
            task.bundle, networks[setup.runtime.name], setup.schedule, task.settings.tracking
        )
        for setup in task.setups
    ]


def references(setups: Sequence[Setup]) -> list[int]:
    """Of each setup, the place of T = 1 in the same runtime."""
    places = {s.runtime.name: place for place, s in enumerate(setups) if s.name == REFERENCE}
    return [places[setup.runtime.name] for setup in setups]


def measured(
    task: Task,
    runtimes: Sequence[Runtime],
    state: HostState,
    records: Sequence[Record],
    series: Sequence[Samples],
) -> Measured:
    rows = zip(task.setups, records, series, strict=True)
    data = [SetupData(setup, samples, r.tally, r.found) for setup, r, samples in rows]
    return Measured(task.bundle, runtimes, task.clips, task.settings, task.judge, state, data)
