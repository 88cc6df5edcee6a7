"""The table of peers: the paper's rows by name, each a network that says what it gives."""

from dataclasses import replace

import pytest
import torch

from models.errors import ConfigError
from models.peers.families import PEERS, build_peer
from models.peers.peer import Peer

# Tab. 1 and Tab. 2 of the paper: the backbone, and how many classes the data set has.
ROWS = {
    "sparseinst-resnet50": ("resnet50", 80),
    "sparseinst-topformer-b": ("topformer-base", 80),
    "yolact-resnet50": ("resnet50", 80),
    "yolact-mobilenetv2": ("mobilenet-v2", 80),
    "yolact-topformer-b": ("topformer-base", 80),
    "condinst-resnet50": ("resnet50", 80),
    "condinst-topformer-b": ("topformer-base", 80),
    "solov2-lite-resnet50": ("resnet50", 80),
    "solov2-lite-resnet18": ("resnet18", 80),
    "solov2-mobilenetv2": ("mobilenet-v2", 80),
    "crossvis-topformer-b": ("topformer-base", 40),
    "sparseinst-vis-topformer-b": ("topformer-base", 40),
}
SIZE = (64, 96)
CHOSEN = 7


def test_the_papers_rows():
    assert {name: (c.backbone, c.num_classes) for name, c in PEERS.items()} == ROWS


@pytest.fixture(scope="module", params=PEERS)
def peer(request: pytest.FixtureRequest) -> Peer:
    torch.manual_seed(0)
    return build_peer(PEERS[request.param]).eval()


def test_shapes_follow_from_the_size_alone(peer: Peer):
    with torch.inference_mode():
        nothing, noise = peer(torch.zeros(1, 3, *SIZE)), peer(torch.randn(2, 3, *SIZE))
    for name, tensor in nothing._asdict().items():
        assert getattr(noise, name).shape == (2, *tensor.shape[1:])
        assert torch.isfinite(getattr(noise, name)).all()


def test_what_is_chosen_gives_a_mask_each(peer: Peer):
    with torch.inference_mode():
        outputs = peer(torch.randn(1, 3, *SIZE))
        if peer.mask_head is None:
            with pytest.raises(NotImplementedError, match="gives its masks itself"):
                peer.select(outputs, CHOSEN)
            return
        chosen = peer.select(outputs, CHOSEN)
        in_order, by_name = peer.mask_head(*chosen.values()), peer.mask_head(**chosen)
    assert in_order.shape == (1, CHOSEN, SIZE[0] // 4, SIZE[1] // 4)
    assert torch.equal(in_order, by_name)


@pytest.mark.parametrize("number", [0, 5000])
@pytest.mark.parametrize("field", ["num_classes", "dim"])
def test_a_number_out_of_range_is_refused(field: str, number: int):
    config = replace(PEERS["yolact-mobilenetv2"], **{field: number})
    with pytest.raises(ConfigError, match=rf"^{field} is {number}, expected 1 to 4096$"):
        build_peer(config)
