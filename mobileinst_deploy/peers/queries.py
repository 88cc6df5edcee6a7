"""MobileInst and SparseInst: every query is an instance or none, so nothing is suppressed."""

import numpy as np

from export.live_kernels import scores
from mobileinst_deploy.peers.instances import KEPT, Floats, Instances, binary, largest


def best_queries(class_logits: Floats, objectness: Floats, mask_logits: Floats) -> Instances:
    """[N, C], [N, 1], [N, h, w] -> the best `KEPT` queries (Cheng et al., "SparseInst", §3.4)."""
    reached = scores(class_logits, objectness)
    best = largest(reached, min(KEPT, len(reached)))
    classes = np.argmax(class_logits[best], axis=1)
    return Instances(reached[best], classes, binary(mask_logits[best]))
