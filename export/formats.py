"""Which files a bundle gets: formats, and the precisions that each of them has. Needs no torch."""

from dataclasses import dataclass
from typing import get_args

from export.manifest import Format, Precision

FORMATS: tuple[Format, ...] = get_args(Format)
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

# fp32 is always written: the others are judged beside it.
FORMAT_PRECISIONS: dict[Format, tuple[Precision, ...]] = {
    "onnx": ("fp32", "int8"),
    "ncnn": ("fp32", "fp16-storage", "fp16"),
    "tnn": ("fp32", "fp16-storage"),
}
PHONE_PRECISIONS: tuple[Precision, ...] = ("fp32", "fp16-storage")


@dataclass(frozen=True)
class Formats:
    """What to write; ONNX in float32 is always there, since everything else is made from it."""

    targets: tuple[Format, ...] = FORMATS
    precisions: tuple[Precision, ...] = PHONE_PRECISIONS

    def has(self, kind: Format, precision: Precision = "fp32") -> bool:
        wanted = precision == "fp32" or precision in self.precisions
        there = kind == "onnx" or kind in self.targets
        return there and wanted and precision in FORMAT_PRECISIONS[kind]


ONNX_ALONE = Formats(("onnx",), ("fp32",))
