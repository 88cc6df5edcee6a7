"""Random pictures with objects in COCO's layout, in all ways to write a mask, and results."""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
from pycocotools import mask as pycoco
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from mobileinst_deploy.tracking.rle import decode
from tests.mobileinst_deploy.evaluation.sets import runs

CATEGORIES = (1, 3, 4)


def random_pictures(seed: int) -> tuple[dict, list[dict]]:
    """Ground truth, and results that are somewhat beside it."""
    random = np.random.default_rng(seed)
    truth = {"images": [], "categories": [], "annotations": []}
    truth["categories"] = [{"id": one, "name": f"class {one}"} for one in CATEGORIES]
    results: list[dict] = []
    for number in range(0, 7 * int(random.integers(2, 6)), 7):
        height, width = (int(random.integers(20, 200)) for _ in "hw")
        name = f"{number:06}.jpg"
        truth["images"].append(
            {"id": number, "height": height, "width": width, "file_name": name, "licence": 1}
        )
        for _ in range(random.integers(0, 6)):
            mask, written = random_object(random, height, width)
            add_annotation(truth, number, int(random.choice(CATEGORIES)), mask, written, random)
            for _ in range(random.integers(0, 4)):
                add_result(results, number, truth["annotations"][-1]["category_id"], mask, random)
    return truth, results


def random_object(random: np.random.Generator, height: int, width: int):
    """Pixels, and what the file says: polygons, runs, or compressed runs."""
    top, left = random.integers(0, height // 2), random.integers(0, width // 2)
    tall, wide = random.integers(2, height // 2), random.integers(2, width // 2)
    if random.random() < 0.4:
        corners = [[left, top], [left + wide, top + 0.5], [left + wide / 2, top + tall]]
        polygons = [np.array(corners, float).ravel().tolist()]
        if random.random() < 0.5:
            polygons.append([0.0, 0.0, 4.5, 0.0, 4.5, 3.0, 0.0, 3.0])
        merged = pycoco.merge(pycoco.frPyObjects(polygons, height, width))
        return decode(merged["counts"].decode(), height, width), polygons
    mask = np.zeros((height, width), bool)
    mask[top : top + tall, left : left + wide] = True
    mask &= random.random(mask.shape) > 0.1
    counts = runs(mask) if random.random() < 0.5 else compressed(mask)
    return mask, {"size": [height, width], "counts": counts}


def compressed(mask: np.ndarray) -> str:
    return pycoco.encode(np.asfortranarray(mask, np.uint8))["counts"].decode()


def add_annotation(truth: dict, image: int, category: int, mask, written, random) -> None:
    crowd = int(isinstance(written, dict) and random.random() < 0.2)
    truth["annotations"].append(
        {
            "id": len(truth["annotations"]) + 1,
            "image_id": image,
            "category_id": category,
            "segmentation": written,
            "area": float(mask.sum()),
            "iscrowd": crowd,
        }
    )


def add_result(results: list[dict], image: int, category: int, mask, random) -> None:
    moved = np.roll(mask, random.integers(0, 3), axis=int(random.integers(0, 2)))
    moved &= random.random(mask.shape) >= random.choice([0.0, 0.05, 0.3])
    if random.random() < 0.1:
        category = int(random.choice(CATEGORIES))
    score = float(random.choice([0.25, 0.5, 0.75, random.random()]))
    rle = {"size": list(mask.shape), "counts": compressed(moved)}
    results.append(
        {"image_id": image, "category_id": category, "score": score, "segmentation": rle}
    )


def by_pycocotools(truth: dict, results: list[dict], folder: Path) -> tuple[float | None, ...]:
    """COCO's twelve, with its own reading of the files and nothing of ours."""
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "results.json").write_text(json.dumps(results))
    with contextlib.redirect_stdout(io.StringIO()):
        true = COCO(str(folder / "truth.json"))
        evaluator = COCOeval(true, true.loadRes(str(folder / "results.json")), "segm")
        evaluator.evaluate()
        evaluator.accumulate()
        evaluator.summarize()
    return tuple(None if value < 0 else float(value) for value in evaluator.stats)
