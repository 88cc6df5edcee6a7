"""A run's log: a row every so many iterations, with the means since the row before."""

import csv
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from models.errors import TrainingError
from models.training.writing import becoming

LOG = "log.csv"


class Measured(NamedTuple):
    """Of one iteration's whole batch; terms are not yet weighted."""

    total: float  # weighted
    classes: float
    dice: float
    pixels: float
    objectness: float
    passed_dice: float
    passed_pixels: float
    objects: float  # of each process, in the mean


FIELDS = ("iteration", "learning_rate", *Measured._fields, "seconds_per_iteration")


class TrainingLog:
    """log.csv in the folder; rows behind iteration `done`, of a run that was stopped, are dropped.

    Raises TrainingError where it can't be written.
    """

    def __init__(self, folder: Path, done: int) -> None:
        self.path = folder / LOG
        self.pending: list[Measured] = []
        self.rate = 0.0
        rows = [row for row in read_rows(self.path) if int(row[0]) <= done]
        with becoming(self.path) as part, part.open("w", newline="") as file:
            csv.writer(file).writerows([FIELDS, *rows])
        self.since_s = perf_counter()

    def add(self, measured: Measured, rate: float) -> None:
        self.pending.append(measured)
        self.rate = rate

    def write(self, iteration: int) -> None:
        """A row for what was added since the last, with the last learning rate."""
        count, now_s = len(self.pending), perf_counter()
        means = [sum(column) / count for column in zip(*self.pending, strict=True)]
        values = (self.rate, *means, (now_s - self.since_s) / count)
        try:
            with self.path.open("a", newline="") as file:
                csv.writer(file).writerow([iteration, *(f"{value:.6g}" for value in values)])
        except OSError as error:
            raise TrainingError(f"can't write {self.path}: {error.strerror or error}") from error
        self.pending, self.since_s = [], now_s


def read_rows(path: Path) -> list[list[str]]:
    """The whole ones; none where there is no log."""
    if not path.exists():
        return []
    with path.open(newline="", errors="replace") as file:
        return [row for row in csv.reader(file) if len(row) == len(FIELDS) and row[0].isdecimal()]


def last_row(folder: Path) -> dict[str, float]:
    """Field -> value; empty where there is none."""
    rows = read_rows(folder / LOG)
    return dict(zip(FIELDS, map(float, rows[-1]), strict=True)) if rows else {}
