"""Runs a bundle's graphs beside the reference network and compares, tensor by tensor."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import Any

from export.errors import BundleError
from export.golden_io import IMAGE, golden_key
from export.manifest import MANIFEST_NAME, Bundle, digest
from export.reference import MobileInstReference, Reference
from export.threads import one_thread
from export.verify import golden_problems
from mobileinst_deploy.feeding import check_reuses, frame_name
from mobileinst_deploy.parity.bisect import bisect_graph
from mobileinst_deploy.parity.cases import (
    Case,
    golden_arrays,
    golden_frames,
    make_cases,
)
from mobileinst_deploy.parity.phones import PhoneRows
from mobileinst_deploy.parity.report import (
    BY_PRECISION,
    PREPROCESSING,
    PYTORCH,
    Comparison,
    Culprit,
    Drift,
    ParityReport,
    Subject,
    compare_tensor,
)
from mobileinst_deploy.parity.sequence import run_sequence
from mobileinst_deploy.parity.tolerances import TOLERANCES, Tolerance
from mobileinst_deploy.reference import open_reference
from mobileinst_deploy.runtimes.artifacts import GuardedSession
from mobileinst_deploy.runtimes.base import Arrays, Runtime, Session
from models.frames import Frame

Progress = Callable[[str], None]
Sessions = dict[str, dict[str, Session]]  # runtime -> graph -> session


@dataclass(frozen=True)
class ParityWishes:
    runtimes: tuple[Runtime, ...]
    tolerance: Tolerance | None = None  # None: each runtime's precision has its own
    frames: tuple[Frame, ...] = ()  # none: the bundle's golden frames
    golden: int | None = None  # so many of these; None: all
    sequence: tuple[Frame, ...] = ()  # a keyframe and the frames that reuse its kernels
    bisect: bool = False
    phones: tuple[PhoneRows, ...] = ()  # whose runtimes are among those

    def tolerance_of(self, runtime: str) -> Tolerance:
        """By a runtime's name; PyTorch itself and preprocessing are float32."""
        own = (TOLERANCES[r.precision] for r in self.runtimes if r.name == runtime)
        return self.tolerance or next(own, TOLERANCES["fp32"])

    def with_phones(self, phones: Sequence[PhoneRows]) -> "ParityWishes":
        """Their runtimes come after the others."""
        own = (runtime for phone in phones for runtime in phone.runtimes)
        return replace(self, runtimes=(*self.runtimes, *own), phones=tuple(phones))


@one_thread()
def run_parity(bundle: Bundle, wishes: ParityWishes, progress: Progress) -> ParityReport:
    """Raises BundleError where the reference can't be rebuilt, RunError where a runtime fails."""
    check_golden(bundle)
    if wishes.sequence:
        check_reuses(bundle, "--sequence")
    progress("building the reference")
    reference = open_reference(bundle)
    sessions: Sessions = {
        runtime.name: {graph: runtime.load(bundle, graph) for graph in bundle.manifest.graphs}
        for runtime in wishes.runtimes
    }
    comparisons = [*compare_preprocessing(bundle, reference, wishes)]
    cases = {}  # those with a failure, for the bisection; a case holds megabytes
    frames = wishes.frames or golden_frames(bundle)[: wishes.golden]
    for index, case in enumerate(make_cases(bundle, reference, frames)):
        progress(f"frame {case.frame}")
        if not wishes.frames:
            comparisons += compare_golden(bundle, case, index, wishes)
        for phone in wishes.phones:
            phone.nets.ahead(case_inputs(bundle, case))
        compared = [*compare_graphs(bundle, case, sessions, wishes)]
        comparisons += compared
        if not all(comparison.passed for comparison in compared):
            cases[case.frame] = case
    drifts = run_sequences(bundle, reference, sessions, wishes, progress)
    culprits = (
        find_culprits(bundle, reference, sessions, cases, comparisons, wishes, progress)
        if wishes.bisect
        else ()
    )
    passed = all(c.passed for c in (*comparisons, *(drift.comparison for drift in drifts)))
    return ParityReport(
        "pass" if passed else "fail",
        str(bundle.path),
        digest(bundle.path / MANIFEST_NAME),
        wishes.tolerance.name if wishes.tolerance else BY_PRECISION,
        tuple(comparisons),
        tuple(drifts),
        tuple(culprits),
        {"torch": version("torch"), **{r.package: r.version() for r in wishes.runtimes}},
        tuple(phone.used for phone in wishes.phones),
    )


def case_inputs(bundle: Bundle, case: Case) -> dict[str, Arrays]:
    """By graph."""
    return {graph: case.inputs(bundle, graph) for graph in bundle.manifest.graphs}


def check_golden(bundle: Bundle) -> None:
    """Raises BundleError for the first golden tensor that is not as the manifest says."""
    for problem in golden_problems(bundle):
        raise BundleError(f"{problem}; export the bundle again")


def compare_preprocessing(
    bundle: Bundle, reference: Reference[Any], wishes: ParityWishes
) -> Iterator[Comparison]:
    """The manifest's preprocessing on the golden pictures, against the golden network inputs.

    Where preprocessing is baked, the graphs' own first operations are compared instead.
    """
    if bundle.manifest.preprocessing_baked:
        return
    for index, frame in enumerate(golden_frames(bundle)):
        subject = Subject(PREPROCESSING, PREPROCESSING, frame_name(frame))
        got = {IMAGE: reference.image(frame.picture)}
        golden = golden_arrays(bundle, index)
        yield compare_tensor(subject, IMAGE, golden, got, wishes.tolerance_of(PREPROCESSING))


def compare_golden(
    bundle: Bundle, case: Case, index: int, wishes: ParityWishes
) -> Iterator[Comparison]:
    """What PyTorch gives here and now, against what it gave at export."""
    golden = golden_arrays(bundle, index)
    for graph, spec in bundle.manifest.graphs.items():
        expected = {o.name: golden[golden_key(graph, o.name)] for o in spec.outputs}
        for output in expected:
            subject = Subject(PYTORCH, graph, case.frame)
            got, both = case.expected[graph], partial(case.in_both, graph)
            limits = wishes.tolerance_of(PYTORCH)
            yield compare_tensor(subject, output, expected, got, limits, both)


def compare_graphs(
    bundle: Bundle, case: Case, sessions: Sessions, wishes: ParityWishes
) -> Iterator[Comparison]:
    """Every graph on the reference's inputs, so that a fault shows in the graph that has it."""
    for runtime, graphs in sessions.items():
        for graph, session in graphs.items():
            got = session.run(case.inputs(bundle, graph))
            for spec in bundle.graph(graph).outputs:
                subject = Subject(runtime, graph, case.frame)
                yield compare_tensor(
                    subject,
                    spec.name,
                    case.expected[graph],
                    got,
                    wishes.tolerance_of(runtime),
                    partial(case.in_both, graph),
                )


def run_sequences(
    bundle: Bundle,
    reference: Reference[Any],
    sessions: Sessions,
    wishes: ParityWishes,
    progress: Progress,
) -> list[Drift]:
    if not wishes.sequence or not isinstance(reference, MobileInstReference):
        return []
    progress(f"sequence of {len(wishes.sequence)} frames")
    return [
        drift
        for runtime, graphs in sessions.items()
        for drift in run_sequence(
            bundle, reference, runtime, graphs, wishes.sequence, wishes.tolerance_of(runtime)
        )
    ]


def find_culprits(
    bundle: Bundle,
    reference: Reference[Any],
    sessions: Sessions,
    cases: dict[str, Case],
    comparisons: list[Comparison],
    wishes: ParityWishes,
    progress: Progress,
) -> Iterator[Culprit]:
    """The first tensor that differs, for every graph that failed, on the first frame it failed."""
    failed = {(c.runtime, c.graph): c for c in reversed(comparisons) if not c.passed}
    for (runtime, graph), comparison in failed.items():
        progress(f"bisecting {graph} in {runtime}")
        if runtime == PREPROCESSING:
            yield Culprit(
                runtime,
                graph,
                comparison.frame,
                IMAGE,
                "resize, colour order, mean and std",
                comparison.relative,
                "the picture's way into the network is not the one of the export",
            )
        elif isinstance(session := sessions.get(runtime, {}).get(graph), GuardedSession):
            case, tolerance = cases[comparison.frame], wishes.tolerance_of(runtime)
            yield bisect_graph(bundle, reference.network, runtime, session, graph, case, tolerance)
