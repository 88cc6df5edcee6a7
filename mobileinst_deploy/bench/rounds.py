"""Rounds in which every graph runs once, so that what slows the machine slows all of them."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from android_bench.measurement.results import GraphSamples
from mobileinst_deploy.bench.plan import BenchSettings
from mobileinst_deploy.bench.timers import Sample, Timer

Progress = Callable[[int, int], None]  # rounds done, rounds in all


@dataclass(frozen=True)
class Timed:
    sample: Sample
    ended_ns: int  # on this process's clock, whoever took the sample


def run_rounds(
    timers: Sequence[Timer], settings: BenchSettings, progress: Progress
) -> list[GraphSamples]:
    """One entry a timer; the order is shuffled anew in every round."""
    generator = np.random.default_rng(settings.seed)
    total = settings.warmup + settings.iterations
    rounds, started_ns = [], perf_counter_ns()
    with garbage_collection_paused():
        for done in range(1, total + 1):
            rounds.append(run_round(timers, generator.permutation(len(timers)).tolist()))
            progress(done, total)
    counted = zip(*rounds[settings.warmup :], strict=True)
    return [
        collect(timer, series, started_ns) for timer, series in zip(timers, counted, strict=True)
    ]


def run_round(timers: Sequence[Timer], order: Sequence[int]) -> list[Timed]:
    samples = {index: Timed(timers[index].sample(), perf_counter_ns()) for index in order}
    return [samples[index] for index in range(len(timers))]


def collect(timer: Timer, timed: Sequence[Timed], started_ns: int) -> GraphSamples:
    series = [one.sample for one in timed]
    return GraphSamples(
        samples_ms=tuple(sample.elapsed_ms for sample in series),
        cores=tuple(sample.core for sample in series),
        load_ms=timer.load_ms,
        first_ms=timer.first_ms,
        precision=timer.runtime.precision,
        runtime=timer.runtime.name,
        frequencies_khz=tuple(sample.frequency_khz for sample in series),
        frequency_limits_khz=tuple(sample.frequency_limit_khz for sample in series),
        at_ms=tuple((one.ended_ns - started_ns) / 1e6 for one in timed),
    )


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
