"""Every operator computes in TNN what it computes in ONNX."""

from pathlib import Path

import pytest

from export.to_tnn.ops import OPS
from tests.export.to_tnn.cases import CASES, Case
from tests.export.to_tnn.graphs import check_agrees, layer_types, parse


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.op}-{case.label}")
def test_an_operator(case: Case, tmp_path: Path):
    model = parse(case.text, case.opset, low=case.low)
    converted = check_agrees(model, tmp_path, low=case.low)
    assert layer_types(converted) == case.layers.split()


def test_every_operator_has_a_case():
    assert {case.op for case in CASES} == set(OPS)
