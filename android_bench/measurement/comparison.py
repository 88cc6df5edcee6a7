"""Whether a bundle became slower: two results, graph by graph.

A difference counts where all of this holds:
- the interval of the ratio excludes 1. The intervals of all rows hold at once with 95 %, since each
  has a confidence of 1 - 0.05 / rows (Bonferroni; it needs no independence of the rows);
- it exceeds the noise floor of either run, and `threshold`. Two runs of the same thing also differ
  by where memory came to lie, which no run can see by itself: of 76 pairs of runs in the fast mode
  of a host, 95 % lay within 2.9 %;
- it exceeds LEAST_MS: of a graph of a millisecond, 95 % of the same pairs lay within 0.08 ms;
- it exceeds what busy neighbours may have cost either run (see `neighbours`): BUSY_COST times the
  share of time that the other cores were busy. The cost itself hangs on what they did.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from android_bench.errors import BenchError
from android_bench.measurement import statistics
from android_bench.measurement.differences import Difference, find_differences, why_not_comparable
from android_bench.measurement.results import BenchResult
from android_bench.measurement.statistics import Interval, Series
from android_bench.measurement.summary import FOLDED, INTERVALS, PLAIN, Schedule

THRESHOLD = 0.03
LEAST_MS = 0.1
BUSY_COST = 0.5  # the most that was seen to be lost beside a core that was busy all the time: 48 %
LEAST_ROUNDS = 16  # two a batch of `median_interval`
FAMILY_ERROR = 0.05  # the chance that any interval misses its ratio
SCHEDULES = {"folded": FOLDED, "plain": PLAIN}

Verdict = Literal["slower", "faster", "no difference", "not comparable"]


@dataclass(frozen=True)
class Row:
    """A graph, or the mean frame with a key frame in T; None in what only one of the runs has."""

    name: str
    a_ms: float | None  # medians
    b_ms: float | None
    ratio: float | None  # b / a
    interval: Interval | None  # of the ratio
    least: float | None  # the |ratio - 1| that a difference must exceed
    verdict: Verdict
    reason: str  # for what is not comparable; otherwise empty


@dataclass(frozen=True)
class Comparison:
    rows: tuple[Row, ...]
    differences: tuple[Difference, ...]  # in how the two were measured
    threshold: float
    busy_elsewhere: float  # 0..1, of the other cores' time, in the run where it was more
    confidence: float  # of each row's interval; all hold at once with 95 %
    regression: bool  # any row is slower


def compare(a: BenchResult, b: BenchResult, threshold: float = THRESHOLD) -> Comparison:
    """How b's times stand to a's. Raises BenchError where no graph is in both."""
    if not a.graphs.keys() & b.graphs.keys():
        raise BenchError(
            f"no graph is in both results: A has {', '.join(a.graphs)}, B has "
            f"{', '.join(b.graphs)}; compare results of the same graphs"
        )
    series_a, series_b = all_series(a), all_series(b)
    names = list(dict.fromkeys([*series_a, *series_b]))
    confidence = 1 - FAMILY_ERROR / len(names)
    least = max(threshold, a.noise_floor.upper, b.noise_floor.upper, BUSY_COST * busiest(a, b))
    reason = why_not_comparable(a, b)
    rows = tuple(
        compare_series(name, series_a.get(name), series_b.get(name), confidence, least, reason)
        for name in names
    )
    return Comparison(
        rows,
        find_differences(a, b),
        threshold,
        busiest(a, b),
        confidence,
        regression=any(row.verdict == "slower" for row in rows),
    )


def busiest(*results: BenchResult) -> float:
    """The largest share; 0 where nobody says."""
    return max(result.conditions.busy_elsewhere or 0.0 for result in results)


def all_series(result: BenchResult) -> dict[str, Series]:
    """Samples in ms by graph, then the mean cost of a frame in every round by schedule."""
    graphs: dict[str, Series] = {name: g.samples_ms for name, g in result.graphs.items()}
    return graphs | dict(frames(graphs))


def frames(graphs: Mapping[str, Series]) -> Iterator[tuple[str, Series]]:
    for name, schedule in SCHEDULES.items():
        if {*schedule.key, schedule.reuse} <= graphs.keys():
            yield from frames_of(name, schedule, graphs)


def frames_of(
    name: str, schedule: Schedule, graphs: Mapping[str, Series]
) -> Iterator[tuple[str, Series]]:
    key = [graphs[part] for part in schedule.key]
    for interval in INTERVALS[1:]:
        yield (
            f"frame, T={interval}, {name}",
            statistics.amortised(key, graphs[schedule.reuse], interval),
        )


def compare_series(
    name: str, a: Series | None, b: Series | None, confidence: float, least: float, reason: str
) -> Row:
    if a is None or b is None:
        return only_one(name, a, b)
    a_ms, b_ms = statistics.median(a), statistics.median(b)
    ratio = statistics.ratio_of_medians(b, a, confidence)
    least = max(least, LEAST_MS / a_ms)
    reason = reason or too_few(a, b)
    verdict: Verdict = "not comparable" if reason else decide(ratio.value, ratio.ci95, least)
    return Row(name, a_ms, b_ms, ratio.value, ratio.ci95, least, verdict, reason)


def only_one(name: str, a: Series | None, b: Series | None) -> Row:
    a_ms = None if a is None else statistics.median(a)
    b_ms = None if b is None else statistics.median(b)
    reason = f"only {'B' if a is None else 'A'} has it"
    return Row(name, a_ms, b_ms, None, None, None, "not comparable", reason)


def too_few(a: Sequence[float] | Series, b: Sequence[float] | Series) -> str:
    rounds = min(len(a), len(b))
    if rounds >= LEAST_ROUNDS:
        return ""
    return f"{rounds} rounds are too few, at least {LEAST_ROUNDS} are needed"


def decide(ratio: float, interval: Interval, least: float) -> Verdict:
    low, high = interval
    if abs(ratio - 1) <= least or low <= 1 <= high:
        return "no difference"
    return "slower" if ratio > 1 else "faster"
