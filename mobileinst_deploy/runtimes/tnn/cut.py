"""A TNN network cut down to what gives some of its tensors; the weights stay the file's own.

TNN fuses a Convolution with the activation that comes next in the file unless a layer behind them
reads the convolution's output (net_optimizer_fuse_conv_post.cc), and ARM makes a convolution of a
MatMul and its Add (net_optimizer_convert_matmul_to_conv.cc); the tensor between is gone then. That
it is an output of the network does not keep them from it. What is asked here has readers in the
whole network, which the cut takes away: each gets a witness, a layer that reads it and whose output
nobody takes, so that TNN fuses in the cut what it fuses in the whole.
"""

from collections.abc import Sequence
from dataclasses import replace

from export.errors import ConversionError
from export.to_tnn.net import Layer, TnnNet

FUSED = ("Convolution", "MatMul")


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
        layers=(*layers, *witnesses(layers, tensors, computed)),
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


def witnesses(
    layers: Sequence[Layer], tensors: Sequence[str], taken: set[str]
) -> tuple[Layer, ...]:
    """For the asked outputs of layers that TNN fuses with what follows."""
    fused = {blob for layer in layers[:-1] if layer.type in FUSED for blob in layer.outputs}
    asked = [name for name in tensors if name in fused]
    names = (name for i in range(len(taken) + len(asked)) if (name := f"witness{i}") not in taken)
    return tuple(
        Layer("Abs", name, (blob,), (name,)) for blob, name in zip(asked, names, strict=False)
    )
