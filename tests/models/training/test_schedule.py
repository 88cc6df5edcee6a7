import pytest

from models.training.config import Schedule
from models.training.schedule import Plan, make_plan, rate_factor


def test_iterations_are_taken_as_they_are():
    schedule = Schedule(iterations=100, batch_size=8, milestones=(50, 80), warmup=5)
    assert make_plan(schedule, frames=1000) == Plan(100, 8, (50, 80), 5)


@pytest.mark.parametrize(
    ("frames", "length", "milestones"),
    [(160, 120, (80, 110)), (161, 121, (81, 111)), (16, 12, (8, 11)), (1, 1, (1, 1))],
)
def test_epochs_by_the_number_of_frames(frames: int, length: int, milestones: tuple[int, int]):
    """161 frames: 12 · 161 / 16 = 120.75."""
    schedule = Schedule(epochs=12, batch_size=16, milestones=(8, 11))
    plan = make_plan(schedule, frames)
    assert (plan.iterations, plan.milestones) == (length, milestones)


def test_the_rate_warms_up_and_falls():
    plan = Plan(iterations=100, batch_size=1, milestones=(50, 80), warmup=10)
    factors = {0: 1e-3, 5: 0.5005, 10: 1, 49: 1, 50: 0.1, 79: 0.1, 80: 0.01, 99: 0.01}
    assert {i: rate_factor(plan, i) for i in factors} == pytest.approx(factors)


def test_without_warmup_it_begins_in_full():
    assert rate_factor(Plan(10, 1, (), 0), 0) == 1
