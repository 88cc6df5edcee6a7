"""Average precision of tracks, as in Video Instance Segmentation (Yang, Fan & Xu, ICCV 2019).

COCO's evaluator gives exactly the numbers of YouTube-VIS's own (youtubevos/cocoapi, ytvoseval.py)
if a track's frames lie side by side and three things differ from COCO:

- a crowd counts by the plain IoU, not by the share of the found track that lies in it;
- a track's area is the mean over the frames in which it is seen;
- a medium track has 128² pixels and more, a large one 256².
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco

from mobileinst_deploy.evaluation.ground_truth import GroundTruth
from mobileinst_deploy.evaluation.results import FoundTrack
from mobileinst_deploy.evaluation.scores import (
    Evaluation,
    Evaluator,
    FoundObject,
    TrueObject,
    run,
)

MEDIUM, LARGE, LARGEST = 128.0**2, 256.0**2, 1e10  # pixels
AREAS = ((0.0, LARGEST), (0.0, MEDIUM), (MEDIUM, LARGE), (LARGE, LARGEST))  # all, small, …


def evaluate(truth: GroundTruth, results: Sequence[FoundTrack]) -> Evaluation:
    """Over all videos and categories of the ground truth; without results 0."""
    truths = [
        TrueObject(one.video_id, one.category_id, one.crowd, one.area, one.mask.rle)
        for one in truth.tracks
    ]
    found = [
        FoundObject(one.video_id, one.category_id, one.score, one.area, one.mask.rle)
        for one in results
    ]
    evaluator = TrackEvaluator(truth.videos, truth.categories, truths, found)
    evaluator.params.areaRng = [list(limits) for limits in AREAS]
    return run(evaluator)


class TrackEvaluator(Evaluator):
    """COCO's, whose images are videos."""

    def computeIoU(self, imgId: int, catId: int) -> Any:
        """[found, best first; true], by the plain IoU for crowds too."""
        truths, found = self._gts[imgId, catId], self._dts[imgId, catId]
        order = np.argsort([-one["score"] for one in found], kind="mergesort")
        best = [found[place]["segmentation"] for place in order[: self.params.maxDets[-1]]]
        true = [one["segmentation"] for one in truths]
        return coco.iou(best, true, [0] * len(true)) if best and true else []
