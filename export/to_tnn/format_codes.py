"""What a `.tnnproto` and a `.tnnmodel` have in common: magic numbers, data types, words.

Source: TNN's reader, source/tnn/interpreter/tnn/objseri.h and model_interpreter.cc, and
include/tnn/core/common.h.
"""

import numpy as np

from export.errors import TnnFormatError

MAGIC_V1 = 0xFABC0002  # inputs without rank and type, arrays without shape
MAGIC = 0xFABC0004
MAGICS = (MAGIC_V1, MAGIC)

# of NumPy -> enum DataType; 4, bfloat16, has no counterpart
DTYPE_CODES = {"float32": 0, "float16": 1, "int8": 2, "int32": 3, "int64": 5, "uint32": 6}
DTYPES = {code: np.dtype(name).newbyteorder("<") for name, code in DTYPE_CODES.items()}

INT_MAX = 2**31 - 1
MAX_RANK = 8  # ours: no kernel of TNN knows more than 6 axes


def check_word(word: str, where: str, forbidden: str = ",") -> str:
    """The word, if TNN reads it back as one. Raises TnnFormatError."""
    odd = {char for char in word if char <= " " or char == '"' or char in forbidden}
    if odd or not word:
        held = "".join(sorted(odd)) if odd else "nothing"
        raise TnnFormatError(
            f"{where}: expected a word without blanks, quotes, control characters and "
            f"{forbidden!r}, got {word[:80]!r}, which holds {held!r}"
        )
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise TnnFormatError(f"{where}: {word[:80]!r} can't be written: {error.reason}") from error
    return word


def check_shape(shape: tuple[int, ...], where: str) -> tuple[int, ...]:
    """The shape, if every side is a number that TNN can hold. Raises TnnFormatError."""
    if len(shape) > MAX_RANK or not all(1 <= side <= INT_MAX for side in shape):
        raise TnnFormatError(
            f"{where}: expected at most {MAX_RANK} sides from 1 to {INT_MAX}, got {shape[:20]}"
        )
    return shape


def dtype_code(dtype: str, where: str) -> int:
    """TNN's number for a NumPy type. Raises TnnFormatError where it has none."""
    if dtype not in DTYPE_CODES:
        raise TnnFormatError(f"{where}: expected one of {', '.join(DTYPE_CODES)}, got {dtype}")
    return DTYPE_CODES[dtype]


def dtype_of(code: int, where: str) -> np.dtype[np.generic]:
    """The NumPy type for TNN's number. Raises TnnFormatError where there is none."""
    if code not in DTYPES:
        known = ", ".join(f"{number} {name}" for name, number in DTYPE_CODES.items())
        raise TnnFormatError(f"{where}: expected a data type ({known}), got {code}")
    return DTYPES[code]
