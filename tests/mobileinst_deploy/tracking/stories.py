"""Scenes for the oracle: told in text, or rendered with silhouettes that cross, leave and vanish.

In a story each line is an actor and each character a frame: "." is not there, a digit is there with
that tenth as its score ("0": 0.05). What comes out of tracking is told in the same way, with
identities for scores. Actors of a story keep to their own places, 4×4 cells of the 1/8 grid.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from export.manifest import Bundle
from mobileinst_deploy.feeding import fitting
from mobileinst_deploy.tracking.contract import FOLDED
from mobileinst_deploy.tracking.frames import TrackedFrame
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings
from mobileinst_deploy.tracking.video_tracker import VideoTracker
from models.frames import Frame
from models.preprocessing import place
from models.synthetic.render import render
from models.synthetic.scene import Scene
from tests.mobileinst_deploy.tracking.oracle import Cells, Oracle, Seen
from tests.mobileinst_deploy.tracking.oracle_bundle import HEIGHT, STRIDE, WIDTH, oracle_bundle

COLUMNS, PITCH, SIDE = 6, 6, 4  # places in a row; cells from place to place; cells of an actor
SCORES = {str(tenths): tenths / 10 or 0.05 for tenths in range(10)}
DEFAULTS = TrackingSettings()


def story(*lines: str, bundle: Bundle | None = None, first: int = 0) -> Oracle:
    shots = [
        [Seen(i, block(i), SCORES[score]) for i, score in enumerate(moment) if score != "."]
        for moment in zip(*lines, strict=True)
    ]
    return Oracle(bundle or oracle_bundle(), noise_frames(len(shots), first), shots)


def block(actor: int) -> Cells:
    row, column = (PITCH * each + 1 for each in divmod(actor, COLUMNS))
    cells = np.zeros((HEIGHT // STRIDE, WIDTH // STRIDE), np.bool_)
    cells[row : row + SIDE, column : column + SIDE] = True
    return cells


def noise_frames(count: int, first: int = 0) -> list[Frame]:
    """Pictures of the network's aspect ratio, hardly different, but none like another."""
    size = (count, HEIGHT // 4, WIDTH // 4, 3)
    pictures = np.random.default_rng(0).integers(120, 124, size, dtype=np.uint8)
    return [Frame(first + i, picture, "story.mp4") for i, picture in enumerate(pictures)]


def rendered(scene: Scene, bundle: Bundle | None = None) -> Oracle:
    """Its actors as the oracle sees them: those that fill more than half of a cell."""
    bundle, clip = bundle or oracle_bundle(), render(scene)
    frames = [Frame(i, picture, "scene.mp4") for i, picture in enumerate(clip.pictures)]
    shots: list[list[Seen]] = [[] for _ in frames]
    for actor, masks in enumerate(clip.masks):
        for shot, mask in zip(shots, masks, strict=True):
            if mask is not None and (cells := to_cells(bundle, mask)).any():
                shot.append(Seen(actor, cells))
    return Oracle(bundle, frames, shots)


def to_cells(bundle: Bundle, mask: NDArray[np.bool_]) -> Cells:
    """Cells of the 1/8 grid of which more than half is the object's."""
    picture = np.repeat(mask[..., None].astype(np.uint8) * 255, 3, axis=2)
    fitted = fitting(bundle, Frame(0, picture)).picture[..., 0]
    placed = place(*fitted.shape, bundle.manifest.preprocessing)
    canvas = np.zeros((HEIGHT, WIDTH), np.float32)
    size = (placed.width, placed.height)
    shrunk = cv2.resize(fitted.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    canvas[: placed.height, : placed.width] = shrunk / 255
    blocks = canvas.reshape(HEIGHT // STRIDE, STRIDE, WIDTH // STRIDE, STRIDE)
    return blocks.mean((1, 3)) > 0.5


def track(
    oracle: Oracle,
    schedule: ScheduleSettings,
    settings: TrackingSettings = DEFAULTS,
    reuse: str = FOLDED,
) -> list[TrackedFrame]:
    tracker = VideoTracker(oracle.bundle, oracle.network(reuse), schedule, settings)
    return [tracker.track(frame) for frame in oracle.frames]


def told(oracle: Oracle, tracked: Sequence[TrackedFrame]) -> list[str]:
    """A line an actor that was ever there, as a story is told, with identities for scores.

    Fails where a mask, brought back to cells, is not exactly an actor's, or a second one is.
    """
    actors = 1 + max((seen.actor for shot in oracle.shots for seen in shot), default=-1)
    lines = [["."] * len(tracked) for _ in range(actors)]
    for moment, frame in enumerate(tracked):
        for instance in frame.instances:
            cells = to_cells(oracle.bundle, instance.mask)
            on = [seen.actor for seen in oracle.shots[moment] if np.array_equal(seen.cells, cells)]
            assert len(on) == 1, f"frame {moment}: identity {instance.identity} is on {on}"
            assert lines[on[0]][moment] == "."
            lines[on[0]][moment] = str(instance.identity)
    return ["".join(line) for line in lines]
