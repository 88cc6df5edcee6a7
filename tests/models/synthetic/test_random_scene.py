"""Random clips: the same by seed in any process, different by anything else."""

import hashlib
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from models.synthetic.clip import SyntheticClip
from models.synthetic.random_scene import ClipSettings, random_scene, render_clip
from models.synthetic.seeds import HELD_OUT

SMALL = ClipSettings(height=48, width=80, frames=4)
PRINT = """
import sys, cv2
cv2.setNumThreads(int(sys.argv[1]))
from tests.models.synthetic.test_random_scene import SMALL, digest
from models.synthetic.random_scene import render_clip
print(digest(render_clip(3, SMALL)), digest(render_clip(3)))
"""


def digest(clip: SyntheticClip) -> str:
    content = hashlib.sha256(clip.pictures.tobytes())
    for track in clip.masks:
        for mask in track:
            content.update(b"none" if mask is None else mask.tobytes())
    content.update(repr((clip.categories, clip.sprites, clip.visibility)).encode())
    return content.hexdigest()


@pytest.mark.parametrize("threads", [1, 4])
def test_another_process_gives_the_same_bytes(threads: int):
    command = [sys.executable, "-c", PRINT, str(threads)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [digest(render_clip(3, SMALL)), digest(render_clip(3))]


def test_every_part_of_the_seed_matters():
    clips = {
        "first": render_clip(0, SMALL),
        "seed": render_clip(1, SMALL),
        "clip": render_clip(0, SMALL, clip=1),
        "train": render_clip(0, replace(SMALL, split="train")),
        "val": render_clip(0, replace(SMALL, split="val")),
    }
    assert len({digest(clip) for clip in clips.values()}) == len(clips)


def test_a_longer_clip_has_the_same_cast():
    short, long = (random_scene(0, replace(SMALL, frames=frames)) for frames in (2, 5))
    assert [a.sprite.name for a in short.actors] == [a.sprite.name for a in long.actors]


@pytest.mark.parametrize("seed", range(4))
def test_what_a_clip_is_made_of(seed: int):
    clip = render_clip(seed, SMALL)
    assert (clip.pictures.shape, clip.pictures.dtype) == ((4, 48, 80, 3), np.uint8)
    assert SMALL.actors[0] <= len(clip.masks) <= SMALL.actors[1]
    assert len(clip.categories) == len(clip.sprites) == len(clip.visibility) == len(clip.masks)
    for frame in range(4):
        masks = [track[frame] for track in clip.masks if track[frame] is not None]
        owners = np.sum(masks, axis=0) if masks else np.zeros(1)
        assert owners.max() <= 1
        for mask in masks:
            assert (mask.shape, mask.dtype) == ((48, 80), np.bool_)
            assert mask.sum() >= 16


def test_events_make_gaps_and_leave_the_rest():
    plain, hard = (
        [render_clip(0, replace(SMALL, frames=8, events=events), clip) for clip in range(12)]
        for events in (0.0, 0.8)
    )
    assert [clip.sprites for clip in plain] == [clip.sprites for clip in hard]
    gaps = [
        sum(bool(re.search("10+1", row)) for clip in clips for row in rows_of(clip))
        for clips in (plain, hard)
    ]
    assert gaps[1] > 4 * max(1, gaps[0])


def rows_of(clip: SyntheticClip) -> list[str]:
    return ["".join("01"[mask is not None] for mask in track) for track in clip.masks]


def test_actors_are_hidden_and_leave_and_come_back():
    """Twenty clips have every event that a tracker has to live through."""
    clips = [render_clip(0, replace(SMALL, frames=12), clip) for clip in range(20)]
    shares = [share for clip in clips for track in clip.visibility for share in track]
    assert sum(0 < share < 0.9 for share in shares) > len(shares) / 10
    seen = [row for clip in clips for row in rows_of(clip)]
    for event in ("^1+$", "^1+0+$", "^0+1", "10+1"):
        assert any(re.search(event, track) for track in seen), event


def test_validation_holds_out_every_fifth_number():
    numbers = {
        split: [
            int(actor.sprite.name.split("/")[1])
            for clip in range(12)
            for actor in random_scene(0, replace(SMALL, split=split), clip).actors
        ]
        for split in ("train", "val", "all")
    }
    assert {number % HELD_OUT == 0 for number in numbers["val"]} == {True}
    assert {number % HELD_OUT == 0 for number in numbers["train"]} == {False}
    assert len({number % HELD_OUT for number in numbers["all"]}) > 1


def test_settings_reach_the_clip():
    settings = replace(SMALL, actors=(3, 3), sizes=(0.5, 0.5), noise=0, light=0, pan=0)
    scene = random_scene(0, settings)
    assert [actor.path[0].size for actor in scene.actors] == pytest.approx([24.0] * 3)
    assert scene.camera.gains == (1.0,) * 4
    assert set(scene.backdrop.corners) == {(0.0, 0.0)}
    assert scene.backdrop.canvas.shape == (48, 80, 3)


BAD = {
    "too small": ({"height": 31}, "at least 32x32 pixels and 1 frame, got 31x80, 4 frames"),
    "no frames": ({"frames": 0}, "48x80, 0 frames"),
    "no actors": ({"actors": (0, 3)}, "1 to 100 actors, ascending"),
    "a crowd": ({"actors": (1, 101)}, "1 to 100 actors"),
    "descending": ({"sizes": (0.6, 0.2)}, "ascending"),
    "too large": ({"sizes": (0.6, 1.1)}, r"from 0\.01 to 1"),
    "no size": ({"sizes": (0.0, 0.5)}, r"from 0\.01 to 1"),
    "no share": ({"events": 1.5}, "a share of events"),
    "too much": ({"frames": 10**6}, "does not fit into memory"),
}


@pytest.mark.parametrize(("change", "says"), BAD.values(), ids=BAD)
def test_settings_are_refused(change, says: str):
    with pytest.raises(ValueError, match=says):
        replace(SMALL, **change)
