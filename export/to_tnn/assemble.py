"""Lowered nodes put together: layers with names, their weights, the constants that are blobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.to_tnn.names import safe_names, shorter_names
from export.to_tnn.net import Layer, NetInput, Resource, TnnNet
from export.to_tnn.registry import Lowered, Tensor


@dataclass(frozen=True)
class Step:
    """A node of the graph with the layer for it."""

    name: str
    outputs: tuple[Tensor, ...]
    lowered: Lowered


def assemble(
    inputs: Sequence[Tensor], outputs: Sequence[str], steps: Sequence[Step]
) -> tuple[TnnNet, dict[str, str]]:
    """The net, and its blobs by the names of the graph's tensors. Raises ConversionError."""
    computed = (tensor for step in steps for tensor in step.outputs)
    blobs = safe_names(tensor.name for tensor in (*inputs, *computed))
    layer_names = safe_names(step.name for step in steps)
    layers = [make_layer(step, layer_names[step.name], blobs) for step in steps]
    pairs = list(zip(steps, layers, strict=True))
    net = TnnNet(
        tuple(NetInput(blobs[x.name], x.shape, x.dtype) for x in inputs),
        tuple(blobs[name] for name in outputs),
        tuple(layers),
        tuple(resource(step, layer) for step, layer in pairs if step.lowered.arrays),
        {blob: array for step, layer in pairs for blob, array in constant_blobs(step, layer)},
    )
    shorter = shorter_names(net)
    return renamed(net, shorter), {name: shorter.get(b, b) for name, b in blobs.items()}


def resource(step: Step, layer: Layer) -> Resource:
    return Resource(layer.type, layer.name, step.lowered.arrays)


def make_layer(step: Step, name: str, blobs: Mapping[str, str]) -> Layer:
    """A constant blob is named after its layer: several nets may share one file of weights."""
    inputs = (
        blobs[operand.name] if operand.value is None else f"{name}.constant{place}"
        for place, operand in enumerate(step.lowered.inputs)
    )
    outputs = (blobs[tensor.name] for tensor in step.outputs)
    params = tuple(word(param) for param in step.lowered.params)
    return Layer(step.lowered.type, name, tuple(inputs), tuple(outputs), params)


def constant_blobs(step: Step, layer: Layer) -> list[tuple[str, NDArray[Any]]]:
    """TNN knows no int64, and reads float16 constants wrongly on two devices."""
    return [
        (blob, operand.value.astype(np.int32 if operand.value.dtype.kind == "i" else np.float32))
        for blob, operand in zip(layer.inputs, step.lowered.inputs, strict=True)
        if operand.value is not None
    ]


def renamed(net: TnnNet, table: Mapping[str, str]) -> TnnNet:
    """The net with other names for these blobs."""

    def new(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(table.get(name, name) for name in names)

    return TnnNet(
        tuple(replace(given, name=table.get(given.name, given.name)) for given in net.inputs),
        new(net.outputs),
        tuple(replace(x, inputs=new(x.inputs), outputs=new(x.outputs)) for x in net.layers),
        net.resources,
        {table.get(name, name): array for name, array in net.constants.items()},
    )


def word(param: object) -> str:
    """A parameter as TNN's reader takes it: numbers, floats in the fewest digits of a float32."""
    return str(np.float32(param)) if isinstance(param, float) else str(int(str(param)))
