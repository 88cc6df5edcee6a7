"""A TNN network cut down to what gives some of its tensors; the weights stay the file's own.

What is asked here has readers in the whole network, which the cut takes away: each gets a witness
(`export.to_tnn.fusions`), so that TNN fuses in the cut what it fuses in the whole.
"""

from collections.abc import Sequence
from dataclasses import replace

from export.errors import ConversionError
from export.to_tnn.fusions import FUSED_WITH, witnesses
from export.to_tnn.net import Layer, TnnNet


def cut_net(net: TnnNet, tensors: Sequence[str]) -> TnnNet:
    """The inputs and layers that these tensors need, which are its outputs; without weights.

    Raises ConversionError for a tensor that no layer gives.
    """
    computed = {blob for layer in net.layers for blob in layer.outputs}
    if unknown := [name for name in tensors if name not in computed]:
        raise ConversionError(f"no layer of the network gives {unknown[0]!r}")
    layers = needed_layers(net.layers, tensors)
    used = {blob for layer in layers for blob in layer.inputs}
    return replace(
        net,
        inputs=tuple(spec for spec in net.inputs if spec.name in used),
        outputs=tuple(tensors),
        layers=(*layers, *witnesses(net.layers, fused_tensors(layers, tensors))),
        resources=(),
        constants={},
    )


def needed_layers(layers: Sequence[Layer], tensors: Sequence[str]) -> tuple[Layer, ...]:
    """In order of execution."""
    needed = set(tensors)
    kept = []
    for layer in reversed(layers):
        if not needed.isdisjoint(layer.outputs):
            needed.update(layer.inputs)
            kept.append(layer)
    return tuple(reversed(kept))


def fused_tensors(layers: Sequence[Layer], tensors: Sequence[str]) -> list[str]:
    """The asked outputs of layers that TNN may fuse with what follows."""
    fused = {blob for layer in layers[:-1] if layer.type in FUSED_WITH for blob in layer.outputs}
    return [name for name in tensors if name in fused]
