"""Reads and writes `.tnnproto` and `.tnnmodel`, which together are a `TnnNet`.

What is written comes back equal, and a file in the canonical form, which is what is written, comes
back byte for byte.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from export.errors import TnnFormatError
from export.to_tnn.format_model import decode_model, encode_model
from export.to_tnn.format_proto import decode_proto, encode_proto
from export.to_tnn.net import Resource, TnnNet

__all__ = [
    "decode_model",
    "decode_proto",
    "encode_model",
    "encode_proto",
    "halve",
    "read_net",
    "write_net",
]

# Layers whose weights TNN reads as float16 on every device.
HALVED = (
    *("Convolution", "Deconvolution", "InnerProduct", "MatMul"),
    *("Add", "Sub", "Mul", "Div", "Maximum", "Minimum"),
)

T = TypeVar("T")


def write_net(net: TnnNet, proto_path: Path, model_path: Path) -> None:
    """Writes both files, or none where the network does not fit. Raises TnnFormatError, OSError."""
    proto, model = encode_proto(net).encode(), encode_model(net)
    proto_path.write_bytes(proto)
    model_path.write_bytes(model)


def read_net(proto_path: Path, model_path: Path) -> TnnNet:
    """The network that the two files hold.

    Raises TnnFormatError, which names the file and the place, for whatever is wrong with them.
    That layers are connected and known is `interpreter`'s to check.
    """
    inputs, outputs, layers = decoded(proto_path, lambda data: decode_proto(data.decode()))
    resources, constants = decoded(model_path, decode_model)
    return TnnNet(inputs, outputs, layers, resources, constants)


def decoded(path: Path, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise TnnFormatError(f"can't read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise TnnFormatError(
            f"{path}: expected UTF-8, got another byte at {error.start}"
        ) from error
    except TnnFormatError as error:
        raise TnnFormatError(f"{path}: {error}") from error


def halve(net: TnnNet) -> TnnNet:
    """The network with float16 weights where TNN takes them: half the size on disk.

    A resource with a value beyond float16's range (65504) stays float32 as a whole. So do the
    constants: TNN's NAIVE and X86 devices read float16 ones as garbage.
    """
    return replace(net, resources=tuple(halved(resource) for resource in net.resources))


def halved(resource: Resource) -> Resource:
    if resource.type not in HALVED:
        return resource
    arrays = {role: as_half(array) for role, array in resource.arrays.items()}
    fits = all(
        np.array_equal(np.isfinite(arrays[role]), np.isfinite(array))
        for role, array in resource.arrays.items()
    )
    return replace(resource, arrays=arrays) if fits else resource


def as_half(array: NDArray[Any]) -> NDArray[Any]:
    with np.errstate(over="ignore"):  # to infinity, which `halved` sees
        return array.astype(np.float16) if array.dtype == np.float32 else array
