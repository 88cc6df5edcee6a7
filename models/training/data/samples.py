"""Training samples by number: what is drawn for sample i depends on the seed and on i alone.

So a run can be continued, or spread over processes, without any state of a random generator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from models.errors import DataError
from models.picture_files import decode as decode_picture
from models.preprocessing import Preprocessing
from models.training.data.records import Picture, Video
from models.training.data.segmentations import decode
from models.training.data.transforms import (
    Augmentation,
    Transform,
    apply_to_picture,
    draw_transform,
    make_targets,
)
from models.training.targets import PackedTargets, Targets, pack

SIZE_STEP = 32  # batches are padded to multiples of it


class Sample(NamedTuple):
    """One frame, or two of a video."""

    images: tuple[Tensor, ...]  # each [3, H, W]
    targets: tuple[Targets, ...]


class Batch(NamedTuple):
    """B samples, padded at the right and at the bottom with the mean colour."""

    images: tuple[Tensor, ...]  # each [B, 3, H, W]: the first frames, and the second of pairs
    objects: PackedTargets  # of the first frames, then of the second

    @property
    def targets(self) -> tuple[Targets, ...]:
        return self.objects.split()

    def to(self, device: torch.device) -> "Batch":
        labels, masks, counts = self.objects
        return Batch(
            tuple(image.to(device, non_blocking=True) for image in self.images),
            PackedTargets(
                labels.to(device, non_blocking=True), masks.to(device, non_blocking=True), counts
            ),
        )


@dataclass(frozen=True)
class Recipe:
    preprocessing: Preprocessing
    augmentation: Augmentation
    seed: int
    reach: int = 0  # of a pair: the second frame lies at most so many frames away; 0: no pairs


class Samples(Dataset[Sample]):
    """Videos, or pictures as videos of one frame; every epoch in another order."""

    def __init__(self, videos: Sequence[Video], recipe: Recipe, length: int) -> None:
        self.frames = [(v, f) for v, video in enumerate(videos) for f, frame in
                       enumerate(video.frames) if frame.objects]  # fmt: skip
        if not self.frames:
            raise DataError("no picture of the training data has an object")
        self.videos = videos
        self.recipe = recipe
        self.length = length  # samples in all

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, number: int) -> Sample:
        epoch, place = divmod(number, len(self.frames))
        generator = np.random.default_rng((self.recipe.seed, 1, number))
        video, frame = self.frames[shuffled(self.recipe.seed, epoch, len(self.frames))[place]]
        frames = self.videos[video].frames
        chosen = [frames[frame]]
        if self.recipe.reach:
            chosen.append(frames[draw_other(frame, len(frames), self.recipe.reach, generator)])
        transform = draw_transform(
            self.recipe.augmentation, chosen[0].height, chosen[0].width, generator
        )
        return Sample(*zip(*(self.load(each, transform) for each in chosen), strict=True))

    def load(self, record: Picture, transform: Transform) -> tuple[Tensor, Targets]:
        picture = read_picture(record)
        labels = [each.label for each in record.objects]
        masks = [decode_of(record, each.segmentation) for each in record.objects]
        return (
            apply_to_picture(picture, transform, self.recipe.preprocessing),
            make_targets(labels, masks, transform),
        )


@lru_cache(maxsize=2)  # samples come epoch by epoch
def shuffled(seed: int, epoch: int, count: int) -> NDArray[np.intp]:
    return np.random.default_rng((seed, 0, epoch)).permutation(count)


def draw_other(frame: int, length: int, reach: int, generator: np.random.Generator) -> int:
    """Another frame within reach; the same where the video has no other."""
    others = [f for f in range(max(0, frame - reach), min(length, frame + reach + 1)) if f != frame]
    return int(generator.choice(others)) if others else frame


def read_picture(record: Picture) -> NDArray[np.uint8]:
    """RGB. Raises DataError where it is missing, broken or of another size."""
    try:
        picture = decode_picture(record.path.read_bytes(), cv2.IMREAD_COLOR)
    except OSError as error:
        raise DataError(f"can't read {record.path}: {error.strerror or error}") from error
    if picture is None:
        raise DataError(f"can't read {record.path}: it is no picture, or cut short")
    if picture.shape[:2] != (record.height, record.width):
        raise DataError(
            f"{record.path} is {picture.shape[0]}x{picture.shape[1]}, "
            f"expected {record.height}x{record.width}, as its json says"
        )
    return np.ascontiguousarray(picture[..., ::-1], np.uint8)


def decode_of(record: Picture, segmentation: object) -> NDArray[np.bool_]:
    try:
        return decode(segmentation, record.height, record.width)
    except DataError as error:
        raise DataError(f"{record.path.name}: {error}") from error


def use_one_thread(worker: int) -> None:
    """In a process that loads pictures: OpenCV's threads would outnumber the cores."""
    cv2.setNumThreads(0)


def collate(samples: Sequence[Sample]) -> Batch:
    """Pads all frames to one size, a multiple of 32."""
    frames = len(samples[0].images)
    height, width = (
        -(-max(image.shape[side] for sample in samples for image in sample.images) // SIZE_STEP)
        * SIZE_STEP
        for side in (1, 2)
    )
    images = tuple(
        torch.stack([pad(sample.images[f], height, width) for sample in samples])
        for f in range(frames)
    )
    targets = [
        Targets(one.labels, pad(one.masks, height, width))
        for f in range(frames)
        for one in (sample.targets[f] for sample in samples)
    ]
    return Batch(images, pack(targets))


def pad(x: Tensor, height: int, width: int) -> Tensor:
    """[c, h, w] -> [c, height, width], zeros at the right and at the bottom."""
    return torch.nn.functional.pad(x, (0, width - x.shape[2], 0, height - x.shape[1]))
