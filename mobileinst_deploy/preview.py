"""A picture of what a bundle's graphs see: a keyframe, and a later frame with its kernels."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from android_bench.files import replace_file
from export.live_kernels import best_queries, gather_kernels, scores, sigmoid
from export.manifest import Bundle
from mobileinst_deploy.drawing import draw_masks
from mobileinst_deploy.feeding import check_reuses, fitting, graph_image, kernel_count
from mobileinst_deploy.parity.metrics import MASK_THRESHOLD
from mobileinst_deploy.runtimes.base import Arrays, Runtime
from mobileinst_deploy.tracking.masks import find_view, picture_masks
from models.frames import Frame

ENDINGS = (".png", ".jpg", ".jpeg")
UNTRAINED = "untrained weights: the masks show that the pipeline runs, not what it sees"


def draw_preview(
    bundle: Bundle, runtime: Runtime, keyframe: Frame, later: Frame, shown: int
) -> NDArray[np.uint8]:
    """Both frames, one above the other, with the masks of the `shown` best queries.

    Raises RunError where the runtime fails, BundleError for a network that reuses nothing.
    """
    check_reuses(bundle, "a preview")
    keyframe, later = fitting(bundle, keyframe), fitting(bundle, later)
    prediction = runtime.load(bundle, "keyframe").run({"image": graph_image(bundle, keyframe)})
    count = kernel_count(bundle)
    queries = best_queries(prediction["class_logits"][0], prediction["objectness"][0], count)
    folded = runtime.load(bundle, "fold").run(
        {"kernels": gather_kernels(prediction["kernels"], queries, count)}
    )
    image = {"image": graph_image(bundle, later)}
    reused = runtime.load(bundle, "reuse_folded").run({**image, **folded})
    queries = queries[:shown]
    labels = describe(prediction, queries)
    since = later.index - keyframe.index
    panels = [
        draw_panel(bundle, keyframe, prediction["mask_logits"][0, queries], labels, "keyframe"),
        draw_panel(
            bundle,
            later,
            reused["mask_logits"][0, : len(queries)],
            labels,
            f"the same kernels {since} frames later",
        ),
    ]
    return np.concatenate(panels)


def describe(prediction: Arrays, queries: Sequence[int] | NDArray[np.intp]) -> list[str]:
    values = scores(prediction["class_logits"][0], prediction["objectness"][0])
    classes = prediction["class_logits"][0].argmax(1)
    return [f"class {classes[query]} {values[query]:.2f}" for query in queries]


def draw_panel(
    bundle: Bundle,
    frame: Frame,
    mask_logits: NDArray[np.float32],
    labels: list[str],
    caption: str,
) -> NDArray[np.uint8]:
    height, width = frame.picture.shape[:2]
    view = find_view((height, width), (height, width), bundle.manifest.preprocessing)
    masks = picture_masks(sigmoid(mask_logits), MASK_THRESHOLD, view)
    caption = f"{caption}, {bundle.manifest.model.name}, frame {frame.index} of {frame.source}"
    if bundle.manifest.model.weights.source_sha256 is None:
        caption = f"{caption}; {UNTRAINED}"
    return draw_masks(frame.picture, masks, labels, range(len(labels)), caption)


def save_picture(picture: NDArray[np.uint8], path: Path) -> None:
    """As PNG or JPEG, by the path's ending. Raises OSError, and leaves nothing then."""
    _, encoded = cv2.imencode(path.suffix, picture[..., ::-1])
    replace_file(path, encoded.tobytes())
