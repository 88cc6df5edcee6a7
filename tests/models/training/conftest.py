"""A data set of a few small pictures in both official layouts, with exact masks."""

import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

HEIGHT, WIDTH, FRAMES, VIDEOS = 48, 80, 3, 2
CATEGORIES = [{"id": 7, "name": "round"}, {"id": 3, "name": "square"}]  # not in order


@dataclass(frozen=True)
class DataSet:
    folder: Path
    coco: dict[str, Any]
    ytvis: dict[str, Any]
    masks: NDArray[np.bool_]  # [video, frame, object, h, w]

    def write(self) -> None:
        (self.folder / "coco.json").write_text(json.dumps(self.coco))
        (self.folder / "ytvis.json").write_text(json.dumps(self.ytvis))


def runs(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Uncompressed, written from the definition."""
    flat = [False, *mask.T.flatten().tolist()]
    edges = [i for i in range(1, len(flat)) if flat[i] != flat[i - 1]]
    ends = [1, *edges, len(flat)]
    return {
        "size": list(mask.shape),
        "counts": [b - a for a, b in itertools.pairwise(ends)],
    }


def listed() -> list[dict[str, Any]]:
    return [dict(category) for category in CATEGORIES]


def drawn_masks() -> NDArray[np.bool_]:
    """A disc that moves to the right, and a square that stands and is missing in frame 1."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    masks = np.zeros((VIDEOS, FRAMES, 2, HEIGHT, WIDTH), np.bool_)
    for video, frame in np.ndindex(VIDEOS, FRAMES):
        centre = 15 + 10 * frame + 5 * video
        masks[video, frame, 0] = (x - centre) ** 2 + (y - 20) ** 2 < 81
        masks[video, frame, 1] = (abs(x - 66) < 9) & (abs(y - 30) < 9) & (frame != 1)
    return masks


@pytest.fixture
def data_set(tmp_path: Path) -> DataSet:
    return make_data_set(tmp_path)


def make_data_set(folder: Path) -> DataSet:
    """Writes coco.json, ytvis.json and the pictures that both name."""
    masks = drawn_masks()
    coco: dict[str, Any] = {"images": [], "annotations": [], "categories": listed()}
    ytvis: dict[str, Any] = {"videos": [], "annotations": [], "categories": listed()}
    for video in range(VIDEOS):
        names = [f"{video}/{frame:05}.png" for frame in range(FRAMES)]
        entry = {"id": video + 1, "height": HEIGHT, "width": WIDTH}
        ytvis["videos"].append({**entry, "length": FRAMES, "file_names": names})
        for place, category in enumerate((7, 3)):
            tracks = [runs(m) if m.any() else None for m in masks[video, :, place]]
            ytvis["annotations"].append(
                {"id": len(ytvis["annotations"]) + 1, "video_id": video + 1, "iscrowd": 0,
                 "category_id": category, "segmentations": tracks}
            )  # fmt: skip
        for frame, name in enumerate(names):
            paint(folder / name, masks[video, frame])
            image = len(coco["images"]) + 1
            coco["images"].append({**entry, "id": image, "file_name": name})
            for place, category in enumerate((7, 3)):
                if masks[video, frame, place].any():
                    coco["annotations"].append(
                        {"id": len(coco["annotations"]) + 1, "image_id": image, "iscrowd": 0,
                         "category_id": category, "segmentation": runs(masks[video, frame, place])}
                    )  # fmt: skip
    made = DataSet(folder, coco, ytvis, masks)
    made.write()
    return made


def paint(path: Path, masks: NDArray[np.bool_]) -> None:
    path.parent.mkdir(exist_ok=True)
    picture = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    for mask, colour in zip(masks, ((200, 40, 40), (40, 60, 220)), strict=True):
        picture[mask] = colour
    cv2.imwrite(str(path), picture[..., ::-1])
