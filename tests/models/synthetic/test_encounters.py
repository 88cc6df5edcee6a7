"""Things that cross, and that leave and come back."""

import numpy as np
import pytest

from models.synthetic.encounters import crossing, excursion, stage
from models.synthetic.motion import resting, straight, wander

HEIGHT, WIDTH = 96, 160


def paths(frames: int = 12, count: int = 5) -> list:
    random = np.random.default_rng(0)
    return [wander(random, HEIGHT, WIDTH, frames, 30.0 + 5 * i) for i in range(count)]


def test_no_share_leaves_all_as_they_are():
    assert stage(np.random.default_rng(0), paths(), HEIGHT, WIDTH, 0.0) == paths()


def test_a_full_share_leads_all_and_keeps_their_poses():
    staged = stage(np.random.default_rng(0), paths(), HEIGHT, WIDTH, 1.0)
    for before, after in zip(paths(), staged, strict=True):
        assert [(p.x, p.y) for p in before] != [(p.x, p.y) for p in after]
        assert [(p.size, p.angle, p.gain) for p in before] == [
            (p.size, p.angle, p.gain) for p in after
        ]


@pytest.mark.parametrize("seed", range(8))
def test_a_crossing_passes_over_the_other(seed: int):
    other = straight((20, 50), (140, 50), 40, 25)
    path = crossing(np.random.default_rng(seed), resting((0, 0), 30, 25), other, HEIGHT, WIDTH)
    apart = [np.hypot(a.x - b.x, a.y - b.y) for a, b in zip(path, other, strict=True)]
    assert 4 < np.argmin(apart) < 20
    assert min(apart) < 0.25 * 30 + 5
    assert min(apart[0], apart[-1]) > 20


@pytest.mark.parametrize("frames", [8, 12, 40])
@pytest.mark.parametrize("seed", range(8))
def test_an_excursion_leaves_and_comes_back(seed: int, frames: int):
    path = excursion(np.random.default_rng(seed), resting((0, 0), 30, frames), HEIGHT, WIDTH)
    inside = [0 < pose.x < WIDTH and 0 < pose.y < HEIGHT for pose in path]
    outside = [not (-15 < pose.x < WIDTH + 15 and -15 < pose.y < HEIGHT + 15) for pose in path]
    assert inside[0]
    assert inside[-1]
    assert sum(outside) >= frames // 4


@pytest.mark.parametrize("frames", [1, 2])
def test_clips_too_short_for_any_event(frames: int):
    assert len(stage(np.random.default_rng(1), paths(frames), HEIGHT, WIDTH, 1.0)) == 5
