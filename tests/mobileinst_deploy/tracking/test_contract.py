"""Which graphs track a video: read off contracts that are sound, and refused where they are not."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from export.errors import BundleError
from export.manifest import AS_IT_IS, Bundle, GraphSpec, StateEdge
from mobileinst_deploy.tracking.contract import FOLDED, PLAIN, plan_tracking
from tests.mobileinst_deploy.tracking.oracle_bundle import edge, oracle_bundle, tensors

LIVE = "the live kernels"
TO_FOLD, TO_PLAIN, TO_FOLDED = oracle_bundle().manifest.state

Change = Callable[[Bundle], Bundle]


def edges(*state: StateEdge) -> Change:
    return lambda bundle: replace(bundle, manifest=replace(bundle.manifest, state=state))


def graph(name: str, **parts: object) -> Change:
    """With other inputs or outputs of one graph; a new graph where there was none."""

    def change(bundle: Bundle) -> Bundle:
        graphs = dict(bundle.manifest.graphs)
        graphs[name] = replace(graphs.get(name, GraphSpec("", (), (), ())), **parts)
        return replace(bundle, manifest=replace(bundle.manifest, graphs=graphs))

    return change


def changed(*changes: Change) -> Bundle:
    bundle = oracle_bundle()
    for change in changes:
        bundle = change(bundle)
    return bundle


@pytest.mark.parametrize(
    ("reuse", "graphs"),
    [(FOLDED, ("keyframe", "fold", FOLDED)), (PLAIN, ("keyframe", PLAIN))],
)
def test_the_graphs_in_their_order(reuse: str, graphs: Sequence[str]):
    plan = plan_tracking(oracle_bundle(), reuse)
    assert plan.graphs == graphs
    assert [(one.graph, one.target) for one in plan.into(reuse)] == [graphs[-2:]]
    assert [one.selected for one in plan.handovers] == [
        one.graph == "keyframe" for one in plan.handovers
    ]


FOLDED_TWICE = (
    graph("squeeze", inputs=tensors(folded=(1, "n", 64)), outputs=tensors(squeezed=(1, "n", 64))),
    edges(TO_FOLD, edge("fold.folded", "squeeze.folded", AS_IT_IS),
          edge("squeeze.squeezed", f"{FOLDED}.folded", AS_IT_IS)),
)  # fmt: skip
KERNELS_TWICE = (
    graph(FOLDED, inputs=(*tensors(kernels=(1, "n", 64)), *oracle_bundle().graph(FOLDED).inputs)),
    edges(TO_FOLD, TO_FOLDED, edge("keyframe.kernels", f"{FOLDED}.kernels", LIVE)),
)


@pytest.mark.parametrize(
    ("changes", "once"),
    [(FOLDED_TWICE, ("fold", "squeeze")), (KERNELS_TWICE, ("fold",))],
    ids=["two graphs in between", "the reuse graph takes kernels beside their fold"],
)
def test_what_runs_once_a_keyframe(changes: Sequence[Change], once: Sequence[str]):
    plan = plan_tracking(changed(*changes))
    assert plan.graphs == ("keyframe", *once, FOLDED)


ORACLE = oracle_bundle()
IMAGE = ORACLE.graph("keyframe").inputs
PREDICTION = ORACLE.graph("keyframe").outputs
BROKEN: dict[str, tuple[Sequence[Change], str]] = {
    "no edges": ([edges()], f"expected one state edge into {FOLDED}.folded, got 0"),
    "no edge into the fold": (
        [edges(TO_FOLDED)],
        "expected one state edge into fold.kernels, got 0",
    ),
    "two edges": ([edges(TO_FOLD, TO_FOLDED, TO_FOLD)], "into fold.kernels, got 2"),
    "from an unknown graph": (
        [edges(edge("no.where", f"{FOLDED}.folded", AS_IT_IS))],
        "no graph 'no'",
    ),
    "from no output": (
        [edges(edge("fold", f"{FOLDED}.folded", AS_IT_IS), TO_FOLD)],
        "'fold' has no output ''",
    ),
    "from an unknown output": (
        [edges(edge("keyframe.queries", "fold.kernels", LIVE), TO_FOLDED)],
        "graph 'keyframe' has no output 'queries'",
    ),
    "a circle of one": (
        [edges(edge("fold.folded", "fold.kernels", AS_IT_IS), TO_FOLDED)],
        "round in a circle: fold -> fold",
    ),
    "a circle of two": (
        [edges(edge(f"{FOLDED}.mask_logits", "fold.kernels", AS_IT_IS), TO_FOLDED)],
        "round in a circle: .*fold -> ",
    ),
    "a keyframe without objectness": (
        [graph("keyframe", outputs=(PREDICTION[0], *PREDICTION[2:]))],
        "graph 'keyframe' has no output 'objectness'",
    ),
    "a keyframe without an image": ([graph("keyframe", inputs=())], "'keyframe' takes no image"),
    "a reuse graph without an image": (
        [graph(FOLDED, inputs=ORACLE.graph(FOLDED).inputs[1:])],
        f"'{FOLDED}' takes no image",
    ),
    "a reuse graph without masks": (
        [graph(FOLDED, outputs=())],
        f"'{FOLDED}' has no output 'mask_logits'",
    ),
    "a fold of the image": (
        [graph("fold", inputs=(*IMAGE, *ORACLE.graph("fold").inputs))],
        "'fold' takes an image",
    ),
    "all kernels": (
        [edges(edge("keyframe.kernels", "fold.kernels", AS_IT_IS), TO_FOLDED)],
        "got keyframe.kernels to fold.kernels, as it is",
    ),
    "live masks": (
        [edges(edge("keyframe.mask_logits", "fold.kernels", LIVE), TO_FOLDED)],
        "got keyframe.mask_logits to fold.kernels, selected",
    ),
    "a selection of what is folded": (
        [edges(TO_FOLD, edge("fold.folded", f"{FOLDED}.folded", LIVE))],
        f"got fold.folded to {FOLDED}.folded, selected",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_contract_is_refused_in_one_line(what: str):
    changes, says = BROKEN[what]
    with pytest.raises(BundleError, match=f"^oracle: .*{says}") as caught:
        plan_tracking(changed(*changes))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("reuse", "says"),
    [("keyframe", "'keyframe' takes nothing of a keyframe"), ("reuse", "no graph 'reuse'")],
)
def test_a_graph_that_reuses_nothing_is_refused(reuse: str, says: str):
    with pytest.raises(BundleError, match=says):
        plan_tracking(oracle_bundle(), reuse)
