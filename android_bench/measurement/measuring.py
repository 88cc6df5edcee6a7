"""From what a runner said to a measurement: complete, on the core that was asked for, or refused.

Every function raises BenchError where the events are not those of the run that was asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from android_bench.errors import BenchError
from android_bench.measurement.frames import (
    Frame,
    Role,
    ScheduleRun,
    check_frames,
    lateness,
    lost,
    missed,
    summarise_roles,
)
from android_bench.measurement.layers import GraphProfile, LayerSamples, profile_graph
from android_bench.measurement.results import GraphSamples, RanFile, RunnerFacts, ThermalSeries
from android_bench.remote.job import Job, JobGraph
from android_bench.remote.run_log import File, Layer, Loaded, RunLog, Sample, Start, Thermal
from android_bench.remote.run_log import Frame as FrameEvent

MEASURE = "measure"
ROLES: dict[str, Role] = {"key": "key", "reuse": "reuse"}


@dataclass(frozen=True)
class Asked:
    """What the runner was told to do."""

    core: int
    warmup: int  # rounds
    iterations: int  # rounds that count
    runtimes: Mapping[str, str]  # the runtime's name by the key of each graph


def graph_samples(log: RunLog, asked: Asked) -> dict[str, GraphSamples]:
    """By key, in the order of `asked.runtimes`; every series has one sample a round."""
    check_core(log.start, asked.core)
    loaded = {event.key: event for event in log.of(Loaded)}
    if absent := [key for key in asked.runtimes if key not in loaded]:
        raise BenchError(f"the runner did not load {absent[0]!r}; run it again")
    samples = {key: measured(log.of(Sample), key, asked.iterations) for key in asked.runtimes}
    check_cores([event.core for series in samples.values() for event in series], asked.core)
    return {
        key: one_graph(loaded[key], series, asked.runtimes[key]) for key, series in samples.items()
    }


def measured(samples: Iterable[Sample], key: str, iterations: int) -> list[Sample]:
    """Those that count. Raises BenchError unless there is one of every round, in order."""
    series = [event for event in samples if (event.key, event.phase) == (key, MEASURE)]
    rounds = [event.round for event in series]
    if len(series) != iterations:
        raise BenchError(
            f"{key!r} has {len(series)} samples, expected {iterations}, one a round; run it again"
        )
    if rounds != list(range(rounds[0], rounds[0] + iterations)):
        raise BenchError(f"the samples of {key!r} are not those of one round after the other")
    return series


def one_graph(loaded: Loaded, series: Sequence[Sample], runtime: str) -> GraphSamples:
    return GraphSamples(
        samples_ms=tuple(milliseconds(event.ns) for event in series),
        cores=tuple(event.core for event in series),
        load_ms=milliseconds(loaded.load_ns),
        first_ms=milliseconds(loaded.first_ns),
        precision=loaded.precision,
        runtime=runtime,
        frequencies_khz=tuple(event.frequency_khz for event in series),
        frequency_limits_khz=tuple(event.frequency_max_khz for event in series),
        at_ms=tuple(milliseconds(event.at_ns) for event in series),
    )


def check_core(start: Start, core: int) -> None:
    """Raises BenchError unless the runner says that it is pinned to the core."""
    if start.core != core:
        pinned = "no core" if start.core is None else f"core {start.core}"
        raise BenchError(f"core {core} was asked for, but the runner was pinned to {pinned}")


def check_cores(cores: Sequence[int], core: int) -> None:
    """Raises BenchError unless every sample ran on the core."""
    if strays := [seen for seen in cores if seen != core]:
        raise BenchError(
            f"{len(strays)} of {len(cores)} samples ran on another core than {core} "
            f"({', '.join(map(str, sorted(set(strays))))}), so the result is refused; something "
            "moved the process while it was measured: stop that, or choose another core"
        )


def thermal_series(log: RunLog, types: Mapping[str, str]) -> tuple[ThermalSeries, ...]:
    """`types`: what each sensor's path measures, as cpu-1-0-usr; in the order of the events."""
    events = log.of(Thermal)
    series = {path: [e for e in events if e.path == path] for path in (e.path for e in events)}
    return tuple(
        ThermalSeries(
            path,
            types.get(path),
            tuple(milliseconds(event.at_ns) for event in own),
            tuple(None if event.milli_c is None else event.milli_c / 1000 for event in own),
        )
        for path, own in series.items()
    )


def runner_facts(start: Start, sha256: str) -> RunnerFacts:
    """`sha256`: of the runner's file."""
    return RunnerFacts(start.runner, sha256, start.ncnn, start.target, start.build, start.features)


def runner_settings(start: Start) -> dict[str, str | int]:
    """What ncnn was told, by option."""
    return {
        name: int(value) if isinstance(value, bool | int) else str(value)
        for name, value in start.options.items()
    }


def ran_files(log: RunLog, job: Job, runner: RanFile) -> tuple[RanFile, ...]:
    """The runner, and the files that it found to be as the job says."""
    files = known_files(job)
    check_files(log, files)
    return (runner, *files)


def check_files(log: RunLog, files: Iterable[RanFile]) -> None:
    """Raises BenchError unless the runner found all of them to be as the job says."""
    verified = {event.sha256 for event in log.of(File)}
    if absent := [file for file in files if file.sha256 not in verified]:
        raise BenchError(f"the runner did not check the file {absent[0].sha256}; run it again")


def known_files(job: Job) -> tuple[RanFile, ...]:
    """By names that people know."""
    names = file_names(job.graphs)
    return tuple(RanFile(names[ref.sha256], ref.sha256, ref.size) for ref in job.files)


def file_names(graphs: Iterable[JobGraph]) -> dict[str, str]:
    """By sha256: a file's own name, or of what was made for the job, the graph and the input."""
    names: dict[str, str] = {}
    for graph in graphs:
        parts = {".param": graph.param, ".bin": graph.weights}
        parts |= {f"/{given.name}": given.file for given in graph.inputs}
        for part, ref in parts.items():
            source = ref.source
            own = source.name if isinstance(source, Path) else f"{graph.graph}{part}"
            names.setdefault(ref.sha256, own)
    return names


def peak_rss_mib(log: RunLog) -> float:
    return log.end.peak_rss_kib / 1024


@dataclass(frozen=True)
class AskedSchedule:
    """One key frame in `interval` frames; the keys' graphs are of one runtime and precision."""

    core: int
    runtime: str
    precision: str
    interval: int
    frames: int
    fps: float | None
    key: tuple[str, ...]
    reuse: str


def schedule_run(log: RunLog, asked: AskedSchedule) -> ScheduleRun:
    check_core(log.start, asked.core)
    frames = tuple(map(one_frame, log.of(FrameEvent)))
    check_frames(frames, asked.frames, asked.interval, asked.core)
    return ScheduleRun(
        asked.runtime,
        asked.precision,
        asked.interval,
        asked.fps,
        asked.key,
        asked.reuse,
        frames,
        summarise_roles(frames),
        sum(frame.ms for frame in frames) / len(frames),
        missed(frames),
        lost(frames),
        lateness(frames),
    )


def one_frame(event: FrameEvent) -> Frame:
    if event.role not in ROLES:
        raise BenchError(f"frame {event.index} has the role {event.role!r}, expected key or reuse")
    return Frame(
        event.index,
        ROLES[event.role],
        milliseconds(event.ns),
        event.core,
        None if event.late_ns is None else event.late_ns / 1e6,
        event.missed,
        event.slot,
        event.frequency_khz,
    )


def profiles(log: RunLog, core: int, iterations: int) -> dict[str, GraphProfile]:
    """By key."""
    check_core(log.start, core)
    layers: dict[str, list[LayerSamples]] = {}
    for event in log.of(Layer):
        samples_ms = tuple(map(milliseconds, event.samples_ns))
        one = LayerSamples(event.index, event.type, event.name, samples_ms)
        layers.setdefault(event.key, []).append(one)
    wholes = {key: measured(log.of(Sample), key, iterations) for key in layers}
    check_cores([event.core for whole in wholes.values() for event in whole], core)
    return {
        key: profile_graph(own, [milliseconds(event.ns) for event in wholes[key]])
        for key, own in layers.items()
    }


def milliseconds(nanoseconds: int) -> float:
    return nanoseconds / 1e6
