"""Random ground truth and results, as documents and as pixels."""

from dataclasses import dataclass

import msgspec
import numpy as np

from mobileinst_deploy.tracking.rle import encode
from tests.mobileinst_deploy.evaluation.literal import Object

CATEGORIES = (1, 2, 5)


@dataclass
class Set:
    truth: dict
    results: list
    true: list[Object]
    found: list[Object]
    videos: set[int]


def runs(mask: np.ndarray) -> list[int]:
    flat = mask.ravel(order="F")
    changes = np.flatnonzero(np.diff(flat)) + 1
    ends = [*([0] if flat[0] else []), *changes.tolist(), flat.size]
    return np.diff([0, *ends]).tolist()


def segmentation(mask: np.ndarray | None, plain: bool = False) -> dict | None:
    if mask is None:
        return None
    return {"size": list(mask.shape), "counts": runs(mask) if plain else encode(mask)}


def mean_area(masks: list) -> float:
    areas = [int(mask.sum()) for mask in masks if mask is not None and mask.any()]
    return float(np.mean(areas)) if areas else 0.0


def random_masks(generator: np.random.Generator, frames: int, height: int, width: int) -> list:
    """A box that moves and has holes; not in some frames, and empty in others."""
    top, left = generator.integers(0, height // 2), generator.integers(0, width // 2)
    rows, columns = generator.integers(1, height), generator.integers(1, width)
    masks: list[np.ndarray | None] = []
    for frame in range(frames):
        mask = np.zeros((height, width), bool)
        mask[top + frame : top + frame + rows, left : left + columns] = True
        mask &= generator.random(mask.shape) > 0.1
        chance = generator.random()
        masks.append(None if chance < 0.2 else mask & False if chance < 0.3 else mask)
    return [None] * frames if generator.random() < 0.05 else masks


def jittered(generator: np.random.Generator, masks: list) -> list:
    """Somewhat beside the truth."""
    moved = [
        None
        if mask is None or generator.random() < 0.1
        else np.roll(mask, generator.integers(0, 2))
        for mask in masks
    ]
    share = generator.choice([0.0, 0.05, 0.2])
    return [m if m is None else m & (generator.random(m.shape) >= share) for m in moved]


def random_set(seed: int) -> Set:
    generator = np.random.default_rng(seed)
    made = Set({"videos": [], "categories": [], "annotations": []}, [], [], [], set())
    made.truth["categories"] = [{"id": one, "name": f"class {one}"} for one in CATEGORIES]
    for video in range(1, int(generator.integers(2, 5))):
        frames = int(generator.integers(1, 7))
        # Some so large that a medium and a large track have room.
        height, width = (
            int(generator.integers(6, 13)) * (36 if seed % 10 == 0 else 1) for _ in "hw"
        )
        add_video(made, generator, video * 3, frames, height, width)
    return made


def add_video(made: Set, generator, video: int, frames: int, height: int, width: int) -> None:
    names = [f"{video}/{frame:05}.jpg" for frame in range(frames)]
    made.videos.add(video)
    made.truth["videos"].append(
        {"id": video, "width": width, "height": height, "length": frames, "file_names": names}
    )
    for _ in range(generator.integers(0, 6)):
        masks = random_masks(generator, frames, height, width)
        category, crowd = int(generator.choice(CATEGORIES)), bool(generator.random() < 0.2)
        add_truth(made, video, category, masks, crowd)
        for _ in range(generator.integers(0, 4)):
            kept = category if generator.random() < 0.9 else int(generator.choice(CATEGORIES))
            score = float(generator.choice([0.25, 0.5, 0.75, generator.random()]))
            add_result(made, video, kept, jittered(generator, masks), score)


def add_truth(made: Set, video: int, category: int, masks: list, crowd: bool = False) -> None:
    number = len(made.true) + 1
    made.true.append(Object(video, category, masks, mean_area(masks), 0.0, crowd, number))
    plain = number % 2 == 0
    areas = [None if mask is None else int(mask.sum()) for mask in masks]
    made.truth["annotations"].append(
        {
            "id": number,
            "video_id": video,
            "category_id": category,
            "iscrowd": int(crowd),
            "segmentations": [segmentation(mask, plain) for mask in masks],
            "areas": areas,
        }
    )


def add_result(made: Set, video: int, category: int, masks: list, score: float) -> None:
    made.found.append(Object(video, category, masks, mean_area(masks), score))
    made.results.append(
        {
            "video_id": video,
            "category_id": category,
            "score": score,
            "segmentations": [segmentation(mask) for mask in masks],
        }
    )


def as_json(document: object) -> bytes:
    return msgspec.json.encode(document)
