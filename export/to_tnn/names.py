"""Names that TNN's reader takes: it cuts the text at commas, blanks, quotes and colons.

It also cuts every record after 4095 bytes (SplitStr in source/tnn/utils/split_utils.cc), so a
layer with many blobs gets shorter names for them.
"""

import re
import zlib
from collections.abc import Iterable

from export.errors import ConversionError
from export.to_tnn.net import Layer

RECORD_BYTES = 4095
NAME_BYTES = 255  # of one name
SHORTEST = 12  # three letters of the name, and a mark
UNSAFE = re.compile(r"[^!#-+\-.-9;-~]")  # what is not printable ASCII, blank " , and :


def safe_names(names: Iterable[str]) -> dict[str, str]:
    """Every name with the one that TNN gets; different names stay different."""
    table: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names, key=lambda name: (bool(UNSAFE.search(name)), name)):
        safe = UNSAFE.sub("_", name) or "_"
        if len(safe) > NAME_BYTES or safe in taken:
            safe = shortened(safe, name, min(len(safe) + 9, NAME_BYTES))
        table[name] = safe
        taken.add(safe)
    return table


def shortened(safe: str, name: str, length: int) -> str:
    """The beginning of a name and a mark of the whole."""
    return f"{safe[: length - 9]}~{zlib.crc32(name.encode()):08x}"


def fit_records(layers: Iterable[Layer]) -> dict[str, str]:
    """New names for the blobs of layers whose record is too long, by their old ones.

    Raises ConversionError where a record can't be made short enough.
    """
    table: dict[str, str] = {}
    for layer in layers:
        if record_bytes(layer) > RECORD_BYTES:
            blobs = (*layer.inputs, *layer.outputs)
            fixed = record_bytes(layer) - sum(map(len, blobs))
            length = (RECORD_BYTES - fixed) // len(blobs)
            if length < SHORTEST:
                raise ConversionError(
                    f"the layer {layer.name!r} ({layer.type}) has {len(blobs)} blobs, more than "
                    f"TNN's {RECORD_BYTES} bytes for one layer can name; split it into several"
                )
            for blob in blobs:
                if len(blob) > length:
                    wanted = min(length, len(table.get(blob, blob)))
                    table[blob] = shortened(blob, blob, wanted)
    return table


def record_bytes(layer: Layer) -> int:
    """As it is written, with a blank behind every word."""
    words = (layer.type, layer.name, len(layer.inputs), len(layer.outputs))
    return sum(
        len(str(word)) + 1 for word in (*words, *layer.inputs, *layer.outputs, *layer.params)
    )
