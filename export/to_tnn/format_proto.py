"""The text of a `.tnnproto`: inputs, outputs and layers, one record each, `"record ,"` a line.

Source: ModelInterpreter::InterpretProto and SplitUtils::SplitStr of TNN, ModelPacker::PackProto.
Its reader deletes quotes and line feeds, splits at commas and cuts every record at 4095 bytes
without a word; what it would cut or read as something else is refused here, both ways.
"""

import re

from export.errors import TnnFormatError
from export.to_tnn.format_codes import (
    MAGIC,
    MAGIC_V1,
    MAGICS,
    check_shape,
    check_word,
    dtype_code,
    dtype_of,
)
from export.to_tnn.net import Layer, NetInput, TnnNet

RECORD_LIMIT = 4095  # bytes, with the blanks around
MAGIC_RECORD, INPUTS_RECORD, BLOBS_RECORD, OUTPUTS_RECORD, COUNT_RECORD, FIRST_LAYER = range(6)
BLANKS = "".join(map(chr, range(1, 0x21)))  # what TNN trims
NUMBER = re.compile(r"-?[0-9]{1,10}", re.ASCII)

Proto = tuple[tuple[NetInput, ...], tuple[str, ...], tuple[Layer, ...]]


def encode_proto(net: TnnNet) -> str:
    """The text. Raises TnnFormatError for what TNN's reader would read as something else."""
    if not net.inputs or not net.outputs:
        raise TnnFormatError("a .tnnproto has at least one input and one output")
    blobs = {spec.name for spec in net.inputs}
    blobs |= {blob for layer in net.layers for blob in (*layer.inputs, *layer.outputs)}
    records = [
        f"1 {len(blobs)} 1 {MAGIC} ",
        ": ".join(encode_input(spec) for spec in net.inputs),
        "".join(f" {blob}" for blob in sorted(blobs)) + " ",
        "".join(f"{check_word(name, 'outputs')} " for name in net.outputs),
        f" {len(net.layers)} ",
        *(encode_layer(layer) for layer in net.layers),
    ]
    for number, record in enumerate(records):
        check_length(record, number)
    return "".join(f'"{record},"\n' for record in records)


def encode_input(spec: NetInput) -> str:
    where = f"input {spec.name!r}"
    check_shape(spec.shape, where)
    sides = "".join(f"{side} " for side in spec.shape)
    code = dtype_code(spec.dtype, where)
    return f"{check_word(spec.name, where, ',:')} {len(spec.shape)} {sides}{code} "


def encode_layer(layer: Layer) -> str:
    counts = (str(len(layer.inputs)), str(len(layer.outputs)))
    words = (layer.type, layer.name, *counts, *layer.inputs, *layer.outputs, *layer.params)
    where = f"layer {layer.name!r} ({layer.type})"
    return "".join(f"{check_word(word, where)} " for word in words)


def check_length(record: str, number: int) -> None:
    """Raises TnnFormatError where TNN would cut the record; the list of blobs it never reads."""
    length = len(record.encode(errors="surrogatepass"))
    if length > RECORD_LIMIT and number != BLOBS_RECORD:
        raise TnnFormatError(
            f"record {number}: expected at most {RECORD_LIMIT} bytes, which is where TNN cuts, got "
            f"{length} in {record[:60]!r}…; shorten the names of the blobs or have fewer of them"
        )


def decode_proto(text: str) -> Proto:
    """(inputs, outputs, layers). Raises TnnFormatError where the text is no proto."""
    if "\0" in text:
        raise TnnFormatError(f"expected text, got a NUL at character {text.index(chr(0))}")
    raw = text.replace('"', "").replace("\n", "").split(",")
    if len(raw) <= FIRST_LAYER:
        raise TnnFormatError(f"expected at least {FIRST_LAYER} records and a comma, got {len(raw)}")
    for number, record in enumerate(raw):
        check_length(record, number)
    records = [record.strip(BLANKS) for record in raw]
    decode_input = INPUT_DECODERS[decode_magic(records[MAGIC_RECORD])]
    inputs = tuple(decode_input(part) for part in records[INPUTS_RECORD].split(":"))
    if len({spec.name for spec in inputs}) < len(inputs):
        raise TnnFormatError(f"record {INPUTS_RECORD}: an input is there twice")
    where = f"record {OUTPUTS_RECORD}, outputs"
    outputs = tuple(check_word(name, where) for name in records[OUTPUTS_RECORD].split(" "))
    layers = [
        decode_layer(records[number], number)
        for number in range(FIRST_LAYER, len(records))
        if records[number]
    ]
    return inputs, outputs, tuple(layers)


def decode_magic(record: str) -> int:
    words = record.split(" ")
    found = int(words[3]) if len(words) > 3 and NUMBER.fullmatch(words[3]) else None
    if found not in MAGICS:
        raise TnnFormatError(
            f"record {MAGIC_RECORD}: expected {MAGIC} or {MAGIC_V1} as the fourth word, got "
            f"{record[:80]!r}; it is no .tnnproto"
        )
    return found


def decode_input(part: str) -> NetInput:
    """`name rank sides... type`, with single blanks."""
    name, words, where = split_input(part)
    numbers = [decode_number(word, where) for word in words]
    if len(numbers) < 2 or numbers[0] != len(numbers) - 2:
        raise TnnFormatError(
            f"{where}: expected `name rank sides... type` with single blanks, got {part[:80]!r}"
        )
    _, *sides, code = numbers
    return NetInput(name, check_shape(tuple(sides), where), dtype_of(code, where).name)


def decode_input_v1(part: str) -> NetInput:
    """`name sides...`, float32."""
    name, words, where = split_input(part)
    sides = tuple(decode_number(word, where) for word in words)
    return NetInput(name, check_shape(sides, where), "float32")


INPUT_DECODERS = {MAGIC_V1: decode_input_v1, MAGIC: decode_input}


def split_input(part: str) -> tuple[str, list[str], str]:
    name, *words = part.strip(BLANKS).split(" ")
    where = f"record {INPUTS_RECORD}, input {name[:80]!r}"
    return check_word(name, where), words, where


def decode_layer(record: str, number: int) -> Layer:
    """`Type name n_in n_out in... out... params...`, with any number of blanks."""
    words = [word.strip(BLANKS) for word in record.split(" ")]
    words = [check_word(word, f"record {number}") for word in words if word]
    if len(words) < 4:
        raise TnnFormatError(
            f"record {number}: expected a layer, `Type name n_in n_out …`, got {record[:80]!r}"
        )
    kind, name, *counts = words[:4]
    where = f"record {number}, layer {name[:80]!r} ({kind[:80]})"
    inputs, outputs = (decode_number(count, where) for count in counts)
    blobs, end = words[4:], inputs + outputs
    if min(inputs, outputs) < 0 or end > len(blobs):
        raise TnnFormatError(
            f"{where}: expected {inputs} inputs and {outputs} outputs, got {len(blobs)} words"
        )
    return Layer(kind, name, tuple(blobs[:inputs]), tuple(blobs[inputs:end]), tuple(blobs[end:]))


def decode_number(word: str, where: str) -> int:
    if not NUMBER.fullmatch(word):
        raise TnnFormatError(f"{where}: expected a whole number, got {word[:80]!r}")
    return int(word)
