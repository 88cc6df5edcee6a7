"""A frame of a video with what was tracked in it, drawn over it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from export.manifest import Bundle
from mobileinst_deploy.drawing import draw_masks
from mobileinst_deploy.tracking.frames import Instance, TrackedFrame
from models.categories import Category
from models.frames import Frame

UNTRAINED = "untrained weights"


def draw_tracked(
    frame: Frame, tracked: TrackedFrame, categories: Sequence[Category], model: str
) -> NDArray[np.uint8]:
    """[h, w, 3] RGB. An identity has one colour in the whole video; the best lies on top."""
    shown = tracked.instances[::-1]
    masks = np.zeros((len(shown), *frame.picture.shape[:2]), np.bool_)
    for place, instance in enumerate(shown):
        masks[place] = instance.mask
    labels = [label(instance, categories) for instance in shown]
    colours = [instance.identity for instance in shown]
    return draw_masks(frame.picture, masks, labels, colours, caption(tracked, model))


def label(instance: Instance, categories: Sequence[Category]) -> str:
    return f"{instance.identity} {categories[instance.label].name} {instance.score:.2f}"


def caption(tracked: TrackedFrame, model: str) -> str:
    role = "keyframe" if tracked.is_keyframe else "reused kernels"
    return f"frame {tracked.index}: {role}; {model}"


def model_name(bundle: Bundle) -> str:
    """With a warning where nobody trained it."""
    model = bundle.manifest.model
    return model.name if model.weights.source_sha256 else f"{model.name}, {UNTRAINED}"
