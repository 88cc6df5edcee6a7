"""How much difference each precision may make, and what to say about it.

The limits rest on measurements of two networks (mobileinst-topformer-b and mobileinst-seaformer-t)
with drawn weights and calibrated batch norm, on photographs at 256×448. The worst figures seen:

| precision                          | relative | cosine  | mean mask IoU | same top class |
|------------------------------------|----------|---------|---------------|----------------|
| fp32 against float64               | 9e-6     | 1.00000 | 0.9999        | 1.00           |
| fp16-storage (weights rounded)     | 2e-2     | 0.99992 | 0.983         | 0.99           |
| fp16 (weights and arithmetic)      | 3e-2     | 0.99964 | 0.960         | 0.98           |
| fp16 in ncnn's kernels for ARM     | 1.2e-1   | 0.9931  | 0.942         | 0.88           |

The last row is mobileinst-topformer-t at 96×160 in the runner for phones (qemu, two photographs,
the mean cosine of its kernels 0.9990). The row before it rounds every tensor to float16, but its
sums stay in float32; ncnn's kernels add up in float16 too, which costs three times as much. The
limits of fp16 leave room for that, and so find few faults: fp32, on the same layers, finds them.

fp32: sums of the same float32 products in another order differ by 1e-7 each, which a few dozen
layers carry to 1e-6..1e-5. Faults put in on purpose gave 1e-3..8e-1 (one layer without its bias or
mean), 3e-2..3e-1 (every resize with other corners) and 1e-1..1 (BGR for RGB). 1e-4 lies between.
Without calibrated or trained statistics the network itself amplifies rounding (2e-2 was seen), and
no limit tells that from a fault. Where drawn weights have a bias of 0, no limit sees it lost.

int8: the largest element is an outlier's, so that `relative` says little; the masks decide. Its
limits are what a user would accept, not measured: on untrained weights, whose masks hang on small
differences, weights rounded to int8 alone leave a mean mask IoU of 0.63 to 0.85.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from export.manifest import Precision
from mobileinst_deploy.parity.metrics import TensorMetrics

SPREAD = 4  # two float32 sums differ from each other by a few times what one differs from float64
NEAR = 5  # up to so many times its limit a difference is suspicious, beyond that a fault

NO_TERMS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Tolerance:
    name: Precision
    relative: float | None  # ceiling; None: not judged
    cosine: float  # floors from here on
    kernel_cosine_mean: float
    mask_iou_mean: float
    top1_agreement: float
    passes: str  # what a difference within the limits is
    near: str
    fails: str
    nonfinite: str


@dataclass(frozen=True)
class Verdict:
    passed: bool
    sentence: str


_BISECT = "try --bisect to find the first layer that differs"
_RANGE = "a value left float16's range, which ends at 65504"

TOLERANCES: dict[Precision, Tolerance] = {
    "fp32": Tolerance(
        name="fp32",
        relative=1e-4,
        cosine=0.999999,
        kernel_cosine_mean=0.999999,
        mask_iou_mean=0.99,
        top1_agreement=0.95,  # of 20 queries, one with two equal classes
        passes="which is normal float32 rounding",
        near="this is more than float32 rounding gives in a trained or calibrated network",
        fails=f"this is a fault, not rounding; {_BISECT}",
        nonfinite=f"float32 does not overflow here, so an operator is wrong; {_BISECT}",
    ),
    "fp16-storage": Tolerance(
        name="fp16-storage",
        relative=5e-2,
        cosine=0.9995,
        kernel_cosine_mean=0.9995,
        mask_iou_mean=0.95,
        top1_agreement=0.95,
        passes="which is normal for weights stored as float16",
        near="this is more than rounded weights usually cost; look at the masks",
        fails=f"this is a fault, not the weights' rounding; check fp32 first, then {_BISECT}",
        nonfinite="a weight left float16's range, which ends at 65504",
    ),
    "fp16": Tolerance(
        name="fp16",
        relative=2.5e-1,
        cosine=0.985,
        kernel_cosine_mean=0.995,
        mask_iou_mean=0.9,
        top1_agreement=0.85,
        passes="which is normal for float16 arithmetic",
        near="this is more than float16 arithmetic usually costs; some layers may need float32",
        fails=f"this is a fault, not float16's rounding; check fp16-storage first, then {_BISECT}",
        nonfinite=f"{_RANGE}; {_BISECT}, and keep that layer in float32",
    ),
    "int8": Tolerance(
        name="int8",
        relative=None,
        cosine=0.97,
        kernel_cosine_mean=0.97,
        mask_iou_mean=0.8,
        top1_agreement=0.85,
        passes="which is normal for int8",
        near="this is more than int8 should cost; calibrate with more frames of your own",
        fails="the masks are no longer the network's; keep the sensitive layers in float",
        nonfinite=f"int8 can't overflow to it, so an operator is wrong; {_BISECT}",
    ),
}

# How a judged figure reads, and the best value it can have.
_READINGS: dict[str, tuple[str, float]] = {
    "relative": ("differs by {} of the largest value", 0),
    "cosine": ("has a cosine of {}", 1),
    "kernel_cosine_mean": ("has kernels of mean cosine {}", 1),
    "mask_iou_mean": ("has masks of mean IoU {}", 1),
    "top1_agreement": ("names the same class for a share of {} of the queries", 1),
}


def judge(
    metrics: TensorMetrics, tolerance: Tolerance, user_terms: Mapping[str, float] = NO_TERMS
) -> Verdict:
    """One tensor's figures, with those of `metrics.in_user_terms` where it has any.

    The sentence has the tensor as its subject: "agrees to 3e-6, which is …".
    """
    if obstacle := find_obstacle(metrics, tolerance):
        return Verdict(False, obstacle)
    excesses = find_excesses(metrics, tolerance, user_terms)
    worst = max(excesses, key=lambda term: excesses[term])
    if excesses[worst] <= 1:
        return Verdict(True, praise(metrics, tolerance))
    value = {"relative": metrics.relative, "cosine": metrics.cosine, **user_terms}[worst]
    reading, limit = _READINGS[worst][0].format(short(value)), short(getattr(tolerance, worst))
    advice = tolerance.near if excesses[worst] <= NEAR else tolerance.fails
    return Verdict(False, f"{reading} (limit {limit}): {advice}")


def widen(
    tolerance: Tolerance, noise: TensorMetrics, noise_terms: Mapping[str, float] = NO_TERMS
) -> Tolerance:
    """With limits of at least SPREAD times what rounding does to the reference itself.

    `noise` is PyTorch in float32 against float64.
    """
    figures = {"relative": noise.relative, "cosine": noise.cosine, **noise_terms}
    limits = {}
    for term, (_, best) in _READINGS.items():
        limit, figure = getattr(tolerance, term), figures.get(term)
        if limit is not None and figure is not None:
            allowance = max(abs(limit - best), SPREAD * abs(figure - best))
            limits[term] = best + allowance if best == 0 else best - allowance
    return replace(tolerance, **limits)


def excuse(metrics: TensorMetrics, noise: TensorMetrics) -> Verdict:
    """For a difference that only the wider limits cover."""
    return Verdict(
        True,
        f"agrees to {short(metrics.relative)}; these weights amplify rounding: in PyTorch itself "
        f"float32 is {short(noise.relative)} away from float64",
    )


def find_obstacle(metrics: TensorMetrics, tolerance: Tolerance) -> str | None:
    """What makes every other figure meaningless."""
    if metrics.shape_got != metrics.shape_expected:
        return f"has shape {metrics.shape_got}, expected {metrics.shape_expected}"
    if metrics.reference_nonfinite:
        count = metrics.reference_nonfinite
        return f"can't be judged: the reference itself has {count} NaN or Inf; check the weights"
    counts = {"NaN": metrics.nan, "Inf": metrics.inf}
    if any(counts.values()):
        found = " and ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        return f"has {found}: {tolerance.nonfinite}"
    if metrics.relative is None:
        return f"reaches {short(metrics.max_abs)} where the reference is all 0: {tolerance.fails}"
    return None


def find_excesses(
    metrics: TensorMetrics, tolerance: Tolerance, user_terms: Mapping[str, float]
) -> dict[str, float]:
    """How many times its allowance each judged figure is away from the best value."""
    figures = {"relative": metrics.relative, "cosine": metrics.cosine, **user_terms}
    return {
        term: abs(value - best) / abs(limit - best)
        for term, (_, best) in _READINGS.items()
        if (value := figures.get(term)) is not None
        and (limit := getattr(tolerance, term)) is not None
    }


def praise(metrics: TensorMetrics, tolerance: Tolerance) -> str:
    if metrics.max_abs == 0:
        return "is identical"
    return f"agrees to {short(metrics.relative)}, {tolerance.passes}"


def short(value: float | None) -> str:
    """A figure as one says it: 3e-6, 0.3, 0.9996."""
    if value is None:
        return "none"
    if value and abs(value) < 0.01:
        mantissa, exponent = f"{value:.0e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{value:.6g}" if abs(value) > 0.9 else f"{value:.2g}"
