"""What TNN fuses when it loads a file, and how a file is kept from losing a tensor that way.

TNN merges a Convolution with the activation that comes next in the file
(net_optimizer_fuse_conv_post.cc), and on ARM a MatMul with its Add
(net_optimizer_convert_matmul_to_conv.cc), unless a layer further behind reads the first one's
output. It asks neither whether the second layer reads the first, nor whether the tensor between
them is an output of the network. A witness keeps it from that: a layer at the end that reads the
tensor, and whose own output nobody takes.
"""

from collections.abc import Sequence
from itertools import pairwise

from export.to_tnn.net import Layer, TnnNet

FUSED_WITH: dict[str, tuple[str, ...]] = {
    "Convolution": ("ReLU", "ReLU6", "Swish"),
    "MatMul": ("Add",),
}
WITNESS = "Abs"


def lost_tensors(net: TnnNet) -> list[str]:
    """The tensors that TNN would fuse away though the network needs them apart."""
    last_reader = {blob: i for i, layer in enumerate(net.layers) for blob in layer.inputs}
    lost = []
    for index, (first, second) in enumerate(pairwise(net.layers)):
        if second.type not in FUSED_WITH.get(first.type, ()):
            continue
        blob = first.outputs[0]
        rightly = blob in second.inputs and blob not in net.outputs
        if not rightly and last_reader.get(blob, -1) <= index + 1:
            lost.append(blob)
    return lost


def witnesses(layers: Sequence[Layer], blobs: Sequence[str]) -> tuple[Layer, ...]:
    """One for each of the blobs, to be put behind the layers."""
    taken = {blob for layer in layers for blob in (*layer.inputs, *layer.outputs)}
    free = (name for i in range(len(taken) + len(blobs)) if (name := f"witness{i}") not in taken)
    return tuple(
        Layer(WITNESS, name, (blob,), (name,)) for blob, name in zip(blobs, free, strict=False)
    )
