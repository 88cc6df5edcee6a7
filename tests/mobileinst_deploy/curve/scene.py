"""Two objects that an oracle sees: one all the time, one that no keyframe of T = 3 shows."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from export.manifest import MANIFEST_NAME, Bundle
from mobileinst_deploy.curve.measuring import measure_curve
from mobileinst_deploy.curve.result import CurveResult
from mobileinst_deploy.curve.setups import CurveSettings
from mobileinst_deploy.evaluation.clips import truth_clips
from mobileinst_deploy.evaluation.ground_truth import load_ground_truth
from mobileinst_deploy.evaluation.judging import Judge
from mobileinst_deploy.runtimes.artifacts import ONNXRUNTIME
from mobileinst_deploy.tracking.categories import bundle_categories
from mobileinst_deploy.tracking.network import Network
from mobileinst_deploy.tracking.settings import TrackingSettings, every
from models.frames import Frame
from tests.mobileinst_deploy.tracking.oracle import Oracle, Seen, Shot
from tests.mobileinst_deploy.tracking.oracle_bundle import (
    CLASSES,
    HEIGHT,
    STRIDE,
    WIDTH,
    oracle_bundle,
)

LENGTHS = (8, 6)  # of the two videos
BRIEF = (1, 2)  # the second object's frames
INTERVALS = (1, 2, 3)


@dataclass(frozen=True)
class Scene:
    bundle: Bundle
    oracle: Oracle
    truth: Path
    pictures: Path

    def judge(self) -> Judge:
        return Judge(load_ground_truth(self.truth), bundle_categories(self.bundle, self.truth))

    def measure(self, network: Network | None = None, **settings: object) -> CurveResult:
        judge = self.judge()
        schedules = {str(one): every(one) for one in INTERVALS}
        asked = CurveSettings(
            **({"schedules": schedules, "tracking": TrackingSettings()} | settings)
        )
        return measure_curve(
            self.bundle,
            [ONNXRUNTIME],
            truth_clips(judge.truth, self.pictures),
            asked,
            judge,
            lambda done, total: None,
            lambda bundle, runtime: network or self.oracle.network(),
        )


def cells(top: int, left: int) -> np.ndarray:
    plane = np.zeros((HEIGHT // STRIDE, WIDTH // STRIDE), bool)
    plane[top : top + 8, left : left + 10] = True
    return plane


def shot(index: int) -> Shot:
    brief = [Seen(1, cells(14, 25), label=1)] if index in BRIEF else []
    return [Seen(0, cells(2, index)), *brief]


def make_scene(folder: Path) -> Scene:
    """With the oracle's own objects as the ground truth of two videos."""
    bundle = Bundle(folder, oracle_bundle().manifest)
    (folder / MANIFEST_NAME).write_text("{}")
    frames, shots, videos, annotations = [], [], [], []
    for number, length in enumerate(LENGTHS, start=1):
        own = [shot(index) for index in range(length)]
        names = [f"{number}/{index}.png" for index in range(length)]
        for index, name in enumerate(names):
            frames.append(Frame(index, write_picture(folder / name, len(frames))))
        videos.append(
            {"id": number, "width": WIDTH, "height": HEIGHT, "length": length, "file_names": names}
        )
        annotations += [annotation(number * 10 + actor, number, actor, own) for actor in (0, 1)]
        shots += own
    categories = [{"id": 10 + label, "name": f"class {label}"} for label in range(CLASSES)]
    truth = folder / "instances.json"
    document = {"videos": videos, "categories": categories, "annotations": annotations}
    truth.write_text(json.dumps(document))
    return Scene(bundle, Oracle(bundle, frames, shots), truth, folder)


def write_picture(path: Path, number: int) -> np.ndarray:
    """No two are alike: the oracle knows them by their looks."""
    picture = np.full((HEIGHT, WIDTH, 3), 10 * number, np.uint8)
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), picture)
    return picture


def annotation(number: int, video: int, actor: int, shots: list[Shot]) -> dict:
    masks = [next((pixels(s.cells) for s in shot if s.actor == actor), None) for shot in shots]
    return {
        "id": number,
        "video_id": video,
        "category_id": 10 + actor,
        "segmentations": [None if mask is None else segmentation(mask) for mask in masks],
        "areas": [None if mask is None else int(mask.sum()) for mask in masks],
    }


def pixels(plane: np.ndarray) -> np.ndarray:
    return plane.repeat(STRIDE, axis=0).repeat(STRIDE, axis=1)


def segmentation(mask: np.ndarray) -> dict:
    flat = mask.ravel(order="F")
    ends = np.flatnonzero(np.diff(flat)) + 1
    return {"size": [HEIGHT, WIDTH], "counts": np.diff([0, *ends, flat.size]).tolist()}
