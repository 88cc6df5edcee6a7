"""Lowered nodes put together: layers with names, their weights, the constants that are blobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.to_tnn.names import fit_records, safe_names
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
    shorter = fit_records(layers)
    blobs = {name: shorter.get(blob, blob) for name, blob in blobs.items()}
    return TnnNet(
        tuple(NetInput(blobs[x.name], x.shape, x.dtype) for x in inputs),
        tuple(blobs[name] for name in outputs),
        tuple(rename(layer, shorter) for layer in layers),
        tuple(
            Resource(layer.type, layer.name, step.lowered.arrays)
            for step, layer in zip(steps, layers, strict=True)
            if step.lowered.arrays
        ),
        {
            shorter.get(name, name): array
            for step, layer in zip(steps, layers, strict=True)
            for name, array in constant_blobs(step, layer)
        },
    ), blobs


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


def rename(layer: Layer, blobs: Mapping[str, str]) -> Layer:
    inputs, outputs = (
        tuple(blobs.get(blob, blob) for blob in side) for side in (layer.inputs, layer.outputs)
    )
    return replace(layer, inputs=inputs, outputs=outputs)


def word(param: object) -> str:
    """A parameter as TNN's reader takes it: numbers, floats in the fewest digits of a float32."""
    return str(np.float32(param)) if isinstance(param, float) else str(int(str(param)))
