"""Damaged files: a network, or one documented error, and nothing else."""

import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from export.errors import ConversionError, TnnFormatError
from export.to_tnn.format import (
    decode_model,
    decode_proto,
    encode_model,
    encode_proto,
    read_net,
)
from export.to_tnn.format_codes import MAGIC
from export.to_tnn.interpreter import Interpreter
from export.to_tnn.net import TnnNet
from tests.export.to_tnn.damage import ROUNDS, damaged
from tests.export.to_tnn.samples import assert_same, sample_net

NUMBERS = (-(2**31), -1, 0, 1, 2, 3, 4, 8, 9, 255, 10**4, 2**29 - 1, 2**31 - 1)
BINARY = [struct.pack("<i", number) for number in NUMBERS]
BINARY += [b"\x04\x00\xbc\xfa", b"\x02\x00\xbc\xfa", b"\xff" * 8, b"\0" * 12]
BINARY += [b"Gather", b"\x03\x00\x00\x00Add", b"MatMul", b"Const", b"\x80\xff", b","]
TEXT = [str(number).encode() for number in NUMBERS]
TEXT += [b",", b'"', b" ", b"  ", b":", b" : ", b"\n", b"\r\n", b"\0", b"\t", b"\xff", b"9" * 40]
TEXT += [b"4206624770", b"1e9", b"nan", b"image", b",,,,,,", b"x" * 4096, "\u0663\u2028".encode()]


PATHS = (Path("net.tnnproto"), Path("net.tnnmodel"))


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[Path, bytes]:
    """In memory: a disk takes longer than all the rest."""
    proto, model = encode_proto(sample_net()).encode(), encode_model(sample_net())
    contents = dict(zip(PATHS, (proto, model), strict=True))
    monkeypatch.setattr(Path, "read_bytes", lambda path: contents[path])
    return contents


@pytest.mark.parametrize(("which", "tokens"), [(0, TEXT), (1, BINARY)], ids=["proto", "model"])
def test_a_damaged_file_raises_nothing_else(files: dict[Path, bytes], which: int, tokens):
    path, rng = PATHS[which], np.random.default_rng(which)
    content, refusals = files[path], []
    for _ in range(ROUNDS // 2):
        files[path] = damaged(content, tokens, rng)
        try:
            net = read_net(*PATHS)
        except TnnFormatError as error:
            refusals.append(str(error))
        else:  # what is read can be written, and does or does not hang together
            assert_same(again(net), net)
            with suppress(TnnFormatError, ConversionError):
                Interpreter(net)
    assert 0.3 * ROUNDS / 2 < len(refusals) < ROUNDS / 2
    assert all(line.startswith(str(path)) and "\n" not in line for line in refusals)


def again(net: TnnNet) -> TnnNet:
    return TnnNet(*decode_proto(encode_proto(net)), *decode_model(encode_model(net)))


CLAIMS = [
    struct.pack("<Ii", MAGIC, 9999),  # resources
    struct.pack("<Iiii", MAGIC, 1, 0, 2**31 - 1),  # a name
    struct.pack("<IiIi", MAGIC, 0, MAGIC, 2**31 - 1),  # constants
    struct.pack("<IiIii1sIiiii", MAGIC, 0, MAGIC, 1, 1, b"k", MAGIC, 0, 2**31 - 4, 1, 2**29 - 1),
    struct.pack("<IiIii1sIiii", MAGIC, 0, MAGIC, 1, 1, b"k", MAGIC, 0, 4, 2**31 - 1),  # a rank
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_a_file_claims_takes_no_memory(claim: bytes):
    tracemalloc.start()
    with pytest.raises(TnnFormatError):
        decode_model(claim)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000
