"""Puts a fault into a bundle's ncnn files on purpose; whoever plants rehashes the bundle."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from tests.export.planting import find_pair
from tests.export.tampering import rehash

Weights = NDArray[np.float32]
WEIGHTS = "ncnn/keyframe.bin"  # which the keyframe and both reuse graphs read


def read_weight(bundle: Path, name: str) -> Weights:
    """As the keyframe graph has it in ONNX."""
    model = onnx.load(bundle / "keyframe.onnx")
    return numpy_helper.to_array(next(i for i in model.graph.initializer if i.name == name))


def change_weight(bundle: Path, name: str, change: Callable[[Weights], Weights]) -> None:
    """In ncnn's float32 file, which is replaced and not edited."""
    path, values = bundle / WEIGHTS, read_weight(bundle, name)
    content = path.read_bytes()
    assert content.count(values.tobytes()) == 1
    path.unlink()
    path.write_bytes(content.replace(values.tobytes(), change(values).tobytes()))
    rehash(bundle)


def moved(values: Weights) -> Weights:
    """One element in the middle, by half of the largest."""
    result = values.copy()
    result.flat[result.size // 2] += 0.5 * np.abs(values).max()
    return result


def plant_overflow(bundle: Path, prefix: str, exponent: int) -> None:
    """Tensors 2^exponent times as large between two convolutions: float32 does not mind."""
    pair = find_pair(onnx.load(bundle / "keyframe.onnx"), prefix)
    for name in pair.first.input[1:]:
        change_weight(bundle, name, lambda values: np.ldexp(values, exponent))
    change_weight(bundle, pair.second.input[1], lambda values: np.ldexp(values, -exponent))
