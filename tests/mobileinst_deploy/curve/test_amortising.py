"""What a frame costs, from costs that are known."""

import numpy as np
import pytest

from mobileinst_deploy.curve.amortising import Roles, amortise, amortised, noise_floor

FRAMES = 60


def roles(interval: int, frames: int = FRAMES) -> Roles:
    key = np.arange(frames) % interval == 0
    return Roles(np.flatnonzero(key), np.flatnonzero(~key), 1 / interval)


def series(interval: int, key: float, reuse: float, frames: int = FRAMES) -> np.ndarray:
    return np.where(np.arange(frames) % interval == 0, key, reuse)


@pytest.mark.parametrize(("interval", "expected"), [(1, 50.0), (2, 40.0), (5, 34.0), (10, 32.0)])
def test_a_keyframe_in_so_many(interval: int, expected: float):
    costs, base = series(interval, 50.0, 30.0), np.full(FRAMES, 40.0)
    cost = amortise(costs, base, roles(interval))
    assert cost.ms == amortised(costs, roles(interval)) == pytest.approx(expected)
    assert cost.ratio == pytest.approx(expected / 40)
    assert cost.ms_ci95 == pytest.approx((expected, expected))
    assert cost.ratio_ci95 == pytest.approx((expected / 40, expected / 40))


def test_the_share_is_the_schedules_not_the_walks():
    """Of 7 frames with T = 3, 3 are keyframes, but a frame in 3 is what it costs."""
    costs = series(3, 50.0, 20.0, frames=7)
    assert amortise(costs, np.full(7, 30.0), roles(3, frames=7)).ms == pytest.approx(30.0)


def test_frames_that_do_not_count():
    costs, base = series(2, 50.0, 30.0), np.full(FRAMES, 40.0)
    costs[:10], base[:10] = 1000.0, 2000.0
    counted = Roles(np.arange(10, FRAMES, 2), np.arange(11, FRAMES, 2), 0.5)
    cost = amortise(costs, base, counted)
    assert (cost.ms, cost.ratio) == pytest.approx((40.0, 1.0))


def test_what_slows_both_cancels_out():
    """A machine that is slower by half for a third of the walk: the ratio hardly notices."""
    slow = np.where(np.arange(FRAMES) < 20, 1.5, 1.0)
    noise = np.random.default_rng(0).normal(1, 0.01, (2, FRAMES))
    costs = series(3, 50.0, 30.0) * slow * noise[0]
    base = 40.0 * slow * noise[1]
    cost = amortise(costs, base, roles(3))
    widths = [(high - low) / low for low, high in (cost.ms_ci95, cost.ratio_ci95)]
    assert cost.ratio_ci95[0] <= 110 / 120 <= cost.ratio_ci95[1]
    assert widths[1] < 0.1 < widths[0]


def test_t_1_against_itself():
    costs = np.random.default_rng(0).normal(40, 5, FRAMES)
    cost = amortise(costs, costs, roles(1))
    assert cost.ratio_ci95 == (1.0, 1.0)
    assert cost.ms_ci95[0] < cost.ms < cost.ms_ci95[1]


def test_the_noise_floor_is_that_of_the_ratio():
    noise = np.random.default_rng(0).normal(1, 0.05, (2, FRAMES))
    floor = noise_floor(41.0 * noise[0], 40.0 * noise[1])
    assert floor.difference == abs(float(np.median(41 * noise[0] / (40 * noise[1]))) - 1)
    assert floor.difference < floor.upper < 0.1
    assert noise_floor(40.0 * noise[0], 40.0 * noise[0]).upper == 0


@pytest.mark.parametrize("interval", [3, 10])
def test_intervals_cover_the_truth(interval: int):
    """About 57 of 60 walks."""
    costs = series(interval, 50.0, 30.0)
    truth, covered = amortised(costs, roles(interval)) / 40, 0
    for seed in range(60):
        noise = np.random.default_rng(seed).normal(1, 0.05, (2, FRAMES))
        low, high = amortise(costs * noise[0], 40.0 * noise[1], roles(interval)).ratio_ci95
        covered += low <= truth <= high
    assert covered >= 53
