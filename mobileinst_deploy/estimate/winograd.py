"""Multiplications that Winograd's minimal filtering leaves of a 3×3 convolution.

Lavin & Gray, Fast Algorithms for Convolutional Neural Networks (CVPR 2016), section 4: F(m×m, 3×3)
makes m×m outputs from a tile of (m + 2)×(m + 2) with one multiplication for each place of the tile,
input channel and output channel. The transforms of input and output, and the larger transformed
weights, are left out: what remains is a lower bound.
"""

import math
from collections.abc import Mapping

from mobileinst_deploy.estimate.onnx_graph import Operation

DIRECT = "direct"
TILES: Mapping[str, int] = {"F(2,3)": 2, "F(4,3)": 4, "F(6,3)": 6}  # m, of those that runtimes have
KERNEL = 3


def applies(one: Operation) -> bool:
    """To dense 3×3 convolutions of stride 1."""
    return (
        one.type == "Conv"
        and one.inputs[1].shape[2:] == (KERNEL, KERNEL)
        and one.attributes.get("group", 1) == 1
        and all(side == 1 for side in one.attributes.get("strides", ()))
        and all(side == 1 for side in one.attributes.get("dilations", ()))
    )


def multiplications(one: Operation, tile: int) -> int:
    """Tiles at the right and lower edge are whole."""
    batch, channels_out, height, width = one.outputs[0].shape
    tiles = batch * math.ceil(height / tile) * math.ceil(width / tile)
    return tiles * (tile + KERNEL - 1) ** 2 * one.inputs[1].shape[1] * channels_out


def least(one: Operation, direct: int) -> tuple[int, str]:
    """The fewest multiplications and the algorithm that has them; `direct` is what is to beat."""
    choices = [(direct, DIRECT)]
    if applies(one):
        choices += [(multiplications(one, tile), name) for name, tile in TILES.items()]
    return min(choices, key=lambda choice: choice[0])
