"""A network of one layer, written, read back and run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.to_tnn.format import decode_model, decode_proto, encode_model, encode_proto
from export.to_tnn.interpreter import Interpreter
from export.to_tnn.net import Layer, NetInput, Resource, TnnNet

Array = NDArray[Any]


def run_layer(
    kind: str,
    params: str,
    *inputs: Array,
    weights: Mapping[str, Array] | None = None,
    constants: Sequence[Array] = (),
    outputs: int = 1,
) -> list[Array]:
    """What the layer makes of the inputs, behind which the constants are listed."""
    blobs = {f"x{i}": array for i, array in enumerate(inputs)}
    known = {f"k{i}": array for i, array in enumerate(constants)}
    names = tuple(f"y{i}" for i in range(outputs))
    net = TnnNet(
        tuple(NetInput(name, array.shape, array.dtype.name) for name, array in blobs.items()),
        names,
        (Layer(kind, "layer", (*blobs, *known), names, tuple(params.split())),),
        () if weights is None else (Resource(kind, "layer", weights),),
        known,
    )
    return run_net(net, blobs)


def run_net(net: TnnNet, blobs: Mapping[str, Array]) -> list[Array]:
    read = TnnNet(*decode_proto(encode_proto(net)), *decode_model(encode_model(net)))
    return list(Interpreter(read).run(blobs).values())


def some(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    """Numbers from -2 to 2."""
    return np.random.default_rng(seed).uniform(-2, 2, shape).astype(np.float32)


def assert_close(actual: Array, expected: Array) -> None:
    """To float32's rounding of short sums."""
    assert actual.shape == tuple(expected.shape)
    np.testing.assert_allclose(actual, expected, rtol=2e-5, atol=2e-6)
