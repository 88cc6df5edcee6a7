"""Keeps layers of an ncnn network in float32 while the rest runs in float16.

Parameter 31 of a layer is a mask of what ncnn may not do there: bit 0 switches float16 arithmetic
off, bit 1 float16 storage (net.cpp, get_masked_option; docs/developer-guide/layer-feat-mask.md).

The mask alone is not enough. On ARM cores with float16, ncnn converts what a layer reads by that
layer's own options: with storage off, nothing is converted, and a float16 blob is read as float32,
past its end (net.cpp, convert_layout; seen to crash). So where a masked layer reads what another
wrote, a Dropout goes in between: with its scale of 1 it changes nothing, and as it has no float16
kernel, ncnn hands it float32. Weights have to be those stored as float32: a weight that float16
made infinite stays so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from export.ncnn_param import NcnnLayer, format_param, parse_param

MASK = "31"
NO_ARITHMETIC, NO_STORAGE = 1 << 0, 1 << 1  # in float16
CONVERTER = "Dropout"
FLOAT32_LAYERS = frozenset({"Input", "MemoryData", CONVERTER})  # what they give, on every core
COPY = re.compile(r"_splitncnn_\d+$")  # an output of a Split; each blob has one reader


def mask_layers(param_text: str, tensors: frozenset[str]) -> str:
    """The param with float16 off in the layers that compute one of these blobs or read one.

    A Split's copies count as the blob. Blobs keep their names, other layers their lines; what is
    masked already stays as it is. Blobs that are not there are ignored: see `missing_blobs`.
    Raises ConversionError where the text is no ncnn param.
    """
    layers = parse_param(param_text)
    if not any(touches(layer, tensors) for layer in layers):
        return param_text
    float32 = {
        blob
        for layer in layers
        if touches(layer, tensors) or is_float32(layer)
        for blob in layer.outputs
    }
    return format_param(
        tuple(
            written
            for layer in layers
            for written in (in_float32(layer, float32) if touches(layer, tensors) else [layer])
        )
    )


def missing_blobs(param_text: str, tensors: frozenset[str]) -> frozenset[str]:
    """Those that no layer computes or reads: fused away, or of another graph.

    Raises ConversionError where the text is no ncnn param.
    """
    return tensors - {blob for layer in parse_param(param_text) for blob in blobs_of(layer)}


def touches(layer: NcnnLayer, tensors: frozenset[str]) -> bool:
    return not tensors.isdisjoint(blobs_of(layer))


def blobs_of(layer: NcnnLayer) -> Iterator[str]:
    """What it reads and computes; a copy by the name of what it copies."""
    return (COPY.sub("", blob) for blob in (*layer.inputs, *layer.outputs))


def is_float32(layer: NcnnLayer) -> bool:
    return layer.type in FLOAT32_LAYERS or bool(mask_of(layer.params) & NO_STORAGE)


def in_float32(layer: NcnnLayer, float32: set[str]) -> Iterator[NcnnLayer]:
    """The converters that a layer needs, and the layer with its mask."""
    inputs = []
    for blob in layer.inputs:
        inputs.append(blob if blob in float32 else f"{blob}_float32")
        if blob not in float32:
            yield NcnnLayer(CONVERTER, inputs[-1], (blob,), (inputs[-1],), ())
    mask = f"{MASK}={mask_of(layer.params) | NO_ARITHMETIC | NO_STORAGE}"
    others = tuple(param for param in layer.params if key(param) != MASK)
    yield replace(layer, inputs=tuple(inputs), params=(*others, mask))


def mask_of(params: Sequence[str]) -> int:
    return next((int(param.partition("=")[2]) for param in params if key(param) == MASK), 0)


def key(param: str) -> str:
    return param.partition("=")[0]
