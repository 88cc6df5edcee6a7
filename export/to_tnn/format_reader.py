"""The smallest parts of a `.tnnmodel`, read one by one from bytes that nobody vouches for."""

import math
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.errors import TnnFormatError
from export.to_tnn.format_codes import MAGIC_V1, MAGICS, MAX_RANK, check_shape, check_word, dtype_of


class Reader:
    """A position in the bytes. Every method raises TnnFormatError, which says where it was.

    A length is compared with what is left before anything of that size is made.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    @property
    def left(self) -> int:
        return len(self.data) - self.position

    def at(self, what: str) -> str:
        return f"byte {self.position}: {what}"

    def error(self, message: str) -> TnnFormatError:
        return TnnFormatError(self.at(message))

    def take(self, length: int, what: str) -> memoryview:
        if not 0 <= length <= self.left:
            raise self.error(f"{what}: expected {length} bytes, got {self.left} to the end")
        self.position += length
        return memoryview(self.data)[self.position - length : self.position]

    def integers(self, count: int, what: str) -> tuple[int, ...]:
        return struct.unpack(f"<{count}i", self.take(4 * count, what))

    def integer(self, what: str) -> int:
        return self.integers(1, what)[0]

    def flag(self, what: str) -> bool:
        value = self.integer(f"{what}, flag")
        if value not in (0, 1):
            raise self.error(f"{what}: expected a flag of 0 or 1, got {value}")
        return value == 1

    def magic(self, what: str) -> int:
        value: int = struct.unpack("<I", self.take(4, f"{what}, magic number"))[0]
        if value not in MAGICS:
            known = " or ".join(f"{magic:#x}" for magic in MAGICS)
            raise self.error(f"{what}: expected the magic number {known}, got {value:#x}")
        return value

    def word(self, what: str) -> str:
        raw = bytes(self.take(self.integer(f"{what}, length"), what))
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise self.error(f"{what}: expected UTF-8, got {raw[:40]!r}") from error
        return check_word(text, self.at(what))

    def array(self, what: str) -> NDArray[Any]:
        array = self.array_or_none(what)
        if array is None:
            raise self.error(f"{what}: expected an array, got one without bytes")
        return array

    def array_or_none(self, what: str) -> NDArray[Any] | None:
        """A view of the shape that is written in front.

        An array without bytes ends behind its length and counts as absent. The older form has no
        shape; TNN guesses one for every layer anew, and it is refused.
        """
        if self.magic(what) == MAGIC_V1:
            raise self.error(f"{what}: expected an array with a shape, got one in the older form")
        code, length = self.integers(2, what)
        dtype = dtype_of(code, self.at(what))
        if length == 0:
            return None
        if length < 0 or length % dtype.itemsize:
            raise self.error(f"{what}: expected whole {dtype.name} numbers, got {length} bytes")
        shape = self.shape(what)
        if length != dtype.itemsize * math.prod(shape):
            raise self.error(f"{what}: expected {list(shape)} {dtype.name}, got {length} bytes")
        return np.frombuffer(self.take(length, what), dtype).reshape(shape)

    def shape(self, what: str) -> tuple[int, ...]:
        rank = self.integer(f"{what}, rank")
        if not 0 <= rank <= MAX_RANK:
            raise self.error(f"{what}: expected a rank up to {MAX_RANK}, got {rank}")
        return check_shape(self.integers(rank, f"{what}, shape"), self.at(what))
