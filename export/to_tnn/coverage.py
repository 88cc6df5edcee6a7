"""The page that says which operators become which layers, with which restrictions.

python -m export.to_tnn.coverage > docs/tnn-operators.md
"""

from collections import defaultdict

from export.to_tnn.devices import HALF_ON_ARM, NOTES
from export.to_tnn.ops import OPS
from export.to_tnn.registry import Op
from export.to_tnn.unsupported import REASONS

HEAD = """\
# ONNX operators in TNN

Generated from the converter's registry by `python -m export.to_tnn.coverage`; do not edit.

Every layer below runs on TNN's NAIVE, X86 and ARM devices. "Half" says whether ARM has a float16
kernel for it; the others run in float32 between two conversions. Constants are folded first,
shapes are fixed, blobs are float32 (indices int32). Against a restriction the conversion ends with
a line that names the node; other forms that are taken stand in the column "also".

| ONNX | TNN | half | restrictions | also | devices |
|---|---|---|---|---|---|
"""
REFUSED = """
## Not converted

| ONNX | why |
|---|---|
"""


def page() -> str:
    """Markdown, with one line an operator and one a reason."""
    rows = (row(OPS[name]) for name in sorted(OPS))
    return HEAD + "".join(rows) + REFUSED + "".join(refusals())


def row(op: Op) -> str:
    half = ", ".join("yes" if layer in HALF_ON_ARM else "no" for layer in op.layers)
    notes = "; ".join(NOTES[layer] for layer in op.layers if layer in NOTES)
    layers = " or ".join(op.layers)
    cells = (op.name, layers, half, "; ".join(op.restrictions), "; ".join(op.also), notes)
    return f"| {' | '.join(cells)} |\n"


def refusals() -> list[str]:
    """Operators of one reason on one line."""
    by_reason: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, reason in REASONS.items():
        by_reason[reason].append(name)
    return [
        f"| {', '.join(sorted(names))} | {why}; {cure} |\n"
        for (why, cure), names in by_reason.items()
    ]


if __name__ == "__main__":
    print(page(), end="")
