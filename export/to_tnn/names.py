"""Names that TNN's reader takes: it cuts the text at commas, blanks, quotes and colons.

It also cuts every record after 4095 bytes (SplitStr in source/tnn/utils/split_utils.cc), so a
layer with many blobs gets shorter names for them.
"""

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from export.errors import ConversionError
from export.to_tnn.net import Layer, TnnNet

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


@dataclass(frozen=True)
class Record:
    """A record of the proto: the blobs it names, and how long it is."""

    label: str
    blobs: tuple[str, ...]
    length: int  # bytes


def records_of(net: TnnNet) -> list[Record]:
    """The records that TNN reads and cuts: inputs, outputs, and one a layer."""
    inputs = tuple(given.name for given in net.inputs)
    words = [(given.name, len(given.shape), *given.shape, 0, ":") for given in net.inputs]
    return [
        Record("the list of inputs", inputs, sum(map(length_of, words))),
        Record("the list of outputs", net.outputs, length_of(net.outputs)),
        *(layer_record(layer) for layer in net.layers),
    ]


def layer_record(layer: Layer) -> Record:
    blobs = (*layer.inputs, *layer.outputs)
    counts = (len(layer.inputs), len(layer.outputs))
    length = length_of((layer.type, layer.name, *counts, *blobs, *layer.params))
    return Record(f"the layer {layer.name!r} ({layer.type})", blobs, length)


def length_of(words: Iterable[object]) -> int:
    """With a blank around every word."""
    return 1 + sum(len(str(word)) + 1 for word in words)


def shorter_names(net: TnnNet) -> dict[str, str]:
    """New names for the blobs of records that are too long, by their old ones.

    Raises ConversionError where a record can't be made short enough.
    """
    table: dict[str, str] = {}
    for record in records_of(net):
        if record.length <= RECORD_BYTES:
            continue
        fixed = record.length - sum(map(len, record.blobs))
        length = (RECORD_BYTES - fixed) // len(record.blobs)
        if length < SHORTEST:
            raise ConversionError(
                f"{record.label} has {len(record.blobs)} blobs, more than the {RECORD_BYTES} bytes "
                "that TNN reads of it can name; split it into several"
            )
        for blob in record.blobs:
            if len(blob) > length:
                table[blob] = shortened(blob, blob, min(length, len(table.get(blob, blob))))
    return table
