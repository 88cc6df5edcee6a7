"""CondInst and CrossVIS: FCOS's boxes, suppressed in each class, say whose masks are made.

Tian, Shen and Chen, "Conditional Convolutions for Instance Segmentation", ECCV 2020, §3.5. L places
(`models.peers.fcos_locations`).
"""

from export.live_kernels import sigmoid
from mobileinst_deploy.peers.boxes import from_distances
from mobileinst_deploy.peers.instances import (
    Candidates,
    Floats,
    Instances,
    best_candidates,
    binary,
)
from mobileinst_deploy.peers.suppression import class_nms
from models.peers.fcos_locations import locations

BEFORE = 1000  # candidates that go into the suppression
THRESHOLD = 0.6  # of the IoU (Tian et al., "FCOS", ICCV 2019, §4)


def choose(
    size: tuple[int, int],
    class_logits: Floats,
    distances: Floats,
    centerness: Floats,
    count: int,
) -> Candidates:
    """The image's height and width, and [L, C], [L, 4], [L, 1] -> `count` places at most.

    A score is class probability × centre-ness.
    """
    found = best_candidates(sigmoid(class_logits) * sigmoid(centerness), BEFORE)
    points = locations(*size).points
    boxes = from_distances(points[found.places], distances[found.places])
    return found.take(class_nms(boxes, found.classes, THRESHOLD)[:count])


def finish(found: Candidates, mask_logits: Floats) -> Instances:
    """With the mask logits [n, h, w] of the chosen places, or of more behind them."""
    masks = binary(mask_logits[: len(found.scores)])
    return Instances(found.scores, found.classes, masks)
