"""What parity finds, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from export.manifest import Precision
from mobileinst_deploy.parity.metrics import TensorMetrics, compare, in_user_terms
from mobileinst_deploy.parity.tolerances import Tolerance, judge
from mobileinst_deploy.runtimes.base import Arrays

SCHEMA_VERSION = 1
PREPROCESSING = "preprocessing"  # stands for a graph where the picture's way in is compared
PYTORCH = "pytorch"  # the reference, held against the golden outputs of the export

Verdict = Literal["pass", "fail"]


@dataclass(frozen=True)
class Comparison:
    """One output of one graph on one frame, a runtime against PyTorch."""

    runtime: str
    graph: str
    output: str
    frame: str  # source#index
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
class ParityReport:
    verdict: Verdict
    bundle: str
    manifest_sha256: str
    tolerance: Precision
    comparisons: tuple[Comparison, ...]
    sequence: tuple[Drift, ...]
    culprits: tuple[Culprit, ...]
    versions: Mapping[str, str]
    schema_version: int = field(default=SCHEMA_VERSION)


@dataclass(frozen=True)
class Subject:
    """Whose outputs are compared, and on which frame."""

    runtime: str
    graph: str
    frame: str


def compare_tensor(
    subject: Subject, output: str, expected: Arrays, got: Arrays, tolerance: Tolerance
) -> Comparison:
    metrics = compare(expected[output], got[output])
    terms = in_user_terms(output, expected[output], got[output])
    verdict = judge(metrics, tolerance, terms)
    return comparison(subject, output, metrics, terms, verdict.passed, verdict.sentence)


def comparison(
    subject: Subject,
    output: str,
    metrics: TensorMetrics,
    terms: Mapping[str, float],
    passed: bool,
    sentence: str,
) -> Comparison:
    return Comparison(
        subject.runtime,
        subject.graph,
        output,
        subject.frame,
        passed,
        sentence,
        metrics.max_abs,
        metrics.relative,
        metrics.cosine,
        metrics.snr_db,
        metrics.nan,
        metrics.inf,
        metrics.shape_got,
        terms,
    )
