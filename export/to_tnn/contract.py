"""What has to hold on both sides of the conversion, or TNN crashes or refuses the files."""

from collections.abc import Sequence

from export.errors import ConversionError
from export.to_tnn.assemble import Step
from export.to_tnn.names import RECORD_BYTES, records_of
from export.to_tnn.net import TnnNet
from export.to_tnn.registry import Tensor


def check_graph(inputs: Sequence[Tensor], outputs: Sequence[str], steps: Sequence[Step]) -> None:
    """Before: every input is used, every output computed, every tensor has axes.

    Raises ConversionError.
    """
    used = {operand.name for step in steps for operand in step.lowered.inputs}
    if idle := [tensor.name for tensor in inputs if tensor.name not in used]:
        raise ConversionError(
            f"nothing depends on the input {', '.join(idle)}, and TNN has no blob for it; "
            "export the model without it"
        )
    computed = {tensor.name for step in steps for tensor in step.outputs}
    if constant := [name for name in outputs if name not in computed]:
        raise ConversionError(
            f"the output {', '.join(constant)} does not depend on any input, and TNN computes no "
            "constants; export the model without it"
        )
    for step in steps:
        for tensor in step.outputs:
            if not tensor.shape or 0 in tensor.shape:
                raise ConversionError(
                    f"the tensor {tensor.name!r} has the shape {tensor.shape}, and a blob of TNN "
                    "has at least one axis and no empty ones; keep the axis (keepdims=1)"
                )


def check_net(net: TnnNet) -> None:
    """After: blobs are known before they are read, no layer is constant, no record too long.

    A violation is a mistake of the converter. Raises ConversionError.
    """
    known = {given.name for given in net.inputs} | set(net.constants)
    for layer in net.layers:
        if unknown := set(layer.inputs) - known:
            raise ConversionError(f"layer {layer.name!r} reads {sorted(unknown)} too early")
        if set(layer.inputs) <= set(net.constants):
            raise ConversionError(f"layer {layer.name!r} has only constant inputs")
        known |= set(layer.outputs)
    if long := [record.label for record in records_of(net) if record.length > RECORD_BYTES]:
        raise ConversionError(f"{', '.join(long)} is longer than {RECORD_BYTES} bytes")
    if unknown := set(net.outputs) - known:
        raise ConversionError(f"nothing computes the outputs {sorted(unknown)}")
