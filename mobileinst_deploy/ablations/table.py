"""Scores of the runs, as one Markdown table: the mean over seeds, and how far they lie apart."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean

import msgspec

from mobileinst_deploy.ablations.rows import Row
from mobileinst_deploy.errors import InputError


class Of(msgspec.Struct):
    interval: int


class Score(msgspec.Struct):
    ap: float


class ScoreRow(msgspec.Struct):
    of: Of
    scores: Score


class ScoreFile(msgspec.Struct):
    """What of a report of `mobileinst eval` is needed here."""

    rows: list[ScoreRow]


Scores = Mapping[str, Sequence[Mapping[int, float]]]  # a row's name -> seeds -> T -> AP, 0..1


def read_aps(path: Path) -> dict[int, float]:
    """T -> AP. Raises InputError for a file that `mobileinst eval` did not write."""
    try:
        report = msgspec.json.decode(path.read_bytes(), type=ScoreFile)
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(f"{path} holds no scores of 'mobileinst eval': {error}") from error
    return {row.of.interval: row.scores.ap for row in report.rows}


def markdown(rows: Sequence[Row], scores: Scores) -> str:
    """AP in percent; behind ±, half of the distance between the best and the worst seed."""
    intervals = sorted({t for seeds in scores.values() for seed in seeds for t in seed})
    head = ["run", "of Tab.", "seeds", *(f"AP, T = {t}" for t in intervals)]
    lines = [head, ["---", "---", *["---:"] * (len(head) - 2)]]
    for row in rows:
        seeds = scores.get(row.name, ())
        cells = [spread([seed[t] for seed in seeds if t in seed]) for t in intervals]
        lines.append([row.name, row.tables, str(len(seeds)), *cells])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def spread(aps: Sequence[float]) -> str:
    if not aps:
        return "-"
    return f"{100 * mean(aps):.1f} ± {50 * (max(aps) - min(aps)):.1f}"
