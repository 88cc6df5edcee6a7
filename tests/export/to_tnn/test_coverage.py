"""The published table is what the registry gives."""

from pathlib import Path

import pytest

from export.to_tnn import coverage
from export.to_tnn.devices import HALF_ON_ARM, NOTES
from export.to_tnn.ops import OPS
from export.to_tnn.prepare import REWRITTEN
from export.to_tnn.unsupported import REASONS

PAGE = Path(coverage.__file__).parents[2] / "docs" / "tnn-operators.md"
LAYERS = {layer for op in OPS.values() for layer in op.layers}


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == coverage.page(), "run python -m export.to_tnn.coverage"


def test_every_operator_has_one_row():
    rows = [line for line in coverage.page().splitlines() if line.startswith("| ")]
    names = [row.split(" | ")[0].removeprefix("| ") for row in rows]
    assert names[1 : len(OPS) + 1] == sorted(OPS)


def test_no_operator_is_both_taken_and_refused():
    assert not set(OPS) & set(REASONS)
    assert not set(OPS) & set(REWRITTEN)


@pytest.mark.parametrize("facts", [HALF_ON_ARM, NOTES], ids=["half", "notes"])
def test_facts_are_about_layers_that_are_written(facts):
    assert set(facts) <= LAYERS
