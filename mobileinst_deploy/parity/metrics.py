"""How far a candidate's tensors are from the reference's: as numbers, and in the user's terms.

Every figure is computed in float64 and is a plain Python number or None, never NaN or infinite, so
that it can be written as JSON.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MASK_THRESHOLD = 0.45  # of the probability, as MODEL.SPARSE_INST.MASK_THRESHOLD in SparseInst

Doubles = NDArray[np.float64]
Array = NDArray[Any]


@dataclass(frozen=True)
class TensorMetrics:
    """The differences are over the elements that are finite in both; None where shapes differ."""

    max_abs: float | None
    relative: float | None  # max|a - b| / max|reference|; None where only that is 0
    cosine: float | None
    snr_db: float | None  # None where there is no noise at all, or no signal
    nan: int  # in the candidate
    inf: int  # in the candidate
    shape_expected: tuple[int, ...]
    shape_got: tuple[int, ...]
    reference_nonfinite: int = 0  # NaN and Inf in the reference


@dataclass(frozen=True)
class Agreement:
    """A score from -1 or 0 to 1, of many pairs; 1 where there is no pair."""

    mean: float
    minimum: float


def compare(reference: Array, candidate: Array) -> TensorMetrics:
    """Two arrays of any numeric type; a shape mismatch is reported, not raised."""
    a, b = np.asarray(reference, np.float64), np.asarray(candidate, np.float64)
    max_abs, relative, alike, snr = differences(a, b) if a.shape == b.shape else (None,) * 4
    return TensorMetrics(
        max_abs,
        relative,
        alike,
        snr,
        nan=int(np.isnan(b).sum()),
        inf=int(np.isinf(b).sum()),
        shape_expected=a.shape,
        shape_got=b.shape,
        reference_nonfinite=int((~np.isfinite(a)).sum()),
    )


def differences(
    reference: Doubles, candidate: Doubles
) -> tuple[float, float | None, float, float | None]:
    """max_abs, relative, cosine and snr_db of two arrays of one shape."""
    both = np.isfinite(reference) & np.isfinite(candidate)
    a, b = reference[both], candidate[both]
    noise = a - b
    max_abs = float(np.abs(noise).max(initial=0))
    largest = float(np.abs(a).max(initial=0))
    return max_abs, ratio(max_abs, largest), cosine(a, b), snr_db(a, noise)


def ratio(part: float, whole: float) -> float | None:
    if part == 0:
        return 0.0
    quotient = part / whole if whole else math.inf
    return quotient if math.isfinite(quotient) else None


def cosine(a: Doubles, b: Doubles) -> float:
    """Of two flat vectors: 1 where they are equal, 0 where only one of them is all 0."""
    if np.array_equal(a, b):
        return 1.0
    lengths = length(a), length(b)
    if not all(lengths):
        return 0.0
    return min(1.0, max(-1.0, float((a / lengths[0]) @ (b / lengths[1]))))


def snr_db(signal: Doubles, noise: Doubles) -> float | None:
    lengths = length(signal), length(noise)
    return 20 * (math.log10(lengths[0]) - math.log10(lengths[1])) if all(lengths) else None


def length(vector: Doubles) -> float:
    """Euclidean; no square overflows."""
    largest = float(np.abs(vector).max(initial=0))
    return largest * float(np.linalg.norm(vector / largest)) if largest else 0.0


def mask_iou(
    reference_logits: Array, candidate_logits: Array, probability_threshold: float = MASK_THRESHOLD
) -> Agreement:
    """IoU of the masks two [..., h, w] arrays of logits give; two empty masks agree fully (1.0)."""
    cut = math.log(probability_threshold / (1 - probability_threshold))
    h, w = reference_logits.shape[-2:]
    a = (reference_logits > cut).reshape(-1, h * w)  # [n, h·w]
    b = (candidate_logits > cut).reshape(-1, h * w)
    union = (a | b).sum(1)
    return summarise(np.where(union == 0, 1.0, (a & b).sum(1) / np.maximum(union, 1)))


def top_class_agreement(reference: Array, candidate: Array, k: int = 1) -> float:
    """The share of queries of [..., N, C] class logits whose k best classes are the same set."""
    a, b = top_classes(reference, k), top_classes(candidate, k)
    return float((a == b).all(-1).mean()) if a.size else 1.0


def top_classes(logits: Array, k: int) -> NDArray[np.intp]:
    """[..., N, C] -> [..., N, k], ascending; of equal logits, the lower class goes first."""
    best = np.argsort(-logits, axis=-1, kind="stable")[..., :k]
    return np.sort(best, axis=-1)


def kernel_cosine(reference: Array, candidate: Array) -> Agreement:
    """Cosine of each pair of kernels, [..., N, D]."""
    width = reference.shape[-1]
    rows = zip(reference.reshape(-1, width), candidate.reshape(-1, width), strict=True)
    return summarise(np.array([row_cosine(a, b) for a, b in rows]))


def row_cosine(reference: Array, candidate: Array) -> float:
    """0 where a value is not finite."""
    a, b = reference.astype(np.float64), candidate.astype(np.float64)
    return cosine(a, b) if np.isfinite(a).all() and np.isfinite(b).all() else 0.0


def summarise(scores: Doubles) -> Agreement:
    if not scores.size:
        return Agreement(1.0, 1.0)
    return Agreement(float(scores.mean()), float(scores.min()))


# What each output means to a user, by the tensor's name.
MEANINGS: dict[str, dict[str, Callable[[Array, Array], float | Agreement]]] = {
    "class_logits": {
        "top1_agreement": top_class_agreement,
        "top5_agreement": lambda a, b: top_class_agreement(a, b, 5),
    },
    "kernels": {"kernel_cosine": kernel_cosine},
    "mask_logits": {"mask_iou": mask_iou},
}


def in_user_terms(name: str, reference: Array, candidate: Array) -> dict[str, float]:
    """The scores of a tensor, as {"mask_iou_mean": …, "mask_iou_min": …}.

    Empty where the name has no meaning of its own or the shapes differ.
    """
    if reference.shape != candidate.shape:
        return {}
    return {
        key: value
        for term, measure in MEANINGS.get(name, {}).items()
        for key, value in flatten(term, measure(reference, candidate))
    }


def flatten(term: str, score: float | Agreement) -> list[tuple[str, float]]:
    if isinstance(score, Agreement):
        return [(f"{term}_mean", score.mean), (f"{term}_min", score.minimum)]
    return [(term, score)]
