"""How long a run takes, and the learning rate of each of its iterations (§4.2)."""

from bisect import bisect_right
from dataclasses import dataclass

from models.training.config import Schedule

WARMUP_FROM = 1e-3
STEP = 0.1


@dataclass(frozen=True)
class Plan:
    """A schedule in iterations."""

    iterations: int
    batch_size: int  # samples of all processes together
    milestones: tuple[int, ...]
    warmup: int


def make_plan(schedule: Schedule, frames: int) -> Plan:
    """An epoch has one sample for each of the `frames`; a part of a batch counts as a whole one."""
    samples = frames if schedule.epochs else schedule.batch_size  # of an epoch or an iteration
    length = schedule.epochs or schedule.iterations or 0
    length, *milestones = (
        -(-number * samples // schedule.batch_size) for number in (length, *schedule.milestones)
    )
    return Plan(length, schedule.batch_size, tuple(milestones), schedule.warmup)


def rate_factor(plan: Plan, iteration: int) -> float:
    """What the learning rate is multiplied by in that iteration, counted from 0."""
    warming = 1.0
    if iteration < plan.warmup:
        warming = WARMUP_FROM + (1 - WARMUP_FROM) * iteration / plan.warmup
    return float(warming * STEP ** bisect_right(plan.milestones, iteration))
