"""The objects of a single picture, from the keyframe graph alone, as SparseInst's inference does.

score = sqrt(best class probability × objectness probability) × mask confidence

A query whose score before the last factor is at most 0.005 is dropped. There is no suppression of
overlapping masks: queries are matched one to one in training. Source: SparseInst, sparseinst.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from export.live_kernels import sigmoid
from export.manifest import Bundle
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.feeding import fitting, frame_name, graph_image, kernel_count
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.tracking.contract import plan_tracking
from mobileinst_deploy.tracking.frames import Mask
from mobileinst_deploy.tracking.masks import confidences, find_view, picture_masks
from mobileinst_deploy.tracking.network import BundleNetwork, Network
from mobileinst_deploy.tracking.selection import select
from mobileinst_deploy.tracking.video_tracker import size_of
from models.frames import Frame


@dataclass(frozen=True)
class DetectionSettings:
    score: float = 0.005  # a query of a lower score, before the mask's confidence, is dropped
    most: int = 100  # objects of a picture, the best ones
    mask: float = 0.45  # a pixel is the object's above this probability


@dataclass(frozen=True, eq=False)
class Detection:
    label: int  # the class's index
    score: float  # 0..1
    mask: Mask  # of the picture's size


def load_keyframe(bundle: Bundle, runtime: Runtime) -> Network:
    """The keyframe graph alone. Raises BundleError where it or its files are missing, RunError."""
    plan = plan_tracking(bundle)
    sessions = {plan.keyframe: runtime.load(bundle, plan.keyframe)}
    return BundleNetwork(plan, sessions, kernel_count(bundle))


def detect(
    bundle: Bundle, network: Network, frame: Frame, settings: DetectionSettings
) -> Iterator[Detection]:
    """The best first; one at a time, since masks are large. Raises RunError."""
    fitted = fitting(bundle, frame)
    try:
        outputs = network.keyframe(graph_image(bundle, fitted))
    except RunError as error:
        raise RunError(f"{frame_name(frame)}: {error}") from error
    queries = outputs["class_logits"].shape[1]
    candidates = select(outputs, settings.score, queries)
    probabilities = sigmoid(candidates.mask_logits)
    scores = candidates.scores * confidences(probabilities, settings.mask)
    view = find_view(size_of(frame), size_of(fitted), bundle.manifest.preprocessing)
    for place in np.argsort(-scores, kind="stable")[: settings.most]:
        (mask,) = picture_masks(probabilities[place : place + 1], settings.mask, view)
        if mask.any():
            label = int(candidates.class_probabilities[place].argmax())
            yield Detection(label, float(scores[place]), mask)
