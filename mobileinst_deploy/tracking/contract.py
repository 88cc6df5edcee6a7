"""Which graphs track a video, and what they hand on: read off the manifest's state contract."""

from dataclasses import dataclass

from export.errors import BundleError
from export.golden_io import IMAGE
from export.manifest import AS_IT_IS, Bundle

FOLDED, PLAIN = "reuse_folded", "reuse_plain"


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

    Raises BundleError where the bundle has no such graph, or the contract does not say where one
    of its inputs comes from.
    """
    handovers, graphs = [], [reuse]
    for graph in graphs:  # grows while it is walked
        found = [incoming(bundle, graph, spec.name) for spec in bundle.graph(graph).inputs
                 if spec.name != IMAGE]  # fmt: skip
        handovers += found
        graphs += dict.fromkeys(one.graph for one in found if one.graph not in graphs)
    keyframe, once = graphs[-1], tuple(reversed(graphs[1:-1]))
    if keyframe == reuse or not any(handover.selected for handover in handovers):
        raise BundleError(f"{bundle.path}: graph {reuse!r} takes no kernels of a keyframe")
    return TrackingPlan(keyframe, once, reuse, tuple(handovers))


def incoming(bundle: Bundle, graph: str, name: str) -> Handover:
    """Raises BundleError unless exactly one edge of the contract leads into that input."""
    edges = [edge for edge in bundle.manifest.state if edge.target == f"{graph}.{name}"]
    if len(edges) != 1:
        raise BundleError(
            f"{bundle.path}: expected one state edge into {graph}.{name}, got {len(edges)}; "
            "export the bundle again"
        )
    source, _, output = edges[0].source.partition(".")
    bundle.graph(source)
    return Handover(source, output, graph, name, edges[0].transform != AS_IT_IS)
