"""Puts float16's troubles into a network on purpose, without changing it in float32."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper


@dataclass(frozen=True)
class Pair:
    """A convolution, the Relu that alone reads it, and the convolution that alone reads that."""

    first: onnx.NodeProto
    relu: onnx.NodeProto
    second: onnx.NodeProto

    @property
    def between(self) -> set[str]:
        return {self.first.output[0], self.relu.output[0]}


def find_pair(model: onnx.ModelProto, prefix: str) -> Pair:
    """The first one whose names start with `prefix`."""
    for first in model.graph.node:
        if first.op_type == "Conv" and first.name.startswith(prefix):
            relu = only_reader(model, first)
            second = only_reader(model, relu) if relu and relu.op_type == "Relu" else None
            if relu and second and second.op_type == "Conv":
                return Pair(first, relu, second)
    raise LookupError(f"no Conv, Relu, Conv in a row under {prefix!r}")


def only_reader(model: onnx.ModelProto, node: onnx.NodeProto) -> onnx.NodeProto | None:
    readers = [reader for reader in model.graph.node if node.output[0] in reader.input]
    return readers[0] if len(readers) == 1 else None


def scaled(model: onnx.ModelProto, pair: Pair, exponent: int) -> onnx.ModelProto:
    """A copy whose tensors in between are 2^exponent times as large, and nothing else.

    A power of two scales float32 without rounding, and a Relu lets it through.
    """
    result = onnx.ModelProto()
    result.CopyFrom(model)
    scale(result, pair.first.input[1:], exponent)
    scale(result, pair.second.input[1:2], -exponent)
    return result


def scale(model: onnx.ModelProto, weights: Sequence[str], exponent: int) -> None:
    for weight in model.graph.initializer:
        if weight.name in weights:
            array = np.ldexp(numpy_helper.to_array(weight), exponent)
            weight.CopyFrom(numpy_helper.from_array(array, weight.name))
