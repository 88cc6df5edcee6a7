"""Whether the layers of a network fit together and are such that TNN has."""

from collections import Counter
from collections.abc import Iterable

from export.errors import ConversionError, TnnFormatError
from export.to_tnn.fusions import lost_tensors
from export.to_tnn.interpreter.table import OPS, REFUSED
from export.to_tnn.net import Layer, TnnNet

DTYPES = ("float32", "int32")


def validate(net: TnnNet) -> None:
    """Raises TnnFormatError for a network that hangs not together, ConversionError for a layer
    that TNN does not have on every device.
    """
    for layer in net.layers:
        check_type(layer)
    check_once("input", (spec.name for spec in net.inputs))
    check_once("layer's resource", (resource.layer for resource in net.resources))
    check_dtypes(net)
    check_connected(net)
    check_resources(net)
    check_fusions(net)


def check_fusions(net: TnnNet) -> None:
    for blob in lost_tensors(net):
        raise ConversionError(
            f"TNN merges the layer that gives {blob!r} with the one behind it in the file, and "
            "loses that tensor: another layer has to read it further behind"
        )


def check_type(layer: Layer) -> None:
    where = f"layer {layer.name!r} ({layer.type})"
    if layer.type not in OPS:
        reason = REFUSED.get(layer.type, f"expected one of {', '.join(sorted(OPS))}")
        raise ConversionError(f"{where} does not run: {reason}")
    least, most = OPS[layer.type].inputs
    if not least <= len(layer.inputs) <= most or not layer.outputs:
        raise TnnFormatError(
            f"{where}: expected {least} to {most} inputs and an output, got {len(layer.inputs)} "
            f"and {len(layer.outputs)}"
        )


def check_once(what: str, names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise TnnFormatError(f"the {what} {name!r} is there {count} times")


def check_dtypes(net: TnnNet) -> None:
    """float16 constants TNN reads as garbage on NAIVE and X86, other types nowhere."""
    constants = {name: array.dtype.name for name, array in net.constants.items()}
    for name, dtype in ({spec.name: spec.dtype for spec in net.inputs} | constants).items():
        if dtype not in DTYPES:
            raise TnnFormatError(f"blob {name!r}: expected {' or '.join(DTYPES)}, got {dtype}")


def check_connected(net: TnnNet) -> None:
    """Every blob comes from one place, before it is used; no layer has only constants."""
    given = [spec.name for spec in net.inputs]
    check_once("blob", [*given, *net.constants, *(b for la in net.layers for b in la.outputs)])
    known = {*given, *net.constants}
    for layer in net.layers:
        where = f"layer {layer.name!r} ({layer.type})"
        if unknown := [blob for blob in layer.inputs if blob not in known]:
            raise TnnFormatError(f"{where}: nothing before it gives its input {unknown[0]!r}")
        if net.constants.keys() >= set(layer.inputs):
            raise TnnFormatError(f"{where}: it has only constant inputs, which crashes NAIVE")
        known.update(layer.outputs)
    if unknown := [name for name in net.outputs if name not in known or name in net.constants]:
        raise TnnFormatError(f"no layer gives the output {unknown[0]!r}")


def check_resources(net: TnnNet) -> None:
    """A resource is read as its own type says, so this has to be its layer's."""
    types = {layer.name: layer.type for layer in net.layers}
    for resource in net.resources:
        if types.get(resource.layer, resource.type) != resource.type:
            raise TnnFormatError(
                f"resource of {resource.layer!r}: expected type {types[resource.layer]}, got "
                f"{resource.type}"
            )
