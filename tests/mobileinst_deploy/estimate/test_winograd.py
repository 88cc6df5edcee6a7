import pytest

from mobileinst_deploy.estimate.counting import count_macs
from mobileinst_deploy.estimate.winograd import applies, least, multiplications
from tests.mobileinst_deploy.estimate.graphs import convolution, graph

PLAIN = convolution("1,2,12,12", "4,2,3,3", "1,4,12,12")
NOT = {
    "1x1": convolution("1,2,12,12", "4,2,1,1", "1,4,12,12", "strides = [1,1]"),
    "stride 2": convolution("1,2,12,12", "4,2,3,3", "1,4,6,6", "pads=[1,1,1,1], strides=[2,2]"),
    "dilated": convolution("1,2,12,12", "4,2,3,3", "1,4,8,8", "dilations = [2,2]"),
    "depth-wise": convolution("1,2,12,12", "2,1,3,3", "1,2,12,12", "pads=[1,1,1,1], group = 2"),
}


def first(text: str):
    return graph(text).operations[0]


def test_a_3x3_convolution():
    one = first(PLAIN)
    assert applies(one)
    # F(m,3): (12 / m)² tiles, each of (m + 2)² multiplications, 2 × 4 channels
    assert [multiplications(one, tile) for tile in (2, 4, 6)] == [
        36 * 16 * 8,
        9 * 36 * 8,
        4 * 64 * 8,
    ]
    assert least(one, count_macs(one)) == (4 * 64 * 8, "F(6,3)")


def test_whole_tiles_at_the_edge_may_cost_more_than_they_save():
    seven = first(convolution("1,1,7,7", "1,1,3,3", "1,1,7,7"))
    assert multiplications(seven, 6) == 4 * 64
    assert least(seven, count_macs(seven)) == (4 * 36, "F(4,3)")
    single = first(convolution("1,1,1,1", "1,1,3,3", "1,1,1,1"))
    assert least(single, count_macs(single)) == (9, "direct")


@pytest.mark.parametrize("text", NOT.values(), ids=NOT)
def test_where_it_does_not_apply(text):
    one = first(text)
    assert not applies(one)
    assert least(one, count_macs(one)) == (count_macs(one), "direct")
