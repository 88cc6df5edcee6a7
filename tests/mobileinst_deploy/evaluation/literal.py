"""YouTube-VIS's scores by the book: masks as pixels, loops over everything, nothing of pycocotools.

Slow, and written apart from what it is held against.
"""

from dataclasses import dataclass, field

import numpy as np

THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
EVERY, SMALL, MIDDLE, BIG = (0, 1e10), (0, 128**2), (128**2, 256**2), (256**2, 1e10)
MOST = (1, 10, 100)  # tracks of one category and video that count


@dataclass
class Object:
    video: int
    category: int
    masks: list  # of each frame: bool [h, w], or None
    area: float
    score: float = 0.0
    crowd: bool = False
    key: int = 0


@dataclass
class Marks:
    """Of one category, area range, threshold and limit."""

    scores: list = field(default_factory=list)
    hits: list = field(default_factory=list)
    ignored: list = field(default_factory=list)
    to_find: int = 0


def overlap(a: Object, b: Object) -> float:
    shared = joined = 0
    for left, right in zip(a.masks, b.masks, strict=True):
        if left is not None and right is not None:
            shared += int((left & right).sum())
            joined += int((left | right).sum())
        else:
            joined += sum(int(mask.sum()) for mask in (left, right) if mask is not None)
    return shared / joined if joined else 0.0


def outside(one: Object, limits: tuple) -> bool:
    return not limits[0] <= one.area <= limits[1]


def match(marks: Marks, truths: list, found: list, limits: tuple, threshold: float) -> None:
    """Greedy, the best score first; a true track that is to be ignored comes last."""
    ordered = sorted(truths, key=lambda one: one.crowd or outside(one, limits))
    skip = {one.key: one.crowd or outside(one, limits) for one in truths}
    taken: set[int] = set()
    for result in found:
        best, least = None, min(threshold, 1 - 1e-10)
        for true in ordered:
            if true.key in taken and not true.crowd:
                continue
            if best is not None and not skip[best.key] and skip[true.key]:
                break
            if (value := overlap(result, true)) >= least:
                best, least = true, value
        if best is not None:
            taken.add(best.key)
        marks.scores.append(result.score)
        marks.hits.append(best is not None)
        marks.ignored.append(skip[best.key] if best else outside(result, limits))
    marks.to_find += sum(not value for value in skip.values())


def curve(marks: Marks) -> tuple[np.ndarray, float] | None:
    """Precision at each recall, and the highest recall; None where there is nothing to find."""
    if not marks.to_find:
        return None
    order = np.argsort(-np.array(marks.scores), kind="stable")
    hits, counted = np.array(marks.hits, bool)[order], ~np.array(marks.ignored, bool)[order]
    right, wrong = np.cumsum(hits & counted), np.cumsum(~hits & counted)
    recall = right / marks.to_find
    precision = right / (right + wrong + np.spacing(1))
    values = np.zeros(len(RECALLS))
    for index, wanted in enumerate(RECALLS):
        reached = precision[np.searchsorted(recall, wanted) :]
        values[index] = reached.max() if len(reached) else 0.0
    return values, float(recall[-1]) if len(recall) else 0.0


def marks_of(truths, found, videos, category, limits, most, threshold) -> Marks:
    marks = Marks()
    for video in sorted(videos):
        true = [one for one in truths if (one.video, one.category) == (video, category)]
        own = [one for one in found if (one.video, one.category) == (video, category)]
        match(marks, true, sorted(own, key=lambda one: -one.score)[:most], limits, threshold)
    return marks


def mean(values: list) -> float | None:
    return float(np.mean(values)) if len(values) else None


def scores(truths: list, found: list, videos: set, categories: set) -> tuple[float | None, ...]:
    """The twelve, in COCO's order."""

    def both(limits, most, thresholds=THRESHOLDS):
        curves = [
            [
                curve(marks_of(truths, found, videos, category, limits, most, threshold))
                for category in sorted(categories)
            ]
            for threshold in thresholds
        ]
        known = [[one for one in row if one is not None] for row in curves]
        # [thresholds, recalls, categories], the order in which numpy adds them up
        precision = np.array([np.stack([p for p, _ in row], axis=1) for row in known if row])
        return mean(precision.ravel()), mean(
            np.array([[r for _, r in row] for row in known]).ravel()
        )

    at = dict.fromkeys((EVERY, SMALL, MIDDLE, BIG))
    at = {limits: both(limits, MOST[-1]) for limits in at}
    ap50, ap75 = (both(EVERY, MOST[-1], THRESHOLDS[[place]])[0] for place in (0, 5))
    ar1, ar10 = (both(EVERY, most)[1] for most in MOST[:2])
    areas = (SMALL, MIDDLE, BIG)
    return (
        *(at[EVERY][0], ap50, ap75, *(at[limits][0] for limits in areas)),
        *(ar1, ar10, at[EVERY][1], *(at[limits][1] for limits in areas)),
    )
