import pytest

from mobileinst_deploy.reproduce.choosing import choose_tables, make_network, models_of
from tests.mobileinst_deploy.reproduce.toys import write_toy

B = "mobileinst-topformer-b"
CASES = [
    ([7], (), [f"{B}-no-se"]),
    ([6], (f"{B}-20-queries",), [f"{B}-no-se", f"{B}-20-queries"]),
    ([5, 4], (f"{B}-fpn-1conv",), [B, f"{B}-no-se", f"{B}-fpn-1conv"]),
    ([3], (B,), [f"{B}-no-se"]),  # which no row is of
]


@pytest.mark.parametrize(("numbers", "models", "wanted"), CASES)
def test_references_come_first_and_always(numbers, models, wanted):
    tables = choose_tables(numbers, models)
    assert [table.number for table in tables] == numbers
    assert [*models_of(tables)] == wanted


@pytest.mark.parametrize(
    ("number", "graphs"),
    [(6, ("keyframe",)), (7, ("keyframe", "reuse_plain", "reuse_folded", "fold"))],
)
def test_a_network_has_the_graphs_that_its_rows_run(tmp_path, number, graphs):
    bundle = write_toy(tmp_path, f"{B}-no-se")
    assert make_network(choose_tables([number]), f"{B}-no-se", bundle).graphs == graphs
