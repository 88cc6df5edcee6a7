"""Runs a network layer by layer."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.errors import ConversionError, first_line
from export.to_tnn.interpreter.call import Call, Params, Refused
from export.to_tnn.interpreter.limits import LIMITS
from export.to_tnn.interpreter.table import OPS
from export.to_tnn.interpreter.validation import validate
from export.to_tnn.net import Layer, NetInput, TnnNet

Blobs = dict[str, Tensor]


class Interpreter:
    """A network that was read from its files, in PyTorch on float32, as TNN's NAIVE device has it.

    What TNN refuses, or computes as garbage, is refused here too. Raises TnnFormatError for a
    network that hangs not together, ConversionError for layers that TNN does not have everywhere.
    """

    def __init__(self, net: TnnNet) -> None:
        validate(net)
        self.net = net
        self.weights = {
            resource.layer: {role: tensor(array) for role, array in resource.arrays.items()}
            for resource in net.resources
        }
        self.constants = {name: tensor(array) for name, array in net.constants.items()}
        self.last_uses = {
            blob: number for number, layer in enumerate(net.layers) for blob in layer.inputs
        }

    @torch.inference_mode()
    def run(
        self, inputs: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """The blobs of these names, the network's outputs where none are given.

        A blob is let go behind its last use. Raises ConversionError for inputs that are not the
        network's, a name that no blob has, and a layer that does not run.
        """
        wanted = tuple(self.net.outputs if outputs is None else outputs)
        check_names(self.net, wanted)
        blobs = self.constants | given_blobs(self.net.inputs, inputs)
        for number, layer in enumerate(self.net.layers):
            blobs.update(self.run_layer(layer, blobs))
            for blob in {*layer.inputs, *layer.outputs}.difference(wanted):
                if self.last_uses.get(blob, number) == number:
                    del blobs[blob]
        return {name: blobs[name].contiguous().numpy() for name in wanted}

    def run_layer(self, layer: Layer, blobs: Blobs) -> Iterator[tuple[str, Tensor]]:
        operands = tuple(blobs[name] for name in layer.inputs)
        weights = self.weights.get(layer.name, {})
        try:
            results = results_of(layer, operands, weights)
        except (Refused, RuntimeError, IndexError, TypeError, ValueError, OverflowError) as error:
            shapes = ", ".join(str(list(operand.shape)) for operand in operands)
            raise ConversionError(
                f"layer {layer.name!r} ({layer.type}) does not run on {shapes} with the "
                f"parameters {' '.join(layer.params)!r}: {first_line(error)}"
            ) from error
        return zip(layer.outputs, results, strict=True)


def results_of(
    layer: Layer, operands: tuple[Tensor, ...], weights: Mapping[str, Tensor]
) -> Sequence[Tensor]:
    op, limit = OPS[layer.type], LIMITS.get(layer.type)
    for name, operand in zip(layer.inputs, operands, strict=True):
        if operand.dtype not in op.dtypes:
            raise Refused(f"expected {op.dtypes}, got {operand.dtype} in {name!r}")
    call = Call(operands, Params(layer.params), weights, len(layer.outputs))
    if limit is not None:
        limit(replace(call, params=Params(layer.params)))
    result = op.run(call)
    results = [result] if isinstance(result, Tensor) else result
    if len(results) != len(layer.outputs):
        raise Refused(f"expected {len(results)} outputs, got {len(layer.outputs)}")
    return results


def check_names(net: TnnNet, wanted: Collection[str]) -> None:
    known = {spec.name for spec in net.inputs} | set(net.constants)
    known |= {blob for layer in net.layers for blob in layer.outputs}
    if unknown := [name for name in wanted if name not in known]:
        raise ConversionError(f"the network has no blob {unknown[0]!r}")


def given_blobs(specs: Sequence[NetInput], inputs: Mapping[str, NDArray[Any]]) -> Blobs:
    if inputs.keys() != {spec.name for spec in specs}:
        raise ConversionError(
            f"expected the inputs {', '.join(spec.name for spec in specs)}, got "
            f"{', '.join(inputs) or 'none'}"
        )
    for spec in specs:
        array = inputs[spec.name]
        if (array.shape, array.dtype.name) != (spec.shape, spec.dtype):
            raise ConversionError(
                f"input {spec.name!r}: expected {spec.dtype} {list(spec.shape)}, got "
                f"{array.dtype} {list(array.shape)}"
            )
    return {name: tensor(array) for name, array in inputs.items()}


def tensor(array: NDArray[Any]) -> Tensor:
    """A copy, because arrays from a file can't be written; float32 where it is float16."""
    wide = np.float32 if array.dtype == np.float16 else array.dtype.newbyteorder("=")
    return torch.from_numpy(np.array(array, wide))
