"""One small network of every family of peers, as a bundle in all formats."""

from pathlib import Path

import numpy as np
import torch

from export.bundle import Subject, write_bundle
from export.formats import Formats
from export.graphs import GraphOptions
from export.manifest import Bundle
from export.stand_in import stand_in
from mobileinst_deploy.sample_frames import sample_frames
from models import zoo
from models.peers.condinst import CondInstConfig
from models.peers.crossvis import CrossVisConfig
from models.peers.families import PeerConfig
from models.peers.solov2 import Solov2Config
from models.peers.sparseinst import SparseInstConfig
from models.peers.yolact import YolactConfig
from models.preprocessing import Preprocessing, preprocess

SIZE = (64, 96)
INSTANCES = 6
CLASSES = 5
SMALL: dict[str, PeerConfig] = {
    "sparseinst": SparseInstConfig("topformer-tiny", CLASSES, 8, dim=32, kernel_dim=16),
    "yolact": YolactConfig("mobilenet-v2", CLASSES, dim=32, num_prototypes=8),
    "condinst": CondInstConfig("topformer-tiny", CLASSES, dim=64, mask_dim=16),
    "crossvis": CrossVisConfig("topformer-tiny", CLASSES, 64, mask_dim=16, embedding_dim=16),
    "solov2": Solov2Config("resnet18", CLASSES, 32, 1, 32, mask_dim=32, kernel_dim=32),
}
WITH_MASKS = ("condinst", "crossvis", "solov2")


def write_peer(family: str, target: Path, formats: Formats, **options) -> Bundle:
    """With calibrated batch norms and two golden frames."""
    preprocessing, frames = Preprocessing(*SIZE), sample_frames()
    images = np.concatenate([preprocess(f.picture, preprocessing) for f in frames])
    network = stand_in(zoo.build(SMALL[family]), torch.from_numpy(images), seed=0)
    subject = Subject(f"{family}-small", SMALL[family], network, "seeded", None)
    settings = GraphOptions(preprocessing, instances=INSTANCES, **options)
    return write_bundle(subject, settings, frames[:2], target, formats=formats)
