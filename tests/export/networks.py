"""Networks with stand-in weights, and the real frames they are calibrated on. Made once a run."""

import functools
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.stand_in import stand_in
from mobileinst_deploy.sample_frames import sample_frames
from mobileinst_deploy.video import read_spread
from models import zoo
from models.mobileinst.network import MobileInst, Prediction
from models.preprocessing import Preprocessing, preprocess
from models.zoo import MobileInstConfig
from tests.clips import clip

BASE = zoo.find("mobileinst-topformer-b")
TINY = zoo.find("mobileinst-topformer-t")
SEA = zoo.find("mobileinst-seaformer-t")
PLAIN = replace(TINY, semantic_enhancer=False)
FPN = replace(PLAIN, mask_decoder="fpn")
SPARSEINST = replace(PLAIN, mask_decoder="sparseinst")
SPARSEINST_4 = replace(PLAIN, mask_decoder="sparseinst", mask_convs=4)

Size = tuple[int, int]


@functools.cache
def pictures() -> tuple[NDArray[np.uint8], ...]:
    """Two frames of a video and four photographs, RGB."""
    frames = [*read_spread(clip("bikes"), 2), *sample_frames()]
    return tuple(frame.picture for frame in frames)


@functools.cache
def images(size: Size) -> Tensor:
    """All of them as the network takes them, [6, 3, H, W]."""
    preprocessing = Preprocessing(*size)
    return torch.from_numpy(np.concatenate([preprocess(p, preprocessing) for p in pictures()]))


@functools.cache
def calibrated(config: MobileInstConfig, size: Size) -> MobileInst:
    """Not to be changed."""
    return stand_in(zoo.build(config), images(size), seed=0)


@functools.cache
def predicted(config: MobileInstConfig, size: Size) -> Prediction:
    """What that network gives for all frames."""
    with torch.inference_mode():
        return calibrated(config, size)(images(size))
