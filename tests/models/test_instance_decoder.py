"""The dual transformer instance decoder (Eq. 1) and its ablations (Tab. 3, 4, 6)."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from models.layers import sine_position
from models.mobileinst.instance_decoder import Heads, InstanceDecoder, LocalPool, Stage

DIM, GLOBAL = 16, 24
X6 = (2, GLOBAL, 2, 3)  # of 96×160
MASKS = (2, DIM, 12, 20)


def built(*stages: str, pool: str = "max", queries: int = 7) -> InstanceDecoder:
    torch.manual_seed(0)
    return InstanceDecoder(stages, LocalPool(pool, 8), queries, DIM, 4, GLOBAL).eval()


def decode(decoder: InstanceDecoder, x6: Tensor, masks: Tensor) -> Tensor:
    with torch.inference_mode():
        return decoder(x6, masks)


def contexts() -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    return torch.rand(X6), torch.rand(MASKS)


@pytest.mark.parametrize("pool", ["max", "avg", "none"])
@pytest.mark.parametrize("queries", [1, 20])
@pytest.mark.parametrize("stages", [("global",), ("local",), ("global", "local")])
def test_one_vector_a_query(stages: tuple[str, ...], queries: int, pool: str):
    decoded = decode(built(*stages, pool=pool, queries=queries), *contexts())
    assert decoded.shape == (2, queries, DIM)
    assert not torch.equal(decoded[0], decoded[1])


@pytest.mark.parametrize(
    ("stages", "uses_x6", "uses_masks"),
    [
        (("global",), True, False),
        (("local",), False, True),
        (("global", "global"), True, False),
        (("local", "local"), False, True),
        (("global", "local"), True, True),
        (("local", "global"), True, True),
    ],
)
def test_stages_look_at_what_they_name(stages, uses_x6, uses_masks):
    decoder, (x6, masks) = built(*stages), contexts()
    before = decode(decoder, x6, masks)
    assert torch.equal(decode(decoder, x6 + torch.rand(X6), masks), before) != uses_x6
    assert torch.equal(decode(decoder, x6, masks + torch.rand(MASKS)), before) != uses_masks


def test_stages_run_in_order():
    """The second stage starts from what the first one gives."""
    decoder, (x6, masks) = built("global", "local"), contexts()
    with torch.inference_mode():
        queries = decoder.queries.weight.expand(2, -1, -1)
        by_hand = decoder.stages[1](decoder.stages[0](queries, x6), decoder.pool(masks))
    assert torch.equal(decode(decoder, x6, masks), by_hand)


def test_a_stage_is_equation_1():
    """Q = LN(Q + CrossAttn(Q, X, X)); Q = LN(Q + SelfAttn(Q)), positions on the keys of X."""
    torch.manual_seed(0)
    stage, q, x = Stage(DIM, 4, GLOBAL), torch.rand(2, 7, DIM), torch.rand(X6)
    pixels = x.flatten(2).transpose(1, 2)
    keys = pixels + sine_position(2, 3, GLOBAL)
    expected = F.layer_norm(q + stage.cross_attention(q, keys, pixels), [DIM])
    attended = stage.self_attention(expected, expected, expected)
    expected = F.layer_norm(expected + attended, [DIM])
    assert torch.allclose(stage(q, x), expected, atol=1e-6)


def test_position_tells_pixels_apart():
    """Attention alone would not see that the columns were swapped."""
    decoder, (x6, masks) = built("global"), contexts()
    assert not torch.allclose(decode(decoder, x6, masks), decode(decoder, x6.flip(3), masks))


@pytest.mark.parametrize(
    ("kind", "size", "grid", "pooled"),
    [
        ("max", 8, (40, 80), (5, 10)),
        ("max", 8, (12, 20), (2, 3)),
        ("max", 8, (4, 4), (1, 1)),
        ("max", 4, (12, 20), (3, 5)),
        ("max", 4, (13, 21), (4, 6)),
        ("avg", 8, (12, 20), (2, 3)),
        ("none", 8, (12, 20), (12, 20)),
    ],
)
def test_pooled_size(kind, size, grid, pooled):
    assert LocalPool(kind, size)(torch.zeros(1, 2, *grid)).shape == (1, 2, *pooled)


@pytest.mark.parametrize(("kind", "last"), [("max", 8.0), ("avg", 0.5)])
def test_a_window_that_sticks_out_counts_what_it_covers(kind: str, last: float):
    grid = torch.zeros(1, 1, 12, 20)
    grid[..., -1, -1] = 8.0  # in the last window, which covers 4×4
    pooled = LocalPool(kind, 8)(grid)
    assert pooled[0, 0].tolist() == [[0, 0, 0], [0, 0, last]]


def test_heads():
    instances = Heads(DIM, 40)(torch.rand(2, 7, DIM))
    assert instances.class_logits.shape == (2, 7, 40)
    assert instances.objectness.shape == (2, 7, 1)
    assert instances.kernels.shape == (2, 7, DIM)
