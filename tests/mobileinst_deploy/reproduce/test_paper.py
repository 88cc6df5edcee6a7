"""The paper's numbers agree with one another and with what it says in words."""

import pytest

from mobileinst_deploy.reproduce.counting import PRINTED
from mobileinst_deploy.reproduce.paper import PAPER_TABLES, TABLES
from models import zoo

ROWS = {(table.number, row.row): row for table in PAPER_TABLES for row in table.rows}


@pytest.mark.parametrize("table", PAPER_TABLES, ids=lambda table: f"table {table.number}")
def test_reference_and_rival_are_rows(table):
    names = [row.row for row in table.rows]
    assert len({*names}) == len(names)
    assert table.reference in names
    assert table.rival is None or table.rival in names


def test_every_network_is_in_the_zoo():
    assert {row.model for row in ROWS.values()} <= zoo.ZOO.keys()


def test_every_row_whose_macs_are_printed_is_there():
    """All of Tab. 3 to 6 are; a network that stands in several tables counts once."""
    assert PRINTED.keys() == {
        row.model for (number, _), row in ROWS.items() if number in (3, 4, 5, 6)
    }


SAYINGS = {
    "reduces the latency by 50 %": (ROWS[1, "SparseInst, TopFormer"], TABLES[1].base, 0.50),
    "3x advantage over SOLOv2 with R-18": (ROWS[1, "SOLOv2-Lite, R-18"], TABLES[1].base, 1 / 3),
}


@pytest.mark.parametrize("saying", SAYINGS)
def test_latencies_are_those_that_the_paper_talks_of(saying):
    row, base, share = SAYINGS[saying]
    assert base.latency_ms / row.latency_ms == pytest.approx(share, abs=0.005)


def test_one_network_has_one_latency_in_all_tables():
    printed = {(row.model, row.interval, row.latency_ms) for row in ROWS.values()}
    assert len(printed) == len({(model, interval) for model, interval, _ in printed})
