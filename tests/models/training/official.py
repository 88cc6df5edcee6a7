"""The tests' data set as COCO and YouTube-VIS lay theirs out, with all of their categories."""

import json
import shutil
from pathlib import Path

from models.checkpoint import save_weights
from models.training.config import TrainConfig
from models.zoo import MobileInstConfig, build
from tests.models.training.conftest import FRAMES, VIDEOS, DataSet


def official_layout(data_set: DataSet, config: TrainConfig) -> Path:
    """A folder with what that config's paths name: pictures, annotations, weights of a COCO run."""
    root = data_set.folder / "official"
    pictures = root / config.data.pictures
    for video in range(VIDEOS):
        shutil.copytree(data_set.folder / str(video), pictures / str(video))
    contents = data_set.coco if config.data.layout == "coco" else data_set.ytvis
    extra = range(100, 98 + config.network().num_classes)
    contents["categories"] += [{"id": number, "name": f"kind {number}"} for number in extra]
    document = root / config.data.document
    document.parent.mkdir(parents=True, exist_ok=True)
    document.write_text(json.dumps(contents))
    if config.weights:
        weights = root / config.weights
        weights.parent.mkdir(parents=True, exist_ok=True)
        save_weights(build(MobileInstConfig()), weights)
    assert len(list(pictures.rglob("*.png"))) == VIDEOS * FRAMES
    return root
