"""Rows from samples that are known beforehand."""

from dataclasses import replace

import numpy as np
import pytest

from android_bench.measurement.results import GraphSamples
from android_bench.measurement.summary import FOLDED
from mobileinst_deploy.reproduce.cells import claim_line
from mobileinst_deploy.reproduce.paper import PaperRow, PaperTable
from mobileinst_deploy.reproduce.result import Macs
from mobileinst_deploy.reproduce.summarising import fill_table

BASE = PaperRow("ours", "a", 100)
TABLE = PaperTable(
    9,
    "made up",
    "nothing",
    "ours",
    (BASE, PaperRow("theirs", "b", 250), PaperRow("T = 3", "a", 80, None, 3, FOLDED)),
    "theirs",
)
SLOW = 1 + np.random.default_rng(0).uniform(0, 0.5, 40)  # of the machine, in each round


def series(ms: float) -> GraphSamples:
    samples_ms = tuple(map(float, ms * SLOW))
    return GraphSamples(samples_ms, (0,) * len(SLOW), 1.0, 1.0, "fp32", "spy")


GRAPHS = {
    "a/keyframe": series(10),
    "a/fold": series(2),
    "a/reuse_folded": series(6),
    "a/post": series(0.5),
    "b/keyframe": series(20),
    "b/masks": series(3),
}


def filled(graphs=GRAPHS, missing=None, macs=None):
    return {row.row: row for row in fill_table(TABLE, graphs, missing or {}, macs or {}).rows}


@pytest.mark.parametrize(
    ("row", "graphs", "ratio", "paper"),
    [
        ("ours", ("keyframe",), 1, 1),
        ("theirs", ("keyframe", "masks"), 2.3, 2.5),
        ("T = 3", ("keyframe", "fold", "reuse_folded"), (10 + 2 + 2 * 6) / 3 / 10, 0.8),
    ],
)
def test_a_row_takes_what_its_graphs_take(row, graphs, ratio, paper):
    """What slows the machine slows a whole round, and is not in the ratio."""
    found = filled()[row]
    assert found.timing.graphs == graphs
    assert found.timing.ratio == pytest.approx(ratio)
    assert found.timing.ratio_ci95 == pytest.approx((ratio, ratio))
    assert found.timing.median_ms == pytest.approx(10 * ratio * np.median(SLOW))
    assert found.paper_ratio == paper


def test_numpy_stands_apart_and_only_where_it_was_measured():
    found = filled()
    assert found["ours"].timing.post_ms == pytest.approx(0.5 * np.median(SLOW))
    assert (found["theirs"].timing.post_ms, found["T = 3"].timing.post_ms) == (None, None)


def test_a_network_that_was_not_measured_says_why():
    graphs = {name: one for name, one in GRAPHS.items() if name[0] == "a"}
    found = filled(graphs, {"b": "no such operator"})
    assert (found["theirs"].timing, found["theirs"].missing) == (None, "no such operator")
    assert (found["ours"].timing.ratio, found["ours"].missing) == (1, "")


def test_without_its_reference_a_table_has_no_times():
    graphs = {name: one for name, one in GRAPHS.items() if name[0] == "b"}
    found = filled(graphs, {"a": "no such operator"})
    assert {row.timing for row in found.values()} == {None}
    assert {row.missing for row in found.values()} == {"no such operator"}


def test_macs_are_of_keyframes_alone():
    macs = Macs(8.75, 10, 8.75)
    found = filled(macs={"a": macs})
    assert (found["ours"].macs, found["theirs"].macs, found["T = 3"].macs) == (macs, None, None)


def test_the_claim_is_the_reference_over_its_rival():
    table = fill_table(TABLE, GRAPHS, {}, {})
    share = f"{1 / 2.3:.3f}"
    assert claim_line(table) == (
        f"ours takes {share} ({share} .. {share}) of the time of theirs; in the paper 0.400."
    )
    assert claim_line(replace(table, rival=None)) == ""
    assert claim_line(fill_table(TABLE, {}, {}, {})) == ""
