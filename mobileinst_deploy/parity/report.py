"""What parity finds, as plain data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from export.manifest import Precision
from mobileinst_deploy.parity.metrics import compare, in_user_terms
from mobileinst_deploy.parity.tolerances import Tolerance, excuse, judge, widen
from mobileinst_deploy.runtimes.base import Arrays

SCHEMA_VERSION = 2
PREPROCESSING = "preprocessing"  # stands for a graph where the picture's way in is compared
BY_PRECISION = "by precision"  # each runtime is held to the limits of its own precision
PYTORCH = "pytorch"  # the reference, held against the golden outputs of the export

Outcome = Literal["pass", "fail"]


@dataclass(frozen=True)
class Comparison:
    """One output of one graph on one frame, a runtime against PyTorch."""

    runtime: str
    graph: str
    output: str
    frame: str  # source#index
    tolerance: Precision
    passed: bool
    sentence: str
    max_abs: float | None
    relative: float | None  # max|a - b| / max|reference|
    cosine: float | None
    snr_db: float | None
    nan: int
    inf: int
    shape: tuple[int, ...]
    terms: Mapping[str, float]  # mask IoU, class agreement, kernel cosine
    rounding: float | None  # PyTorch in float32 from float64, where it was needed for the verdict


@dataclass(frozen=True)
class Drift:
    """A reused frame of a sequence, state handed over inside the runtime from the keyframe on."""

    since_keyframe: int  # frames
    comparison: Comparison


@dataclass(frozen=True)
class Culprit:
    """The first tensor of a failing graph that differs, where everything before it agrees."""

    runtime: str
    graph: str
    frame: str
    tensor: str
    operation: str  # of the node that computes it
    relative: float | None
    sentence: str


@dataclass(frozen=True)
class PhoneUsed:
    """A phone that ran graphs, and what ran them; None: the phone does not say."""

    serial: str
    manufacturer: str | None
    model: str | None
    soc: str | None
    android_version: str | None
    abi: str | None
    emulated: bool
    core: int  # that the runner was pinned to
    features: tuple[str, ...]  # of the CPU, as ncnn sees them
    runner: str  # its version
    runner_sha256: str
    target: str  # that it was built for
    ncnn: str  # its version
    left_out: Mapping[str, str]  # runtime -> why this phone can't be asked for it


@dataclass(frozen=True)
class ParityReport:
    verdict: Outcome
    bundle: str
    manifest_sha256: str
    tolerance: str  # the one for all, or BY_PRECISION
    comparisons: tuple[Comparison, ...]
    sequence: tuple[Drift, ...]
    culprits: tuple[Culprit, ...]
    versions: Mapping[str, str]
    phones: tuple[PhoneUsed, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)


class InBoth(NamedTuple):
    """The reference's outputs from the same inputs, computed twice."""

    float64: Arrays
    float32: Arrays


@dataclass(frozen=True)
class Subject:
    """Whose outputs are compared, and on which frame."""

    runtime: str
    graph: str
    frame: str


def compare_tensor(
    subject: Subject,
    output: str,
    expected: Arrays,
    got: Arrays,
    tolerance: Tolerance,
    reference: Callable[[], InBoth] | None = None,
) -> Comparison:
    """One output. What the tolerance does not cover is held against float64 before it fails.

    Weights that were never trained can amplify rounding beyond any fixed limit; `reference` tells
    how far PyTorch's own float32 is from float64.
    """
    metrics = compare(expected[output], got[output])
    terms = in_user_terms(output, expected[output], got[output])
    verdict = judge(metrics, tolerance, terms)
    rounding = None
    if not verdict.passed and metrics.relative is not None and reference is not None:
        exact, rounded = (arrays[output] for arrays in reference())
        noise, noise_terms = compare(exact, rounded), in_user_terms(output, exact, rounded)
        rounding = noise.relative
        wider = judge(metrics, widen(tolerance, noise, noise_terms), terms)
        verdict = excuse(metrics, noise) if wider.passed else verdict
    return Comparison(
        subject.runtime,
        subject.graph,
        output,
        subject.frame,
        tolerance.name,
        verdict.passed,
        verdict.sentence,
        metrics.max_abs,
        metrics.relative,
        metrics.cosine,
        metrics.snr_db,
        metrics.nan,
        metrics.inf,
        metrics.shape_got,
        terms,
        rounding,
    )
