"""A small network that uses every part of the two files, and what makes two networks equal."""

import numpy as np
from hypothesis import settings

from export.to_tnn.net import Arrays, Layer, NetInput, Resource, TnnNet

# Shared machines are slow at times, and a test says the same every time.
STEADY = settings(deadline=None, derandomize=True)


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def weight(*shape: int) -> np.ndarray:
    """Different numbers of about 1."""
    count = int(np.prod(shape))
    return np.linspace(-1, 1, count, dtype=np.float32).reshape(shape)


def sample_net() -> TnnNet:
    return TnnNet(
        inputs=(NetInput("image", (1, 3, 8, 8), "float32"), NetInput("ids", (2,), "int32")),
        outputs=("picked", "feature/7"),
        layers=(
            Layer(
                "Convolution",
                "conv",
                ("image",),
                ("c",),
                words("1 3 4 3 3 2 2 1 1 1 -1 1 1 1"),
            ),
            Layer("BatchNormCxx", "bn", ("c",), ("b",)),
            Layer("Reshape", "tokens", ("b",), ("t",), words("0 3 3 0 4 -1 0")),
            Layer("Permute", "turn", ("t",), ("u",), words("3 0 2 1")),
            Layer("LayerNorm", "norm", ("u", "scale", "shift"), ("n",), words("1 1e-05")),
            Layer("MatMul", "linear", ("n",), ("m",), ("1",)),
            Layer("Add", "add", ("m",), ("feature/7",), ("1",)),
            Layer("Gather", "pick", ("ids",), ("picked",), ("0", "1", "0")),
        ),
        resources=(
            Resource("Convolution", "conv", {"weight": weight(4, 3, 3, 3), "bias": weight(4)}),
            Resource("BatchNormCxx", "bn", {"scale": weight(4), "bias": weight(4)}),
            Resource("MatMul", "linear", {"weight": weight(4, 5).astype(np.float16)}),
            Resource("Add", "add", {"element": weight(5)}),
            Resource("Gather", "pick", {"data": weight(3, 2)}),
        ),
        constants={"scale": weight(4), "shift": weight(4), "unused": np.array(3, np.int32)},
    )


def assert_same_arrays(actual: Arrays, expected: Arrays) -> None:
    assert summary(actual) == summary(expected)


def summary(arrays: Arrays) -> list[tuple[str, str, tuple[int, ...], bytes]]:
    return [(name, a.dtype.name, a.shape, a.tobytes()) for name, a in arrays.items()]


def assert_same(actual: TnnNet, expected: TnnNet) -> None:
    assert (actual.inputs, actual.outputs) == (expected.inputs, expected.outputs)
    assert actual.layers == expected.layers
    assert_same_arrays(actual.constants, expected.constants)
    heads = [(resource.type, resource.layer) for resource in expected.resources]
    assert [(resource.type, resource.layer) for resource in actual.resources] == heads
    for there, here in zip(actual.resources, expected.resources, strict=True):
        assert_same_arrays(there.arrays, here.arrays)
