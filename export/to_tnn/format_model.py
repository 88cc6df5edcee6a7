"""The bytes of a `.tnnmodel`: the weights of the layers, then the constant blobs.

    u32 magic; i32 count; count x (i32 0; str type; str layer; payload, see `format_payloads`)
    u32 magic; i32 count; count x (str blob; array)                        left out where empty
    str = i32 bytes; bytes        array = u32 magic; i32 type; i32 bytes; i32 rank; i32 sides; bytes

Little endian. Source: ModelInterpreter::InterpretModel and objseri.h of TNN, model_packer.cc.
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.errors import TnnFormatError
from export.to_tnn.format_codes import INT_MAX, MAGIC, check_shape, check_word, dtype_code
from export.to_tnn.format_payloads import PAYLOADS, Field
from export.to_tnn.format_reader import Reader
from export.to_tnn.net import Arrays, Resource, TnnNet

MAX_RESOURCES = 10_000  # InterpretModel wants fewer
MAX_LAYER_TYPE = 10_000  # layer_header::deserialize; the word behind the number decides
COUNT_MASK = 0x1FFFFFFF  # res_header::deserialize
NO_ARRAY = struct.pack("<Iii", MAGIC, 0, 0)


def encode_model(net: TnnNet) -> bytes:
    """The bytes. Raises TnnFormatError for a resource that TNN has no place for."""
    if len(net.resources) >= MAX_RESOURCES:
        raise TnnFormatError(f"expected under {MAX_RESOURCES} resources, got {len(net.resources)}")
    parts = [struct.pack("<Ii", MAGIC, len(net.resources))]
    parts += [encode_resource(resource) for resource in net.resources]
    if net.constants:
        parts.append(struct.pack("<Ii", MAGIC, len(net.constants)))
    for name, array in net.constants.items():
        where = f"constant {name!r}"
        parts += [encode_string(check_word(name, where)), encode_array(array, where)]
    return b"".join(parts)


def encode_resource(resource: Resource) -> bytes:
    where = f"resource of {resource.layer!r} ({resource.type})"
    check_type(resource.type, where)
    check_roles(resource, where)
    header = struct.pack("<i", 0) + encode_string(resource.type)
    parts = [header, encode_string(check_word(resource.layer, where))]
    parts += [encode_field(field, role, resource) for field, role in PAYLOADS[resource.type]]
    return b"".join(parts)


def check_type(kind: str, where: str) -> None:
    """Raises TnnFormatError for a type of layer whose payload is not known."""
    if kind not in PAYLOADS:
        raise TnnFormatError(
            f"{where}: expected a type of {', '.join(PAYLOADS)}, got {kind[:80]!r}"
        )


def check_roles(resource: Resource, where: str) -> None:
    """Raises TnnFormatError where an array is missing, or has no place, or is quantised."""
    fields = PAYLOADS[resource.type]
    needed = {role for field, role in fields if field is Field.ARRAY}
    taken = {role for field, role in fields if role}
    if not needed <= resource.arrays.keys() <= taken:
        raise TnnFormatError(
            f"{where}: expected {sorted(needed)} of {sorted(taken)}, got {sorted(resource.arrays)}"
        )
    for role, array in resource.arrays.items():
        if array.dtype == np.int8:
            raise TnnFormatError(f"{where}: the {role} is int8; quantised weights are not handled")


def encode_field(field: Field, role: str, resource: Resource) -> bytes:
    array = resource.arrays.get(role)
    if field is Field.NAME:
        return encode_string(resource.layer)
    if field is Field.FLAG:
        return struct.pack("<i", array is not None)
    if array is None:
        return NO_ARRAY if field is Field.OR_EMPTY else b""
    return encode_array(array, f"resource of {resource.layer!r} ({resource.type}), {role}")


def encode_string(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<i", len(encoded)) + encoded


def encode_array(array: NDArray[Any], where: str) -> bytes:
    code = dtype_code(array.dtype.name, where)
    shape = check_shape(array.shape, where)
    if array.nbytes > INT_MAX:
        raise TnnFormatError(f"{where}: expected at most {INT_MAX} bytes, got {array.nbytes}")
    header = struct.pack(f"<I{3 + len(shape)}i", MAGIC, code, array.nbytes, len(shape), *shape)
    return header + array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def decode_model(data: bytes) -> tuple[tuple[Resource, ...], Arrays]:
    """(resources, constants); the arrays are read-only views into the bytes.

    Raises TnnFormatError where the bytes are no model; never asks for more memory than they have.
    """
    reader = Reader(data)
    reader.magic("the file")
    count = reader.integer("the count of resources") & COUNT_MASK
    if count >= MAX_RESOURCES:
        raise reader.error(f"the count of resources: expected under {MAX_RESOURCES}, got {count}")
    resources = tuple(decode_resource(reader, number) for number in range(count))
    constants = decode_constants(reader) if reader.left else {}
    if reader.left:
        raise reader.error(f"expected the end of the file, got {reader.left} bytes more")
    return resources, constants


def decode_resource(reader: Reader, number: int) -> Resource:
    where = f"resource {number}"
    code = reader.integer(where)
    if not 0 <= code <= MAX_LAYER_TYPE:
        raise reader.error(
            f"{where}: expected a number of a type up to {MAX_LAYER_TYPE}, got {code}"
        )
    kind = reader.word(f"{where}, type")
    check_type(kind, where)
    layer = reader.word(f"{where}, layer")
    where = f"resource {number} of {layer[:80]!r} ({kind})"
    resource = Resource(kind, layer, decode_payload(reader, kind, where))
    check_roles(resource, where)
    return resource


def decode_payload(reader: Reader, kind: str, where: str) -> dict[str, NDArray[Any]]:
    flags, arrays = {}, {}
    for field, role in PAYLOADS[kind]:
        if field is Field.NAME:
            reader.word(f"{where}, name")
        elif field is Field.FLAG:
            flags[role] = reader.flag(f"{where}, {role}")
        elif field is Field.OR_EMPTY:
            array = reader.array_or_none(f"{where}, {role}")
            arrays.update({} if array is None else {role: array})
        elif flags.get(role, True):
            arrays[role] = reader.array(f"{where}, {role}")
    return arrays


def decode_constants(reader: Reader) -> Arrays:
    reader.magic("the constants")
    count = reader.integer("the count of constants")
    constants: dict[str, NDArray[Any]] = {}
    for number in range(count):
        name = reader.word(f"constant {number}")
        if name in constants:
            raise reader.error(f"constant {number}: {name[:80]!r} is there already")
        constants[name] = reader.array(f"constant {number}, {name[:80]!r}")
    return constants
