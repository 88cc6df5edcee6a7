"""Tracks across keyframes: continued, born, lost, found again, forgotten. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mobileinst_deploy.tracking.association import associate, cosine_similarities
from mobileinst_deploy.tracking.selection import Candidates
from mobileinst_deploy.tracking.settings import TrackingSettings


@dataclass(frozen=True, eq=False)
class Track:
    identity: int  # from 1, in the order of birth
    kernel: NDArray[np.float32]  # [D], of the last keyframe that saw it
    missed: int  # keyframes since then
    frames: int  # in which it had pixels
    score_sum: float  # over these frames
    class_sums: NDArray[np.float64]  # [C], of the class probabilities over these frames

    @property
    def label(self) -> int:
        return int(self.class_sums.argmax())

    @property
    def score(self) -> float:
        return self.score_sum / self.frames if self.frames else 0.0


@dataclass(frozen=True)
class Continuation:
    """What a keyframe makes of the tracks."""

    tracks: tuple[Track, ...]  # all that are remembered, the oldest first
    live: tuple[tuple[int, int], ...]  # (candidate, identity), the best candidate first
    born: int  # identities given so far


def continue_tracks(
    tracks: Sequence[Track], candidates: Candidates, born: int, settings: TrackingSettings
) -> Continuation:
    """Associates the candidates with all remembered tracks, lost ones too.

    A candidate without a track begins one where its score reaches the birth threshold, and is
    dropped where not. A track without a candidate is lost, and forgotten after `memory` keyframes.
    """
    pairs = match(tracks, candidates, settings.similarity)
    found = {track: candidate for candidate, track in pairs.items()}
    kept = [
        continued(track, candidates, found.get(index))
        for index, track in enumerate(tracks)
        if index in found or track.missed < settings.memory
    ]
    live = {candidate: tracks[index].identity for candidate, index in pairs.items()}
    for candidate, score in enumerate(candidates.scores):
        if candidate not in live and score >= settings.birth:
            born += 1
            live[candidate] = born
            kept.append(begun(born, candidates, candidate))
    return Continuation(tuple(kept), tuple(sorted(live.items())), born)


def match(tracks: Sequence[Track], candidates: Candidates, similarity: float) -> dict[int, int]:
    """Candidate -> track, by their places."""
    if not tracks:
        return {}
    kernels = np.stack([track.kernel for track in tracks])
    return associate(cosine_similarities(candidates.kernels, kernels), similarity)


def continued(track: Track, candidates: Candidates, candidate: int | None) -> Track:
    if candidate is None:
        return replace(track, missed=track.missed + 1)
    return replace(track, missed=0, kernel=candidates.kernels[candidate])


def begun(identity: int, candidates: Candidates, candidate: int) -> Track:
    classes = candidates.class_probabilities.shape[1]
    return Track(identity, candidates.kernels[candidate], 0, 0, 0.0, np.zeros(classes))


def seen(track: Track, score: float, class_probabilities: NDArray[np.float32]) -> Track:
    """With one more frame in its averages."""
    return replace(
        track,
        frames=track.frames + 1,
        score_sum=track.score_sum + score,
        class_sums=track.class_sums + class_probabilities,
    )
