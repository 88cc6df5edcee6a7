"""Average precision of tracks, as in Video Instance Segmentation (Yang, Fan & Xu, ICCV 2019).

COCO's evaluator gives exactly the numbers of YouTube-VIS's own (youtubevos/cocoapi, ytvoseval.py)
if a track's frames lie side by side and three things differ from COCO:

- a crowd counts by the plain IoU, not by the share of the found track that lies in it;
- a track's area is the mean over the frames in which it is seen;
- a medium track has 128² pixels and more, a large one 256².
"""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools import mask as coco
from pycocotools.cocoeval import COCOeval

from mobileinst_deploy.evaluation.ground_truth import GroundTruth
from mobileinst_deploy.evaluation.results import FoundTrack

MEDIUM, LARGE, LARGEST = 128.0**2, 256.0**2, 1e10  # pixels
AREAS = ((0.0, LARGEST), (0.0, MEDIUM), (MEDIUM, LARGE), (LARGE, LARGEST))  # all, small, …


@dataclass(frozen=True)
class VisScores:
    """Each in 0..1; None where the ground truth has nothing to find. In COCO's order.

    Mean over the categories; of a precision also over the IoU thresholds .5, .55, … .95, and of a
    recall too. AR1 is the recall with one track of each category and video, and so on.
    """

    ap: float | None
    ap50: float | None
    ap75: float | None
    ap_small: float | None
    ap_medium: float | None
    ap_large: float | None
    ar1: float | None
    ar10: float | None
    ar100: float | None
    ar_small: float | None
    ar_medium: float | None
    ar_large: float | None


def evaluate(truth: GroundTruth, results: Sequence[FoundTrack]) -> VisScores:
    """Over all videos and categories of the ground truth; without results 0."""
    evaluator = TrackEvaluator(truth, results)
    with contextlib.redirect_stdout(io.StringIO()):
        evaluator.evaluate()
        evaluator.accumulate()
        evaluator.summarize()
    return VisScores(*(None if value < 0 else float(value) for value in evaluator.stats))


class TrackEvaluator(COCOeval):  # type: ignore[misc]
    """COCO's, whose images are videos."""

    def __init__(self, truth: GroundTruth, results: Sequence[FoundTrack]) -> None:
        super().__init__(iouType="segm")
        self.truth = truth
        self.results = results
        self.params.imgIds = sorted(truth.videos)
        self.params.catIds = sorted(truth.categories)
        self.params.areaRng = [list(limits) for limits in AREAS]

    def _prepare(self) -> None:
        """Fills in what COCO's would read from objects of its own."""
        for track in self.truth.tracks:
            self._gts[track.video_id, track.category_id].append(
                {
                    "id": track.id,
                    "area": track.area,
                    "iscrowd": track.crowd,
                    "ignore": track.crowd,
                    "segmentation": track.mask.rle,
                }
            )
        for number, result in enumerate(self.results, start=1):
            self._dts[result.video_id, result.category_id].append(
                {
                    "id": number,
                    "area": result.area,
                    "score": result.score,
                    "segmentation": result.mask.rle,
                }
            )

    def computeIoU(self, imgId: int, catId: int) -> Any:
        """[found, best first; true], by the plain IoU for crowds too."""
        truths, found = self._gts[imgId, catId], self._dts[imgId, catId]
        order = np.argsort([-one["score"] for one in found], kind="mergesort")
        best = [found[place]["segmentation"] for place in order[: self.params.maxDets[-1]]]
        true = [one["segmentation"] for one in truths]
        return coco.iou(best, true, [0] * len(true)) if best and true else []
