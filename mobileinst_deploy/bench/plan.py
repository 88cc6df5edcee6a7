"""What a bench measures: every graph that was asked for, in every runtime."""

from collections.abc import Sequence
from dataclasses import dataclass

from android_bench.measurement.results import KEYFRAME
from export.manifest import Bundle, Precision
from mobileinst_deploy.runtimes.base import Runtime

CONTROL = "control"  # the first runtime's keyframe graph once more, for the noise floor


@dataclass(frozen=True)
class BenchSettings:
    core: int | None = None  # None: the last that is allowed
    warmup: int = 10  # rounds that are not counted
    iterations: int = 50  # rounds that are
    graphs: tuple[str, ...] = ()  # none: all of the bundle
    golden: int = 0  # the golden frame whose tensors are the inputs
    seed: int = 0  # of the order within the rounds


@dataclass(frozen=True)
class Job:
    """One graph in one runtime."""

    name: str  # in the result
    runtime: Runtime
    graph: str

    @property
    def wanted(self) -> tuple[str, str, Precision]:
        """As the native runner is told of it."""
        return self.name, self.graph, self.runtime.precision


def plan(bundle: Bundle, runtimes: Sequence[Runtime], asked: Sequence[str]) -> tuple[Job, ...]:
    """Every graph in every runtime.

    The first runtime's graphs have their own names, and ratios are to its keyframe graph; those of
    the others come behind the runtime's name, as "ncnn/keyframe".
    """
    names = choose_graphs(bundle, asked)
    first = runtimes[0]
    return tuple(
        Job(name if runtime is first else f"{runtime.name}/{name}", runtime, name)
        for runtime in runtimes
        for name in names
    )


def choose_graphs(bundle: Bundle, asked: Sequence[str]) -> tuple[str, ...]:
    """All where none is asked for. The keyframe graph is always among them: ratios need it.

    Raises BundleError where the bundle has no graph of that name.
    """
    names = tuple(dict.fromkeys((KEYFRAME, *(asked or bundle.manifest.graphs))))
    for name in names:
        bundle.graph(name)
    return names


def control_job(runtimes: Sequence[Runtime]) -> Job:
    return Job(CONTROL, runtimes[0], KEYFRAME)


def describe_order(seed: int) -> str:
    return f"interleaved: each graph once a round, order shuffled with seed {seed}"
