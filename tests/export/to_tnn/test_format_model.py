"""The bytes of a `.tnnmodel`."""

import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.errors import TnnFormatError
from export.to_tnn.format import decode_model, encode_model
from export.to_tnn.format_model import MAX_RESOURCES
from export.to_tnn.format_payloads import PAYLOADS, Field
from export.to_tnn.net import Arrays, Resource, TnnNet
from tests.export.to_tnn.samples import STEADY, assert_same_arrays, sample_net, weight

MAGIC = b"\x04\x00\xbc\xfa"


def net_of(*resources: Resource, **constants: np.ndarray) -> TnnNet:
    return TnnNet((), (), (), resources, constants)


def i32(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}i", *numbers)


ADD = net_of(Resource("Add", "sum", {"element": np.array([[1, -2]], np.float32)}))
ADD_BYTES = (
    MAGIC + i32(1)  # one resource
    + i32(0) + i32(3) + b"Add" + i32(3) + b"sum"
    + MAGIC + i32(0, 8, 2, 1, 2) + b"\x00\x00\x80\x3f\x00\x00\x00\xc0"
)  # fmt: skip
LINEAR = net_of(Resource("InnerProduct", "fc", {"weight": np.ones((1, 2), np.float16)}))
LINEAR_BYTES = (
    MAGIC + i32(1)
    + i32(0) + i32(12) + b"InnerProduct" + i32(2) + b"fc"
    + i32(2) + b"fc"
    + MAGIC + i32(1, 4, 2, 1, 2) + b"\x00\x3c\x00\x3c"
    + MAGIC + i32(0, 0)  # no bias
)  # fmt: skip
CONSTANT = net_of(k=np.array(7, np.int32))
CONSTANT_BYTES = (
    MAGIC + i32(0)
    + MAGIC + i32(1)  # one constant
    + i32(1) + b"k" + MAGIC + i32(3, 4, 0) + i32(7)
)  # fmt: skip
NOTHING = MAGIC + i32(0)


@pytest.mark.parametrize(
    ("net", "data"),
    [(ADD, ADD_BYTES), (LINEAR, LINEAR_BYTES), (CONSTANT, CONSTANT_BYTES), (net_of(), NOTHING)],
)
def test_the_bytes(net: TnnNet, data: bytes):
    assert encode_model(net) == data
    resources, constants = decode_model(data)
    assert encode_model(TnnNet((), (), (), resources, constants)) == data
    assert_same_arrays(constants, net.constants)
    for there, here in zip(resources, net.resources, strict=True):
        assert_same_arrays(there.arrays, here.arrays)


OPTIONAL = (Field.FLAGGED, Field.OR_EMPTY)
ROLES = {kind: {role for _, role in fields if role} for kind, fields in PAYLOADS.items()}
LEAST = {
    kind: ROLES[kind] - {role for field, role in fields if field in OPTIONAL}
    for kind, fields in PAYLOADS.items()
}


@pytest.mark.parametrize("roles", [ROLES, LEAST], ids=["all", "least"])
@pytest.mark.parametrize("kind", PAYLOADS)
def test_every_type_of_resource_comes_back(kind: str, roles: dict[str, set[str]]):
    arrays = {role: weight(2, 3) for role in sorted(roles[kind])}
    ((there,), constants) = decode_model(encode_model(net_of(Resource(kind, "layer", arrays))))
    assert (there.type, there.layer, constants) == (kind, "layer", {})
    assert_same_arrays({role: there.arrays[role] for role in sorted(there.arrays)}, arrays)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8", "int32", "int64", "uint32"])
def test_every_type_of_number_comes_back(dtype: str):
    arrays = {"a": np.arange(6, dtype=dtype).reshape(1, 2, 3), "b": np.array(5, dtype)}
    arrays["c"] = arrays["a"].T  # not in a row
    arrays["d"] = arrays["a"].astype(arrays["a"].dtype.newbyteorder(">"))
    assert_same_arrays(decode_model(encode_model(net_of(**arrays)))[1], native(arrays))


def native(arrays: Arrays) -> Arrays:
    return {name: a.astype(a.dtype.newbyteorder("=")) for name, a in arrays.items()}


def test_the_older_form_has_no_shapes():
    old = ADD_BYTES.replace(MAGIC, b"\x02\x00\xbc\xfa").replace(i32(0, 8, 2, 1, 2), i32(0, 8))
    with pytest.raises(TnnFormatError, match="element: expected an array with a shape, got one in"):
        decode_model(old)
    assert decode_model(b"\x02\x00\xbc\xfa" + i32(0)) == ((), {})


def test_arrays_are_views():
    data = encode_model(net_of(k=np.zeros(10**5, np.float32)))
    array = decode_model(data)[1]["k"]
    assert np.shares_memory(array, np.frombuffer(data, np.uint8))
    assert not array.flags.writeable


HEAD = len(MAGIC + i32(1))
ARRAY = ADD_BYTES.index(MAGIC, 4)

WRONG = [
    (b"", "byte 0: the file, magic number: expected 4 bytes, got 0 to the end"),
    (MAGIC, "byte 4: the count of resources: expected 4 bytes, got 0"),
    (b"\x89PNG" + ADD_BYTES[4:], "byte 4: the file: expected the magic number 0xfabc0002 or"),
    (MAGIC + i32(MAX_RESOURCES), "expected under 10000, got 10000"),
    (MAGIC + i32(9999), "byte 8: resource 0: expected 4 bytes, got 0 to the end"),
    (ADD_BYTES[:-1], "byte 50: resource 0 of 'sum' .Add., element: expected 8 bytes, got 7"),
    (ADD_BYTES[:HEAD] + i32(-1) + ADD_BYTES[HEAD + 4 :], "a number of a type up to 10000, got -1"),
    (ADD_BYTES.replace(b"Add", b"Abs"), "resource 0: expected a type of Convolution, .* got 'Abs'"),
    (
        ADD_BYTES.replace(b"sum", b"s m"),
        "byte 26: resource 0, layer: expected a word without blanks",
    ),
    (ADD_BYTES.replace(b"sum", b"s\xffm"), "resource 0, layer: expected UTF-8, got b's"),
    (ADD_BYTES.replace(i32(3) + b"sum", i32(-3) + b"sum"), "layer: expected -3 bytes, got"),
    (ADD_BYTES.replace(i32(3) + b"sum", i32(2**31 - 1)), "layer: expected 2147483647 bytes, got"),
    (ADD_BYTES[:ARRAY] + b"!" + ADD_BYTES[ARRAY + 1 :], "element: expected the magic number 0xfab"),
    (ADD_BYTES.replace(i32(0, 8, 2), i32(4, 8, 2)), r"expected a data type \(0 float32, .*, got 4"),
    (ADD_BYTES.replace(i32(0, 8, 2), i32(0, 0, 2)), "element: expected an array, got one without"),
    (ADD_BYTES.replace(i32(0, 8, 2), i32(0, -8, 2)), "whole float32 numbers, got -8 bytes"),
    (ADD_BYTES.replace(i32(0, 8, 2), i32(0, 7, 2)), "whole float32 numbers, got 7 bytes"),
    (
        ADD_BYTES.replace(i32(8, 2, 1, 2), i32(8, 9, 1, 2)),
        "element: expected a rank up to 8, got 9",
    ),
    (ADD_BYTES.replace(i32(8, 2, 1, 2), i32(8, -1, 1, 2)), "expected a rank up to 8, got -1"),
    (ADD_BYTES.replace(i32(2, 1, 2), i32(2, 1, 3)), r"expected \[1, 3\] float32, got 8 bytes"),
    (ADD_BYTES.replace(i32(2, 1, 2), i32(2, -1, -2)), "expected at most 8 sides from 1 to"),
    (
        ADD_BYTES.replace(i32(8, 2, 1, 2), i32(2**31 - 4, 2, 2**29 - 1, 1)),
        "expected 21474836.. bytes",
    ),
    (ADD_BYTES + b"\0", "the constants, magic number: expected 4 bytes, got 1 to the end"),
    (CONSTANT_BYTES + b"\0", "expected the end of the file, got 1 bytes more"),
    (CONSTANT_BYTES.replace(i32(1) + i32(1), i32(2**31 - 1, 1)), "constant 1, length: expected 4"),
    (CONSTANT_BYTES.replace(i32(1, 1), i32(2, 1)) + CONSTANT_BYTES[16:], "'k' is there already"),
    (LINEAR_BYTES.replace(i32(1, 4, 2), i32(2, 2, 2)).replace(b"\x3c\x00\x3c", b"\x3c"), "int8"),
]


@pytest.mark.parametrize(("data", "message"), WRONG)
def test_bytes_that_are_no_model_are_refused(data: bytes, message: str):
    with pytest.raises(TnnFormatError, match=message):
        decode_model(data)


def test_a_flag_is_0_or_1():
    arrays = {"weight": weight(1, 1, 1, 1)}
    data = encode_model(net_of(Resource("Convolution", "c", arrays)))
    with pytest.raises(TnnFormatError, match="bias: expected a flag of 0 or 1, got 2"):
        decode_model(data.replace(b"c" + i32(0), b"c" + i32(2)))


ODD = [
    (Resource("Softmax", "s", {}), "expected a type of Convolution, .*, got 'Softmax'"),
    (Resource("MatMul", "m", {}), r"expected \['weight'\] of \['weight'\], got \[\]"),
    (Resource("MatMul", "m", {"weight": weight(1), "x": weight(1)}), r"got \['weight', 'x'\]"),
    (Resource("Gather", "g", {"data": np.zeros(3)}), "data: expected one of float32, .* float64"),
    (Resource("Add", "a", {"element": weight(0)}), "sides from 1 to 2147483647, got .0,."),
    (Resource("Add", "a b", {"element": weight(1)}), "expected a word without blanks"),
    (Resource("Add", "a", {"element": np.zeros(3, np.int8)}), "quantised weights are not handled"),
    (Resource("Add", "a", {"element": weight(*[1] * 9)}), "expected at most 8 sides"),
]


@pytest.mark.parametrize(("resource", "message"), ODD)
def test_a_resource_without_a_place_is_refused(resource: Resource, message: str):
    with pytest.raises(TnnFormatError, match=message):
        encode_model(net_of(resource))


def test_too_many_resources_are_refused():
    many = replace(ADD, resources=ADD.resources * MAX_RESOURCES)
    with pytest.raises(TnnFormatError, match="expected under 10000 resources, got 10000"):
        encode_model(many)


@STEADY
@given(st.binary(max_size=200), st.integers(0, len(encode_model(sample_net()))))
def test_no_bytes_raise_anything_else(data: bytes, start: int):
    whole = encode_model(sample_net())
    for content in (data, MAGIC + data, whole[:start] + data, whole[:start] + data + whole[start:]):
        try:
            decode_model(content)
        except TnnFormatError:
            continue
