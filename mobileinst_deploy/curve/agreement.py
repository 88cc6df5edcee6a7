"""How far a tracker agrees with another one that sees the same frames: pure functions.

Two questions, two matchings, both one to one within a frame:

- Masks: the pairs whose IoUs add up to the most. `mask_iou` is the mean over all instances of the
  reference, one without a counterpart counting 0.
- Identities: the correspondences of CLEAR MOT (Bernardin & Stiefelhagen, Evaluating multiple object
  tracking performance, 2008, section 2.1). A pair of the frame before stays one while its IoU is
  above 0.5; of the other instances, those pairs above 0.5 whose IoUs add up to the most. An object
  of the reference that corresponds to another identity than the last time is a switch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mobileinst_deploy.curve.overlaps import FrameOverlap
from mobileinst_deploy.tracking.association import associate

SAME = 0.5  # two instances are of one object above this IoU

Pairs = dict[int, int]  # identity of the reference -> identity that was found


@dataclass(frozen=True)
class Tally:
    """Sums over the frames of a video, or of several."""

    frames: int = 0
    instances: int = 0  # of the reference
    iou_sum: float = 0.0
    found: int = 0  # instances of the reference with a correspondence
    extra: int = 0  # instances without one in the reference
    switches: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.frames + other.frames,
            self.instances + other.instances,
            self.iou_sum + other.iou_sum,
            self.found + other.found,
            self.extra + other.extra,
            self.switches + other.switches,
        )


@dataclass(frozen=True)
class Agreement:
    """None where the reference has no instance."""

    mask_iou: float | None  # 0..1
    found: float | None  # 0..1, of the reference's instances
    extra: float | None  # instances that the reference lacks, for each that it has
    switches: int
    switches_per_100_frames: float


def agreement(tally: Tally) -> Agreement:
    """Of one frame or more."""

    def share(part: float) -> float | None:
        return part / tally.instances if tally.instances else None

    return Agreement(
        share(tally.iou_sum),
        share(tally.found),
        share(tally.extra),
        tally.switches,
        100 * tally.switches / tally.frames,
    )


def tally_video(overlaps: Iterable[FrameOverlap]) -> Tally:
    """Of the frames of one video, in order."""
    total, before, last = Tally(), Pairs(), Pairs()
    for overlap in overlaps:
        pairs = correspond(overlap, before)
        total += Tally(
            frames=1,
            instances=len(overlap.reference),
            iou_sum=best_iou_sum(overlap),
            found=len(pairs),
            extra=len(overlap.found) - len(pairs),
            switches=sum(last.get(own, other) != other for own, other in pairs.items()),
        )
        before, last = pairs, last | pairs
    return total


def best_iou_sum(overlap: FrameOverlap) -> float:
    return float(sum(overlap.ious[pair] for pair in associate(overlap.ious, 0.0).items()))


def correspond(overlap: FrameOverlap, before: Mapping[int, int]) -> Pairs:
    """`before`: the correspondences in the frame before."""
    rows = {identity: row for row, identity in enumerate(overlap.reference)}
    columns = {identity: column for column, identity in enumerate(overlap.found)}
    kept = {
        own: other
        for own, other in before.items()
        if own in rows and other in columns and overlap.ious[rows[own], columns[other]] > SAME
    }
    free = overlap.ious.copy()
    free[[rows[own] for own in kept], :] = 0
    free[:, [columns[other] for other in kept.values()]] = 0
    new = associate(np.asarray(free), SAME)
    return kept | {overlap.reference[row]: overlap.found[column] for row, column in new.items()}
