"""Parity at a glance: graph × runtime, coloured by how much of its tolerance is used."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mobileinst_deploy.report.blocks import Cell, Table

if TYPE_CHECKING:
    from mobileinst_deploy.parity.report import Comparison

STEPS = 5  # of the colours: the faintest for 1e-4 of the limit and below, the last up to the limit
TITLE = (
    "The worst output of the worst frame. Stronger colours: closer to the tolerance, a "
    "step for each power of ten; ✓ within it, ✗ beyond it."
)


def heat_table(comparisons: Sequence["Comparison"]) -> Table:
    """Below each difference how much of its limit it is."""
    worst = worst_by_place(comparisons)
    graphs = list(dict.fromkeys(graph for graph, _ in worst))
    runtimes = list(dict.fromkeys(runtime for _, runtime in worst))
    rows: list[tuple[Cell | str, ...]] = [
        (graph, *(cell(worst.get((graph, runtime))) for runtime in runtimes)) for graph in graphs
    ]
    titles = (title(runtime) for runtime in runtimes)
    return Table(TITLE, ("graph", *titles), rows, look="heat")


def title(runtime: str) -> str:
    """PyTorch is held against the golden outputs of the export."""
    return "pytorch\ngolden" if runtime == "pytorch" else runtime.replace(":", "\n")


def worst_by_place(comparisons: Sequence["Comparison"]) -> Mapping[tuple[str, str], "Comparison"]:
    """By graph and runtime. The picture's way in is a graph's row of its own."""
    from mobileinst_deploy.parity.report import PREPROCESSING
    from mobileinst_deploy.parity.table import badness

    worst: dict[tuple[str, str], Comparison] = {}
    for one in comparisons:
        if one.graph == PREPROCESSING:
            continue
        place = one.graph, one.runtime
        worst[place] = max(worst.get(place, one), one, key=badness)
    return worst


def cell(one: "Comparison | None") -> Cell:
    from mobileinst_deploy.parity.table import nonfinite_text
    from mobileinst_deploy.parity.tolerances import TOLERANCES, short

    if one is None:
        return Cell("-", "quiet")
    limit = TOLERANCES[one.tolerance].relative
    figure = nonfinite_text(one) or short(one.relative)
    if not one.passed:
        return Cell(f"✗ {figure}", "fail", f"fails at {one.tolerance}")
    if limit is None or one.relative is None:
        return Cell(f"✓ {figure}", "heat-unjudged", "judged by its masks")
    used = one.relative / limit
    if used > 1:
        return Cell(f"✓ {figure}", f"heat-{STEPS}", "these weights amplify rounding")
    return Cell(f"✓ {figure}", f"heat-{step(used)}", f"{100 * used:.2g} % of limit")


def step(used: float) -> int:
    """1..STEPS of a share of the limit, 0..1."""
    if used <= 0:
        return 1
    return max(1, STEPS + math.ceil(math.log10(used) - 1e-9))
