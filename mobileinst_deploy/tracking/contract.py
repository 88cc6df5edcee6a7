"""Which graphs track a video, and what they hand on: read off the manifest's state contract."""

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from export.errors import BundleError
from export.golden_io import IMAGE
from export.manifest import AS_IT_IS, Bundle
from mobileinst_deploy.feeding import check_reuses

FOLDED, PLAIN = "reuse_folded", "reuse_plain"
KERNELS, MASK_LOGITS = "kernels", "mask_logits"
PREDICTION = ("class_logits", "objectness", KERNELS, MASK_LOGITS)  # of a keyframe


@dataclass(frozen=True)
class Handover:
    """An output that becomes an input; `selected`: of it, the live kernels, padded."""

    graph: str
    output: str
    target: str  # a graph
    input: str
    selected: bool


@dataclass(frozen=True)
class TrackingPlan:
    keyframe: str  # takes the image alone
    once: tuple[str, ...]  # once a keyframe, in this order: they turn kernels into state
    reuse: str  # the frames in between
    handovers: tuple[Handover, ...]

    @property
    def graphs(self) -> tuple[str, ...]:
        return (self.keyframe, *self.once, self.reuse)

    def into(self, graph: str) -> tuple[Handover, ...]:
        return tuple(handover for handover in self.handovers if handover.target == graph)


def plan_tracking(bundle: Bundle, reuse: str = FOLDED) -> TrackingPlan:
    """From the reuse graph back to the keyframe.

    Raises BundleError where the bundle has no such graph, where the contract does not say where one
    of its inputs comes from, or where it is not of the kind that a tracker can follow: one graph
    takes the image alone and gives kernels, the live ones go through graphs without an image into
    the reuse graph, and no graph waits for itself.
    """
    check_reuses(bundle, "tracking")
    sources = trace(bundle, reuse)
    keyframe, *between = in_order(bundle, sources)
    if keyframe == reuse:
        raise refusal(bundle, f"graph {reuse!r} takes nothing of a keyframe")
    handovers = tuple(handover for found in sources.values() for handover in found)
    plan = TrackingPlan(keyframe, tuple(between[:-1]), reuse, handovers)
    check_images(bundle, plan)
    check_outputs(bundle, plan)
    check_kernels(bundle, plan)
    return plan


def trace(bundle: Bundle, reuse: str) -> dict[str, list[Handover]]:
    """What is handed to the reuse graph, and to every graph that something comes from."""
    sources: dict[str, list[Handover]] = {}
    waiting = [reuse]
    while waiting:
        if (graph := waiting.pop()) not in sources:
            inputs = bundle.graph(graph).inputs
            found = [incoming(bundle, graph, spec.name) for spec in inputs if spec.name != IMAGE]
            sources[graph] = found
            waiting += [handover.graph for handover in found]
    return sources


def incoming(bundle: Bundle, graph: str, name: str) -> Handover:
    """Raises BundleError unless exactly one edge of the contract leads into that input."""
    edges = [edge for edge in bundle.manifest.state if edge.target == f"{graph}.{name}"]
    if len(edges) != 1:
        raise refusal(bundle, f"expected one state edge into {graph}.{name}, got {len(edges)}")
    source, _, output = edges[0].source.partition(".")
    return Handover(source, output, graph, name, edges[0].transform != AS_IT_IS)


def in_order(bundle: Bundle, sources: dict[str, list[Handover]]) -> list[str]:
    """The graphs so that each comes behind those that it takes something from."""
    needs = {graph: [one.graph for one in found] for graph, found in sources.items()}
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise refusal(bundle, f"the state edges go round in a circle: {circle}") from error


def check_images(bundle: Bundle, plan: TrackingPlan) -> None:
    """The image goes into the keyframe and the reuse graph, and into nothing in between."""
    takers = (plan.keyframe, plan.reuse)
    for graph in plan.graphs:
        takes = any(spec.name == IMAGE for spec in bundle.graph(graph).inputs)
        if takes != (graph in takers):
            raise refusal(bundle, f"graph {graph!r} {'takes an' if takes else 'takes no'} image")


def check_outputs(bundle: Bundle, plan: TrackingPlan) -> None:
    wanted = [
        *((plan.keyframe, name) for name in PREDICTION),
        (plan.reuse, MASK_LOGITS),
        *((handover.graph, handover.output) for handover in plan.handovers),
    ]
    for graph, output in wanted:
        if output not in (spec.name for spec in bundle.graph(graph).outputs):
            raise refusal(bundle, f"graph {graph!r} has no output {output!r}")


def check_kernels(bundle: Bundle, plan: TrackingPlan) -> None:
    """What leaves the keyframe are its live kernels, and nothing else is selected."""
    for handover in plan.handovers:
        of_keyframe = handover.graph == plan.keyframe
        if of_keyframe != handover.selected or (of_keyframe and handover.output != KERNELS):
            how = "selected" if handover.selected else AS_IT_IS
            edge = f"{handover.graph}.{handover.output} to {handover.target}.{handover.input}"
            raise refusal(bundle, f"expected live kernels from the keyframe, got {edge}, {how}")


def refusal(bundle: Bundle, problem: str) -> BundleError:
    return BundleError(
        f"{bundle.path}: no video can be tracked: {problem}; export the bundle again"
    )
