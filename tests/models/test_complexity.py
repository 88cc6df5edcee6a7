"""The reconstruction's proof: the paper's 14 ablation rows, counted at the paper's own size."""

import pytest
import torch
from torch import nn

from models import zoo
from models.complexity import PAPER_ROWS, CountedRow, count_macs, count_params, count_row

BAR = 0.002  # of the paper's figure, which has three digits


@pytest.mark.parametrize("row", PAPER_ROWS, ids=lambda row: row.row)
def test_row_is_within_the_bar(row):
    counted = count_row(row)
    assert abs(counted.gmacs / row.paper_gmacs - 1) < BAR
    assert counted.error < BAR
    assert counted.model == row.model


def test_there_are_14_rows_of_different_models():
    assert len({row.model for row in PAPER_ROWS}) == len(PAPER_ROWS) == 14


def test_an_error_is_relative():
    row = PAPER_ROWS[0]
    doubled = type(row)(row.table, row.row, "mobileinst-topformer-t", 1.0)
    counted: CountedRow = count_row(doubled)
    assert counted.error == pytest.approx(abs(counted.gmacs - 1.0), abs=1e-4)


def test_three_more_convolutions_cost_what_they_multiply():
    names = [f"mobileinst-topformer-b-sparseinst-{convs}conv" for convs in (1, 4)]
    one, four = (count_macs(zoo.build(zoo.find(name)), 64, 128) for name in names)
    assert four - one == 3 * (256 * 256 * 3 * 3) * (8 * 16)  # weights, places on the 1/8 grid


def test_params_are_the_trained_numbers():
    assert count_params(nn.Linear(3, 5)) == 20
    assert count_params(nn.BatchNorm2d(4)) == 8  # without the running statistics
    assert count_params(nn.ReLU()) == 0


def test_counting_leaves_the_network():
    network = zoo.build(zoo.find("mobileinst-topformer-t"))
    before = {key: value.clone() for key, value in network.state_dict().items()}
    count_macs(network, 64, 64)
    assert not network.training
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
