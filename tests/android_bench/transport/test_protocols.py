"""What adbd says, cut anywhere, broken off, or not what it should be."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.transport.base import ShellResult
from android_bench.transport.shell_protocol import HEADER, Sentinel, read_shell
from android_bench.transport.sync_protocol import HEADER as SYNC
from android_bench.transport.sync_protocol import STATUS, receive_file, send_file

REGULAR = 0o100644


class Said:
    """A stream on which the device says these pieces, whatever it is told."""

    serial = "phone"

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = [piece for piece in pieces if piece]
        self.told = bytearray()

    def write(self, data: bytes) -> None:
        self.told += data

    def read(self) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    def has_answer(self) -> bool:
        return False

    def close(self) -> None:
        pass


def packet(kind: int, content: bytes) -> bytes:
    return HEADER.pack(kind, len(content)) + content


SHELL = packet(1, "é\n1".encode()[:1]) + packet(2, b"no\n") + packet(1, "é\n1".encode()[1:])
WHOLE = SHELL + packet(9, b"new kind") + packet(1, b"") + packet(3, b"\x07")


@given(st.sets(st.integers(0, len(WHOLE))))
def test_a_shell_cut_anywhere(cuts):
    bounds, lines = sorted({0, len(WHOLE), *cuts}), []
    pieces = [WHOLE[a:b] for a, b in pairwise(bounds)]
    assert read_shell(Said(*pieces), lines.append) == ShellResult("é\n1", "no\n", 7)
    assert lines == ["é"]


@given(st.integers(0, len(WHOLE) - 1))
def test_a_shell_that_breaks_off(end):
    with pytest.raises(DeviceLostError, match="phone ended the conversation early: expected"):
        read_shell(Said(WHOLE[:end]), None)


def test_a_packet_that_can_not_be():
    with pytest.raises(DeviceLostError, match="phone sent what is not a shell's output"):
        read_shell(Said(HEADER.pack(1, 2**31), b"x"), None)


@given(st.binary(max_size=200))
def test_noise_in_a_shell(noise):
    try:
        result = read_shell(Said(noise), None)
    except DeviceLostError:
        return
    assert 0 <= result.code <= 255


@pytest.mark.parametrize(
    ("output", "code"), [("", 0), ("no line end", 7), ("exit-x: 1\n", 127), ("é\r\n", 1)]
)
def test_a_shell_without_exit_status(output, code):
    sentinel, lines = Sentinel(), []
    word = sentinel.around("true").split()[-2]
    text = f"{output}{word}{code}".encode()
    result = sentinel.read_shell(Said(*(text[i : i + 1] for i in range(len(text)))), lines.append)
    assert result == ShellResult(output.replace("\r\n", "\n"), "", code)
    assert lines == output.split("\n")[:-1] or output.endswith("\r\n")


def test_a_shell_without_last_word():
    with pytest.raises(DeviceLostError, match="ended a command before it was done"):
        Sentinel().read_shell(Said(b"output"), None)


def fail(reason: bytes) -> bytes:
    return SYNC.pack(b"FAIL", len(reason)) + reason


STAT = STATUS.pack(b"STAT", REGULAR, 3, 0)
DATA = SYNC.pack(b"DATA", 3) + b"abc"
DONE = SYNC.pack(b"DONE", 0)


def received(*pieces: bytes) -> bytes:
    target = io.BytesIO()
    receive_file(Said(*pieces), "/file", target)
    return target.getvalue()


def test_a_file_comes():
    answer = STAT + DATA + DONE
    assert received(*(answer[i : i + 1] for i in range(len(answer)))) == b"abc"
    assert received(STATUS.pack(b"STAT", 0o120777, 9, 0), DATA, DONE) == b"abc"  # a link


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (STAT + DONE, DeviceError, "/file on phone changed while it was read: expected 3 bytes, g"),
        (STAT + fail(b"No such file"), DeviceError, "can't read /file on phone: No such file"),
        (STAT + fail(b"\x1b[2J"), DeviceError, r"can't read /file on phone: \[2J"),
        (STAT + fail(b""), DeviceError, "can't read /file on phone: it gives no reason"),
        (STAT + fail(b"x" * 70_000), DeviceLostError, "it sent what is no answer to that"),
        (STAT + b"WHAT\0\0\0\0", DeviceLostError, "it sent what is no answer to that"),
        (STAT + SYNC.pack(b"DATA", 2**31), DeviceLostError, "it sent what is no answer to that"),
        (STAT + DATA[:-1], DeviceLostError, "phone ended the conversation early"),
        (b"", DeviceLostError, "phone ended the conversation early"),
    ],
)
def test_a_file_does_not_come(answer, kind, words):
    with pytest.raises(DeviceError, match=words) as caught:
        received(answer)
    assert type(caught.value) is kind


def test_a_file_goes():
    stream = Said(SYNC.pack(b"OKAY", 0))
    send_file(stream, io.BytesIO(b"x" * 65537), "/a,b", 0o755, None)
    head = b"/a,b,%d" % 0o100755
    assert stream.told.startswith(SYNC.pack(b"SEND", len(head)) + head + SYNC.pack(b"DATA", 65536))
    assert SYNC.pack(b"DATA", 1) + b"x" + b"DONE" in stream.told


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (fail(b"No space left on device"), "can't write /file on phone: No space left on device"),
        (b"WHAT\0\0\0\0", "it sent what is no answer to that"),
        (b"", "phone ended the conversation early"),
    ],
)
def test_a_file_does_not_go(answer, words):
    with pytest.raises(DeviceError, match=words):
        send_file(Said(answer), io.BytesIO(b"x"), "/file", 0o644, None)
