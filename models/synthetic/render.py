"""A scene becomes pictures and exact masks."""

import math
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from models.synthetic.clip import Mask, SyntheticClip
from models.synthetic.motion import Pose
from models.synthetic.scene import Backdrop, Camera, Scene
from models.synthetic.sprites import Sprite

LEAST_PIXELS = 16  # of which fewer are to be seen counts as not there
Colours = NDArray[np.float32]  # [h, w, 3] of 255


@dataclass(frozen=True, eq=False)
class Patch:
    """A sprite in its pose, whole, wherever it lies."""

    left: int
    top: int
    colours: Colours  # [h, w, 3], multiplied by alpha
    alpha: NDArray[np.float32]  # [h, w] in 0..1

    @property
    def silhouette(self) -> Mask:
        return self.alpha > 0.5


def render(scene: Scene) -> SyntheticClip:
    """The same bytes for the same scene, in whatever process and with however many threads."""
    pyramids = [pyramid(actor.sprite) for actor in scene.actors]
    noise = np.random.default_rng(scene.camera.seed)
    pictures = np.empty((scene.frames, scene.height, scene.width, 3), np.uint8)
    seen: list[list[tuple[Mask | None, float]]] = []  # [frame][identity]
    for frame in range(scene.frames):
        poses = [actor.path[frame] for actor in scene.actors]
        patches = [
            None if pose is None else place(levels, pose)
            for levels, pose in zip(pyramids, poses, strict=True)
        ]
        colours = background(scene, frame)
        for patch in patches:
            draw(colours, patch)
        pictures[frame] = expose(colours, scene.camera, frame, noise)
        seen.append(visible(patches, scene.height, scene.width))
    tracks = list(zip(*seen, strict=True))  # [identity][frame]
    return SyntheticClip(
        pictures,
        tuple(tuple(mask for mask, _ in track) for track in tracks),
        tuple(actor.sprite.category for actor in scene.actors),
        tuple(actor.sprite.name for actor in scene.actors),
        tuple(tuple(share for _, share in track) for track in tracks),
    )


def pyramid(sprite: Sprite) -> list[NDArray[np.float32]]:
    """[h, w, 4] with colours multiplied by alpha, and its halves down to some pixels."""
    level = sprite.picture.astype(np.float32)
    level[..., 3] /= 255
    level[..., :3] *= level[..., 3:]
    levels = [level]
    while min(levels[-1].shape[:2]) >= 16:
        height, width = levels[-1].shape[:2]
        half = cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        levels.append(cast(NDArray[np.float32], half))
    return levels


def place(levels: list[NDArray[np.float32]], pose: Pose) -> Patch:
    """Bilinear from the smallest level that is not smaller than the pose."""
    height, width = levels[0].shape[:2]
    scale = pose.size / max(height, width)
    wanted = (height * scale, width * scale * pose.stretch)
    level = next(
        (part for part in reversed(levels) if np.all(part.shape[:2] >= np.array(wanted))),
        levels[0],
    )
    matrix = linear_part(pose) * (wanted[1] / level.shape[1], wanted[0] / level.shape[0])
    # Half the extent of the turned rectangle, along x and y.
    reach = np.abs(matrix) @ (level.shape[1] / 2, level.shape[0] / 2)
    left, top = math.floor(pose.x - reach[0]) - 1, math.floor(pose.y - reach[1]) - 1
    right, bottom = math.ceil(pose.x + reach[0]) + 1, math.ceil(pose.y + reach[1]) + 1
    # OpenCV counts from the centres of the first pixels.
    middle = ((level.shape[1] - 1) / 2, (level.shape[0] - 1) / 2)
    shift = np.array((pose.x - left - 0.5, pose.y - top - 0.5)) - matrix @ middle
    affine = np.column_stack([matrix, shift])
    warped = cv2.warpAffine(level, affine, (right - left, bottom - top)).astype(np.float32)
    return Patch(left, top, warped[..., :3] * np.float32(pose.gain), warped[..., 3])


def linear_part(pose: Pose) -> NDArray[np.float64]:
    """[2, 2] of flip, then shear, then rotation."""
    cosine, sine = math.cos(math.radians(pose.angle)), math.sin(math.radians(pose.angle))
    turned = np.array([[cosine, -sine], [sine, cosine]])
    return turned @ [[-1.0 if pose.flip else 1.0, pose.shear], [0.0, 1.0]]


def background(scene: Scene, frame: int) -> Colours:
    backdrop: Backdrop = scene.backdrop
    x, y = backdrop.corners[frame] if backdrop.corners else (0.0, 0.0)
    seen = cv2.warpAffine(
        backdrop.canvas,
        np.array([[1, 0, -x], [0, 1, -y]]),
        (scene.width, scene.height),
        borderMode=cv2.BORDER_REFLECT,
    )
    return seen.astype(np.float32)


def draw(colours: Colours, patch: Patch | None) -> None:
    """Into the picture, over what is there."""
    if patch is None:
        return
    inside, part = overlap(patch, *colours.shape[:2])
    colours[inside] *= 1 - patch.alpha[part][..., None]
    colours[inside] += patch.colours[part]


def visible(
    patches: list[Patch | None], height: int, width: int
) -> list[tuple[Mask | None, float]]:
    """Of each actor: its mask, and the share of its silhouette that it shows.

    A pixel belongs to the front-most actor whose alpha is above a half there.
    """
    taken = np.zeros((height, width), np.bool_)
    found: list[tuple[Mask | None, float]] = []
    for patch in reversed(patches):
        mask = np.zeros((height, width), np.bool_)
        whole = 0
        if patch is not None:
            inside, part = overlap(patch, height, width)
            mask[inside] = patch.silhouette[part]
            whole = int(patch.silhouette.sum())
        mask &= ~taken
        taken |= mask
        pixels = int(mask.sum())
        found.append((mask if pixels >= LEAST_PIXELS else None, pixels / whole if whole else 0.0))
    return found[::-1]


def overlap(
    patch: Patch, height: int, width: int
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """What the patch and the picture share, in the picture's rows and columns and in its own."""
    (above, below) = clipped(patch.top, patch.alpha.shape[0], height)
    (left, right) = clipped(patch.left, patch.alpha.shape[1], width)
    inside = slice(above, below), slice(left, right)
    part = (
        slice(above - patch.top, below - patch.top),
        slice(left - patch.left, right - patch.left),
    )
    return inside, part


def clipped(start: int, length: int, limit: int) -> tuple[int, int]:
    """Where start..start + length lies in 0..limit; an empty range where it does not."""
    first = min(max(start, 0), limit)
    return first, min(max(start + length, first), limit)


def expose(
    colours: Colours, camera: Camera, frame: int, noise: np.random.Generator
) -> NDArray[np.uint8]:
    if camera.gains:
        colours = colours * np.float32(camera.gains[frame])
    if camera.noise:
        grain = noise.standard_normal(colours.shape, dtype=np.float32)
        colours = colours + np.float32(camera.noise) * grain
    return np.rint(np.clip(colours, 0, 255)).astype(np.uint8)
