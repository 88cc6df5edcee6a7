"""HOTA and IDF1: how well tracks keep their identities, by trackeval's metrics.

HOTA: Luiten et al., IJCV 2021. IDF1: Ristani et al., ECCV workshops 2016. A true and a found track
meet only within a video and a category; all of these are put together by their numbers of masks.
Crowds are left out. Unlike AP, every found track counts alike, whatever its score is.
"""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobileinst_deploy.curve.overlaps import Bits, mask_ious
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.ground_truth import GroundTruth, TrueTrack
from mobileinst_deploy.evaluation.results import FoundTrack
from mobileinst_deploy.tracking.rle import decode

Track = TrueTrack | FoundTrack


@dataclass(frozen=True)
class IdentityScores:
    """Each in 0..1. The first three are means over the IoU thresholds .05, .1, … .95."""

    hota: float  # the geometric mean of the next two, at each threshold
    det_a: float  # detection: of all masks of either side, those that have a counterpart
    ass_a: float  # association: how much of their tracks such a pair has in common
    idf1: float  # F1 of masks with the right identity, at an IoU of .5


def load_trackeval() -> Any:
    """Its metrics. Raises InputError where it is not installed."""
    try:
        return importlib.import_module("trackeval").metrics
    except ModuleNotFoundError as error:
        raise InputError(
            f"HOTA needs {error.name}, which is not installed: pip install "
            "'mobileinst-deploy[hota]'"
        ) from error


def identity_scores(truth: GroundTruth, results: Sequence[FoundTrack]) -> IdentityScores:
    """With at least one track to find. Raises InputError where trackeval is not installed."""
    metrics = load_trackeval()
    hota, identity = metrics.HOTA(), metrics.Identity({"PRINT_CONFIG": False})
    parts = dict(enumerate(sequences(truth, results)))
    hotas = hota.combine_sequences({n: hota.eval_sequence(part) for n, part in parts.items()})
    ids = identity.combine_sequences({n: identity.eval_sequence(p) for n, p in parts.items()})
    hota_mean, det_a, ass_a = (float(np.mean(hotas[name])) for name in ("HOTA", "DetA", "AssA"))
    return IdentityScores(hota_mean, det_a, ass_a, float(ids["IDF1"]))


def sequences(truth: GroundTruth, results: Sequence[FoundTrack]) -> Iterator[dict[str, object]]:
    """As trackeval takes them: one for each video and category that has a track."""
    wanted = [track for track in truth.tracks if not track.crowd]
    every: list[Track] = [*wanted, *results]
    for key in dict.fromkeys((track.video_id, track.category_id) for track in every):
        length = truth.videos[key[0]].length
        yield sequence(of_key(wanted, key, length), of_key(results, key, length), length)


def of_key(tracks: Sequence[Track], key: tuple[int, int], length: int) -> list[list[Bits | None]]:
    own = [track for track in tracks if (track.video_id, track.category_id) == key]
    return [frame_bits(track, length) for track in own]


def frame_bits(track: Track, length: int) -> list[Bits | None]:
    """The mask of each frame; None where it has no pixel."""
    (height, width), counts = track.mask.rle["size"], track.mask.rle["counts"]
    wide = decode(counts.decode("ascii"), height, width)
    frames = np.split(wide, length, axis=1)
    return [np.packbits(frame) if frame.any() else None for frame in frames]


def sequence(
    true: list[list[Bits | None]], found: list[list[Bits | None]], length: int
) -> dict[str, object]:
    frames = range(length)
    true_ids = [seen(true, frame) for frame in frames]
    found_ids = [seen(found, frame) for frame in frames]
    return {
        "num_gt_ids": len(true),
        "num_tracker_ids": len(found),
        "num_gt_dets": sum(map(len, true_ids)),
        "num_tracker_dets": sum(map(len, found_ids)),
        "gt_ids": true_ids,
        "tracker_ids": found_ids,
        "similarity_scores": [mask_ious(masks(true, f), masks(found, f)) for f in frames],
    }


def seen(tracks: list[list[Bits | None]], frame: int) -> NDArray[np.intp]:
    """The places of the tracks that the frame has."""
    return np.array([n for n, track in enumerate(tracks) if track[frame] is not None], np.intp)


def masks(tracks: list[list[Bits | None]], frame: int) -> list[Bits]:
    return [bits for track in tracks if (bits := track[frame]) is not None]
