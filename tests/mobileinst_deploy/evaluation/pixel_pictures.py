"""A data set of single pictures for `pixel_bundle`, and what its network finds in them: literally.

Written apart from what it is held against: SparseInst's inference, a query at a time.
"""

import json
from pathlib import Path

import cv2
import numpy as np

from mobileinst_deploy.tracking.rle import decode
from models.frames import Frame
from tests.mobileinst_deploy.evaluation.picture_sets import compressed
from tests.mobileinst_deploy.tracking.pixel_bundle import (
    CLASSES,
    HEIGHT,
    PLACES,
    QUERIES,
    SHAPES,
    SIZES,
    WIDTH,
)
from tests.mobileinst_deploy.tracking.random_shots import random_frames

CATEGORIES = tuple(range(2, 2 + 3 * CLASSES, 3))  # ids with gaps, in the order of the logits


def numbers(picture: np.ndarray, name: str) -> np.ndarray:
    flat = picture.transpose(2, 0, 1).reshape(-1)
    part = flat[PLACES[name] : PLACES[name] + SIZES[name]]
    return (part.reshape(SHAPES[name]).astype(float) - 128) / 16


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def found_in(picture: np.ndarray, image_id: int) -> list[dict]:
    """Rows of results, in the order of the queries."""
    classes = sigmoid(numbers(picture, "class_logits"))
    objectness = sigmoid(numbers(picture, "objectness"))
    masks = sigmoid(numbers(picture, "mask_logits"))
    rows = []
    for query in range(QUERIES):
        score = float(np.sqrt(classes[query].max() * objectness[query, 0]))
        inside = masks[query] > 0.45
        if score <= 0.005 or not inside.any():
            continue
        mask = cv2.resize(masks[query].astype(np.float32), (WIDTH, HEIGHT)) > 0.45
        rows.append(
            {
                "image_id": image_id,
                "category_id": CATEGORIES[int(classes[query].argmax())],
                "score": score * float(masks[query][inside].mean()),
                "segmentation": {"size": [HEIGHT, WIDTH], "counts": compressed(mask)},
            }
        )
    return rows


def write_pictures(folder: Path, frames: list[Frame]) -> None:
    folder.mkdir(parents=True)
    for number, frame in enumerate(frames):
        bgr = cv2.cvtColor(frame.picture, cv2.COLOR_RGB2BGR)
        assert cv2.imwrite(str(folder / f"{number:03}.png"), bgr)


def write_dataset(folder: Path, seed: int, count: int) -> tuple[dict, list[dict]]:
    """Pictures and instances.json; the truth is a part of what is found, changed somewhat."""
    frames, random = random_frames(seed, count), np.random.default_rng(seed)
    write_pictures(folder / "pictures", frames)
    rows = [row for number, frame in enumerate(frames) for row in found_in(frame.picture, number)]
    truth = {
        "images": [
            {"id": number, "height": HEIGHT, "width": WIDTH, "file_name": f"{number:03}.png"}
            for number in range(count)
        ],
        "categories": [{"id": one, "name": f"class {one}"} for one in CATEGORIES],
        "annotations": [
            annotation(number, row, random)
            for number, row in enumerate(rows)
            if random.random() < 0.6
        ],
    }
    (folder / "instances.json").write_text(json.dumps(truth))
    return truth, rows


def annotation(number: int, row: dict, random: np.random.Generator) -> dict:
    mask = decode(row["segmentation"]["counts"], HEIGHT, WIDTH)
    mask &= random.random(mask.shape) > random.choice([0.0, 0.1, 0.4])
    return {
        "id": number + 1,
        "image_id": row["image_id"],
        "category_id": row["category_id"],
        "segmentation": {"size": [HEIGHT, WIDTH], "counts": compressed(mask)},
        "area": int(mask.sum()),
        "iscrowd": int(random.random() < 0.1),
    }
