"""Published figures: what ours lack is counted, and what is left is small or said."""

import pytest

from models.peers.families import PEERS
from models.peers.published import PUBLISHED, Published, count_peer, count_published

SMALL = ("resnet18", "mobilenet-v2", "topformer-base")
# Of the published figure: what its own digits, and the layers that fvcore counts too, leave open.
BAR_MACS, BAR_PARAMS = 0.05, 0.035


@pytest.mark.parametrize("row", [r for r in PUBLISHED if r.model in SMALL], ids=lambda r: r.model)
def test_ours_with_the_rest_is_the_published_network(row: Published):
    counted = count_published(row)
    assert abs(counted.gmacs_error) < BAR_MACS
    assert abs(counted.mparams_error) < BAR_PARAMS
    gmacs, mparams = counted.gmacs + row.rest_gmacs, counted.mparams + row.rest_mparams
    assert counted.gmacs_error == pytest.approx(gmacs / row.gmacs - 1, abs=1e-3)
    assert counted.mparams_error == pytest.approx(mparams / row.mparams - 1, abs=1e-3)
    assert counted.gmacs < gmacs
    assert counted.why


def test_a_peers_masks_are_in_its_count():
    counted = count_peer("solov2-lite-resnet18")
    assert "solov2-lite-resnet18" in PEERS
    assert counted.masks_gmacs == pytest.approx(100 * 128 * (80 * 160) / 1e9, abs=1e-4)
    assert counted.gmacs > counted.masks_gmacs
