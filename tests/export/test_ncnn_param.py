"""ncnn's text: read, written, renamed; what is none is refused with its line."""

from pathlib import Path

import pytest

from export.errors import ConversionError
from export.ncnn_param import (
    NcnnLayer,
    copies,
    format_param,
    input_blobs,
    output_blobs,
    parse_param,
    rename_blobs,
)

TEXT = """7767517
5 7
Input                    in0                      0 1 in0
ReLU                     relu_0                   1 1 in0 1
Split                    splitncnn_0              1 3 1 2 3 out1
UnaryOp                  neg_1                    1 1 2 out0 0=1
Noop                     noop_2                   1 1 3 4 6="0w,-1" -23303=2,1,2
"""


def network() -> tuple[NcnnLayer, ...]:
    return parse_param(TEXT)


@pytest.mark.parametrize("graph", ["keyframe", "fold", "reuse_plain", "reuse_folded"])
def test_a_real_file_round_trips(phone_bundle: Path, graph: str):
    text = (phone_bundle / "ncnn" / f"{graph}.param").read_text()
    assert format_param(parse_param(text)) == text


def test_a_layer_is_read_word_by_word():
    layers = network()
    assert layers[3] == NcnnLayer("UnaryOp", "neg_1", ("2",), ("out0",), ("0=1",))
    assert layers[4].params == ('6="0w,-1"', "-23303=2,1,2")
    assert format_param(layers) == TEXT


def test_an_empty_network():
    assert parse_param("7767517\n0 0\n") == ()
    assert format_param(()) == "7767517\n0 0\n"


def test_a_network_says_what_goes_in_and_out():
    assert input_blobs(network()) == ["in0"]
    assert output_blobs(network()) == ["out1", "out0", "4"]
    assert [*copies(network())] == ["2", "3", "out1"]


ONE_LAYER = "7767517\n1 1\n{}\n"
NO_COUNTS = "expected none layers, got 0"
REFUSALS = {
    "empty": ("", "not an ncnn param file: expected 7767517 first, got ''"),
    "text": ("no network\n", "expected 7767517 first, got 'no network'"),
    "binary form": ("\x9d\x85\x76\x00", "expected 7767517 first"),
    "magic alone": ("7767517\n", NO_COUNTS),
    "no counts": ("7767517\n\n", NO_COUNTS),
    "cut off": ("".join(TEXT.splitlines(keepends=True)[:5]), "expected 5 layers, got 3"),
    "a layer too many": (TEXT + "ReLU a 1 1 4 5\n", "expected 5 layers, got 6"),
    "cut line": (ONE_LAYER.format("ReLU relu_0"), "line 3: 'ReLU relu_0' is no layer"),
    "one word": (ONE_LAYER.format("ReLU"), "line 3: 'ReLU' is no layer"),
    "words for counts": (ONE_LAYER.format("ReLU a x 1 b c"), "line 3: 'ReLU a x 1 b c' is no"),
    "too few blobs": (ONE_LAYER.format("ReLU a 2 1 b"), r"line 3: expected 2 \+ 1 blobs, got 1"),
    "below zero": (ONE_LAYER.format("ReLU a -1 1 b"), r"line 3: expected -1 \+ 1 blobs"),
}


@pytest.mark.parametrize(("text", "says"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_no_network_is_refused(text: str, says: str):
    with pytest.raises(ConversionError, match=says) as caught:
        parse_param(text)
    assert "\n" not in str(caught.value)


def test_copies_are_called_after_what_they_copy():
    renamed = rename_blobs(network(), {"1": "stem"})
    assert renamed[1] == NcnnLayer("ReLU", "stem", ("in0",), ("stem",), ())
    assert renamed[2].inputs == ("stem",)
    assert renamed[2].outputs == ("stem_splitncnn_0", "stem_splitncnn_1", "out1")
    assert renamed[3].inputs == ("stem_splitncnn_0",)
    assert renamed[4].inputs == ("stem_splitncnn_1",)


def test_a_copy_that_is_an_output_keeps_its_name():
    renamed = rename_blobs(network(), {"1": "stem", "2": "never", "4": "last"})
    assert output_blobs(renamed) == ["out1", "out0", "last"]
    assert renamed[4].name == "last"


def test_a_copy_of_a_copy_is_called_after_it():
    text = "7767517\n3 5\nInput a 0 1 a\nSplit s 1 2 a b c\nSplit t 1 2 b d e\nNoop n 2 1 d e f\n"
    layers = parse_param(text.replace("3 5", "4 6"))
    renamed = rename_blobs(layers, {})
    assert renamed[2].inputs == ("a_splitncnn_0",)
    assert renamed[3].inputs == ("a_splitncnn_0_splitncnn_0", "a_splitncnn_0_splitncnn_1")


def test_nothing_to_rename_changes_nothing_but_the_copies():
    renamed = rename_blobs(network(), {})
    assert [layer.name for layer in renamed] == [layer.name for layer in network()]
    assert input_blobs(renamed) == ["in0"]
