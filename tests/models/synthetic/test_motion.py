from itertools import pairwise

import numpy as np
import pytest

from models.synthetic.motion import (
    Pose,
    resting,
    returning,
    spinning,
    straight,
    vanishing,
    wander,
)


def places(path) -> list[tuple[float, float] | None]:
    return [pose and (pose.x, pose.y) for pose in path]


PATHS = {
    "resting": (resting((3, 4), 8, 2), [(3, 4), (3, 4)]),
    "straight": (straight((0, 0), (4, 8), 8, 3), [(0, 0), (2, 4), (4, 8)]),
    "of one frame": (straight((1, 2), (9, 9), 8, 1), [(1, 2)]),
    "returning": (returning((0, 0), (2, 0), 8, 5), [(0, 0), (1, 0), (2, 0), (1, 0), (0, 0)]),
    "vanishing": (vanishing(resting((3, 4), 8, 4), 1, 2), [(3, 4), None, None, (3, 4)]),
    "spinning": (spinning((Pose(1, 1, 8), None), 30), [(1, 1), None]),
}


@pytest.mark.parametrize(("path", "expected"), PATHS.values(), ids=PATHS)
def test_paths(path, expected):
    assert places(path) == expected


def test_spinning_turns_from_the_first_angle():
    turned = spinning(resting((1, 1), 8, 3), 30)
    assert [pose and pose.angle for pose in turned] == [0, 30, 60]


def test_wandering_is_random_by_the_generator():
    first, again, other = (
        wander(np.random.default_rng(seed), 90, 160, 6, 20.0) for seed in (1, 1, 2)
    )
    assert first == again != other
    assert len(first) == 6
    assert first[0].size == 20.0


@pytest.mark.parametrize("seed", range(10))
def test_a_long_walk_stays_near(seed: int):
    """It neither grows beyond bounds nor jumps, and is back in the picture now and then."""
    walk = wander(np.random.default_rng(seed), 90, 160, 1000, 20.0)
    for before, after in pairwise(walk):
        assert 0.979 <= after.size / before.size <= 1.021
        assert abs(after.x - before.x) + abs(after.y - before.y) < 50
    assert all(20 / 1.501 < pose.size < 20 * 1.501 for pose in walk)
    assert all(-41 < pose.x < 201 and -23 < pose.y < 113 for pose in walk)
    inside = [0 <= pose.x < 160 and 0 <= pose.y < 90 for pose in walk]
    assert any(inside[-200:])


@pytest.mark.parametrize(
    "change", [{"size": 0}, {"stretch": -1}, {"gain": -0.1}, {"size": 9000}, {"stretch": 2000}]
)
def test_a_pose_is_refused(change: dict[str, float]):
    with pytest.raises(ValueError, match=r"expected size and stretch > 0|8192 pixels at most"):
        Pose(**{"x": 1, "y": 1, "size": 8, **change})
