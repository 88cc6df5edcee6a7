"""ncnn's `.param`: the text that says which layers a network has. Read, changed, written.

Source: ncnn's docs/developer-guide/param-and-model-file-structure.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from export.errors import ConversionError

MAGIC = "7767517"
LONGEST_NAME = 255  # ncnn reads names with %255s


@dataclass(frozen=True)
class NcnnLayer:
    type: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    params: tuple[str, ...]  # as they stand: "0=16", '6="0w,-1"'


def parse_param(text: str) -> tuple[NcnnLayer, ...]:
    """Raises ConversionError where the text is no `.param`, with the line that is wrong."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != MAGIC:
        got = lines[0][:20] if lines else ""
        raise ConversionError(f"not an ncnn param file: expected {MAGIC} first, got {got!r}")
    layers = tuple(
        parse_layer(number, line) for number, line in enumerate(lines[2:], start=3) if line.strip()
    )
    if len(lines) < 2 or lines[1].split()[:1] != [str(len(layers))]:
        wanted = lines[1].split()[0] if len(lines) > 1 and lines[1].split() else "none"
        raise ConversionError(f"ncnn param file: expected {wanted} layers, got {len(layers)}")
    return layers


def parse_layer(number: int, line: str) -> NcnnLayer:
    words = line.split()
    try:
        kind, name, *counts = words[:4]
        count_in, count_out = (int(count) for count in counts)
    except ValueError as error:
        raise ConversionError(
            f"ncnn param file, line {number}: {line[:60]!r} is no layer"
        ) from error
    end = 4 + count_in + count_out
    if min(count_in, count_out) < 0 or len(words) < end:
        raise ConversionError(
            f"ncnn param file, line {number}: expected {count_in} + {count_out} blobs, "
            f"got {len(words) - 4}"
        )
    return NcnnLayer(
        kind,
        name,
        tuple(words[4 : 4 + count_in]),
        tuple(words[4 + count_in : end]),
        tuple(words[end:]),
    )


def format_param(layers: tuple[NcnnLayer, ...]) -> str:
    blobs = {blob for layer in layers for blob in layer.outputs}
    return "\n".join((MAGIC, f"{len(layers)} {len(blobs)}", *map(format_layer, layers))) + "\n"


def format_layer(layer: NcnnLayer) -> str:
    counts = (str(len(layer.inputs)), str(len(layer.outputs)))
    head = f"{layer.type:<24} {layer.name:<24} {' '.join(counts)}"
    return " ".join((head, *layer.inputs, *layer.outputs, *layer.params))


def input_blobs(layers: tuple[NcnnLayer, ...]) -> list[str]:
    return [layer.outputs[0] for layer in layers if layer.type == "Input"]


def output_blobs(layers: tuple[NcnnLayer, ...]) -> list[str]:
    """What no layer takes, in order."""
    taken = {blob for layer in layers for blob in layer.inputs}
    return [blob for layer in layers for blob in layer.outputs if blob not in taken]


def rename_blobs(layers: tuple[NcnnLayer, ...], names: Mapping[str, str]) -> tuple[NcnnLayer, ...]:
    """Blobs renamed by the table; a layer is called after its first output, where that is in it.

    The copies that a Split makes are called after the blob they copy, as ncnn's own tools do; a
    copy that is an output of the network keeps its name.
    """
    table, kept = dict(names), set(output_blobs(layers))
    for layer in layers:
        if layer.type == "Split":
            source = table.get(layer.inputs[0], layer.inputs[0])
            made = {b: f"{source}_splitncnn_{i}" for i, b in enumerate(layer.outputs)}
            table |= {blob: name for blob, name in made.items() if blob not in kept}
    return tuple(renamed(layer, table, names) for layer in layers)


def renamed(layer: NcnnLayer, table: Mapping[str, str], names: Mapping[str, str]) -> NcnnLayer:
    return replace(
        layer,
        name=names.get(layer.outputs[0], layer.name) if layer.outputs else layer.name,
        inputs=tuple(table.get(blob, blob) for blob in layer.inputs),
        outputs=tuple(table.get(blob, blob) for blob in layer.outputs),
    )


def copies(layers: tuple[NcnnLayer, ...]) -> Iterator[str]:
    """The blobs that a Split makes: they hold what another blob holds."""
    for layer in layers:
        if layer.type == "Split":
            yield from layer.outputs
