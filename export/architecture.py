"""What export has to know of an architecture: its graphs, its reference, what is handed over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from export import live_kernels
from export.graphs import (
    FOLD,
    KEYFRAME,
    REUSE_FOLDED,
    REUSE_PLAIN,
    Graph,
    GraphOptions,
    build_graphs,
)
from export.manifest import AS_IT_IS, KernelRule, StateEdge
from export.peer_graphs import MASKS, PeerReference, build_peer_graphs
from export.reference import MobileInstReference, Reference
from models.peers.peer import Peer
from models.preprocessing import Preprocessing
from models.zoo import Network

Graphs = dict[str, Graph]  # by name, keyframe first

CHOOSING_RULE = (
    "the instances of the best scores, best first; all places are taken, so that those of low "
    "scores have to be dropped by whoever reads the masks"
)
NO_RULE = "no graph takes kernels"


@dataclass(frozen=True)
class Architecture:
    graphs: Callable[[Any, GraphOptions], Graphs]
    reference: Callable[[Any, Preprocessing, int], Reference[Any]]
    kernels: Callable[[GraphOptions, Graphs], KernelRule]
    state: Callable[[Graphs], tuple[StateEdge, ...]]


def live_rule(options: GraphOptions, graphs: Graphs) -> KernelRule:
    return KernelRule(options.kernels, live_kernels.PADDING_RULE)


def choosing_rule(options: GraphOptions, graphs: Graphs) -> KernelRule:
    if MASKS in graphs:
        return KernelRule(options.instances, CHOOSING_RULE)
    return KernelRule(None, NO_RULE)


def state_contract(graphs: Graphs) -> tuple[StateEdge, ...]:
    until = "until the next keyframe"
    reset = "at every keyframe"
    select = "the live kernels, chosen and padded by the kernel rule"
    edges = [
        StateEdge(f"{KEYFRAME}.kernels", f"{target}.kernels", until, reset, select)
        for target in (FOLD, REUSE_PLAIN)
    ]
    return (
        *edges,
        *(
            StateEdge(f"{FOLD}.{o.name}", f"{REUSE_FOLDED}.{o.name}", until, reset, AS_IT_IS)
            for o in graphs[FOLD].outputs
        ),
    )


MOBILEINST = Architecture(build_graphs, MobileInstReference, live_rule, state_contract)
PEER = Architecture(build_peer_graphs, PeerReference, choosing_rule, lambda graphs: ())


def architecture(network: Network) -> Architecture:
    return PEER if isinstance(network, Peer) else MOBILEINST


def make_reference(
    network: Network, preprocessing: Preprocessing, rule: KernelRule
) -> Reference[Any]:
    """`rule` is the manifest's; where it leaves n free, the reference takes the usual number."""
    count = rule.count or live_kernels.DEFAULT_COUNT
    return architecture(network).reference(network, preprocessing, count)
