"""Silhouettes that cross, leave, return and vanish: perfect kernels give perfect tracks."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from mobileinst_deploy.tracking.frames import TrackedFrame
from mobileinst_deploy.tracking.settings import TrackingSettings, every
from models.synthetic.drawn_sprites import draw_sprite
from models.synthetic.motion import Path, resting, straight
from models.synthetic.random_scene import random_scene
from models.synthetic.scene import Actor, Camera, Scene
from tests.mobileinst_deploy.tracking.oracle import Oracle
from tests.mobileinst_deploy.tracking.oracle_bundle import oracle_bundle
from tests.mobileinst_deploy.tracking.stories import rendered, told, track

FRAMES = 19
HEIGHT, WIDTH = 240, 426
GRAIN = Camera(noise=2.0)  # no two frames are the same
ABSENT = (None,) * 5  # as long as a track is remembered where every frame is a keyframe

# What happens: the actors by shape, the front-most last, and their paths.
SCENES: dict[str, dict[str, Path]] = {
    "crossing": {
        "square": straight((60, 120), (366, 120), 90, FRAMES),
        "disc": straight((366, 130), (60, 110), 90, FRAMES),
    },
    "passing behind": {
        "heart": straight((40, 100), (390, 140), 80, FRAMES),
        "square": resting((213, 120), 170, FRAMES),
    },
    "leaving": {
        "star": straight((213, 120), (520, 120), 110, FRAMES),
        "gear": resting((80, 120), 100, FRAMES),
    },
    "re-entering": {
        "disc": (
            *straight((360, 120), (520, 120), 100, 7),
            *straight((520, 120), (300, 120), 100, FRAMES - 7),
        ),
        "cross": resting((100, 120), 120, FRAMES),
    },
    "vanishing": {
        "drop": (*resting((100, 120), 110, 6), *ABSENT, *resting((100, 120), 110, 8)),
        "arrow": (*resting((320, 120), 120, 9), *ABSENT, *ABSENT),
    },
    "growing": {"flower": tuple(resting((200, 120), 60 + 7 * i, 1)[0] for i in range(FRAMES))},
}


@cache
def seen(name: str) -> Oracle:
    actors = tuple(Actor(draw_sprite(shape, 0), path) for shape, path in SCENES[name].items())
    return rendered(Scene(HEIGHT, WIDTH, FRAMES, actors, camera=GRAIN))


def expected(oracle: Oracle, interval: int) -> list[list[bool]]:
    """Whether an actor has a mask, by frame: it is there, and was in the last keyframe."""
    there = [{each.actor for each in shot} for shot in oracle.shots]
    return [
        [actor in there[i] & there[i - i % interval] for i in range(len(there))]
        for actor in range(1 + max(set().union(*there)))
    ]


def check_perfect(oracle: Oracle, tracked: Sequence[TrackedFrame], interval: int) -> None:
    """Every actor that can be seen has one identity, its own; `told` checks the masks."""
    lines = told(oracle, tracked)
    assert [[c != "." for c in line] for line in lines] == expected(oracle, interval)
    identities = [set(line) - {"."} for line in lines]
    assert all(len(each) <= 1 for each in identities)
    assert len(set().union(*identities)) == sum(map(len, identities))


@pytest.mark.parametrize("interval", [1, 3, 6])
@pytest.mark.parametrize("name", SCENES)
def test_perfect_kernels_give_perfect_tracks(name: str, interval: int):
    oracle = seen(name)
    check_perfect(oracle, track(oracle, every(interval)), interval)


@pytest.mark.parametrize("interval", [1, 3])
@pytest.mark.parametrize("seed", range(6))
def test_random_scenes(seed: int, interval: int):
    oracle = rendered(random_scene(seed))
    patient = TrackingSettings(memory=12)  # as long as the scene
    check_perfect(oracle, track(oracle, every(interval), patient), interval)


def test_actors_do_cross():
    """Otherwise the test above would prove nothing about crossing."""
    shots = seen("crossing").shots
    cells = [each.cells.sum() for shot in shots for each in shot if each.actor == 0]
    assert min(cells) < max(cells) / 3


@pytest.mark.parametrize("size", [(240, 426), (426, 240), (200, 200), (90, 640)])
def test_baked_graphs_get_and_give_masks_of_the_pictures_size(size: tuple[int, int]):
    """They take pictures of one size, here of another shape than the video's."""
    actors = (Actor(draw_sprite("square", 0), resting((size[1] / 2, size[0] / 2), 80, 4)),)
    oracle = rendered(Scene(*size, 4, actors, camera=GRAIN), oracle_bundle(baked=(300, 330)))
    tracked = track(oracle, every(2))
    check_perfect(oracle, tracked, 2)
    assert {instance.mask.shape for frame in tracked for instance in frame.instances} == {size}


# Of two noisy kernels of one object the cosine is about 1 / (1 + noise²).
@pytest.mark.parametrize(("noise", "kept"), [(0.1, True), (0.5, True), (0.6, True), (1.5, False)])
def test_noise_that_the_threshold_allows_costs_no_identity(noise: float, kept: bool):
    oracle = replace(seen("crossing"), noise=noise)
    tracked = track(oracle, every(3), TrackingSettings(similarity=0.5))
    born = max(instance.identity for frame in tracked for instance in frame.instances)
    assert (born == 2) == kept


def test_the_plain_reuse_graph_gives_the_same():
    oracle = seen("passing behind")
    check_perfect(oracle, track(oracle, every(3), reuse="reuse_plain"), 3)
