"""COCO's evaluator, fed with objects that are checked already, and without its prints."""

import contextlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pycocotools.cocoeval import COCOeval

EVERY_AREA, MOST_FOUND = 0, -1  # of COCO's area ranges, and of its limits of results


@dataclass(frozen=True)
class TrueObject:
    image_id: int  # or the video's
    category_id: int
    crowd: bool
    area: float  # pixels
    rle: Mapping[str, object]  # of pycocotools


@dataclass(frozen=True)
class FoundObject:
    image_id: int  # or the video's
    category_id: int
    score: float
    area: float  # pixels
    rle: Mapping[str, object]


@dataclass(frozen=True)
class Scores:
    """Each in 0..1; None where the ground truth has nothing to find. In COCO's order.

    Mean over the categories; of a precision also over the IoU thresholds .5, .55, … .95, and of a
    recall too. AR1 is the recall with one result of each category and image, and so on. With
    YouTube-VIS an object is a track, and an image a video.
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


@dataclass(frozen=True)
class Evaluation:
    scores: Scores
    category_ap: Mapping[int, float | None]  # by the category's id


class Evaluator(COCOeval):  # type: ignore[misc]
    """With COCO's rules."""

    def __init__(
        self,
        image_ids: Iterable[int],
        category_ids: Iterable[int],
        truths: Sequence[TrueObject],
        found: Sequence[FoundObject],
    ) -> None:
        super().__init__(iouType="segm")
        self.truths = truths
        self.found = found
        self.params.imgIds = sorted(image_ids)
        self.params.catIds = sorted(category_ids)

    def _prepare(self) -> None:
        """Fills in what COCO's would read from objects of its own."""
        for number, true in enumerate(self.truths, start=1):  # 0 reads as "not matched"
            self._gts[true.image_id, true.category_id].append(
                {
                    "id": number,
                    "area": true.area,
                    "iscrowd": true.crowd,
                    "ignore": true.crowd,
                    "segmentation": true.rle,
                }
            )
        for number, one in enumerate(self.found, start=1):
            self._dts[one.image_id, one.category_id].append(
                {"id": number, "area": one.area, "score": one.score, "segmentation": one.rle}
            )


def run(evaluator: Evaluator) -> Evaluation:
    with contextlib.redirect_stdout(io.StringIO()):
        evaluator.evaluate()
        evaluator.accumulate()
        evaluator.summarize()
    scores = Scores(*(None if value < 0 else float(value) for value in evaluator.stats))
    return Evaluation(scores, category_precisions(evaluator))


def category_precisions(evaluator: Evaluator) -> dict[int, float | None]:
    """AP of each category; None where there is nothing to find of it."""
    precision = evaluator.eval["precision"]  # [thresholds, recalls, categories, areas, limits]
    means = precision[:, :, :, EVERY_AREA, MOST_FOUND].mean(axis=(0, 1))
    rows = zip(evaluator.params.catIds, means.tolist(), strict=True)
    return {int(category): None if mean < 0 else mean for category, mean in rows}
