"""Masks stand on the right layers, ncnn takes them, and they change no number in float32."""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from export.errors import ConversionError
from export.ncnn_masks import mask_layers, missing_blobs
from export.ncnn_net import NcnnNet
from export.ncnn_param import format_param, parse_param
from export.to_ncnn import to_ncnn
from tests.export.keyframes import frames, keyframe


def param(*layers: str) -> str:
    """In the form in which we write it."""
    blobs = sum(int(layer.split()[3]) for layer in layers)
    return format_param(parse_param("\n".join(("7767517", f"{len(layers)} {blobs}", *layers))))


INPUT = "Input in0 0 1 in0"
CHAIN = param(
    INPUT,
    "Convolution first 1 1 in0 first 0=3 1=1 6=9",
    "Convolution second 1 1 first second 0=3 1=1 6=9",
    "Split splitncnn_0 1 2 second second_splitncnn_0 second_splitncnn_1",
    "Sigmoid third 1 1 second_splitncnn_0 third",
    "BinaryOp out0 2 1 third second_splitncnn_1 out0 0=2",
)


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def difference(before: str, after: str) -> list[str]:
    """The lines that are new, without the columns' spaces."""
    return [" ".join(line) for line in words(after) if line not in words(before)]


def test_the_layer_that_computes_and_the_one_that_reads():
    """A converter where the layer before still writes float16."""
    assert difference(CHAIN, mask_layers(CHAIN, frozenset({"third"}))) == [
        "8 9",
        "Dropout second_splitncnn_0_float32 1 1 second_splitncnn_0 second_splitncnn_0_float32",
        "Sigmoid third 1 1 second_splitncnn_0_float32 third 31=3",
        "Dropout second_splitncnn_1_float32 1 1 second_splitncnn_1 second_splitncnn_1_float32",
        "BinaryOp out0 2 1 third second_splitncnn_1_float32 out0 0=2 31=3",
    ]


def test_the_copies_of_a_split_are_the_tensor():
    assert difference(CHAIN, mask_layers(CHAIN, frozenset({"second"}))) == [
        "7 8",
        "Dropout first_float32 1 1 first first_float32",
        "Convolution second 1 1 first_float32 second 0=3 1=1 6=9 31=3",
        "Split splitncnn_0 1 2 second second_splitncnn_0 second_splitncnn_1 31=3",
        "Sigmoid third 1 1 second_splitncnn_0 third 31=3",
        "BinaryOp out0 2 1 third second_splitncnn_1 out0 0=2 31=3",
    ]


def test_what_an_input_gives_is_float32_already():
    masked = mask_layers(CHAIN, frozenset({"first"}))
    assert "Dropout" not in masked
    assert masked.count("31=3") == 2


@pytest.mark.parametrize("given", ["31=4", "31=5", "31=7"])
def test_an_earlier_mask_keeps_its_bits(given: str):
    text = param(INPUT, f"Sigmoid out0 1 1 in0 out0 {given} 5=1")
    masked = mask_layers(text, frozenset({"out0"}))
    assert parse_param(masked)[1].params == ("5=1", "31=7")


def test_twice_is_once_and_step_by_step_is_at_once():
    both = frozenset({"first", "third"})
    masked = mask_layers(CHAIN, both)
    assert mask_layers(masked, both) == masked
    assert mask_layers(
        mask_layers(CHAIN, frozenset({"third"})), frozenset({"third"})
    ) == mask_layers(CHAIN, frozenset({"third"}))


def test_blobs_that_are_not_there_change_nothing_and_are_told():
    tensors = frozenset({"second", "fused.away"})
    assert missing_blobs(CHAIN, tensors) == {"fused.away"}
    assert mask_layers(CHAIN, frozenset({"fused.away"})) == CHAIN


@pytest.mark.parametrize("text", ["", "nonsense\n1 1\n", CHAIN.replace("6 7", "9 9")])
def test_what_is_no_param_is_refused(text: str):
    with pytest.raises(ConversionError, match="ncnn param"):
        mask_layers(text, frozenset({"second"}))


def run(
    text: str, weights: bytes, feed: dict[str, np.ndarray], blobs: list[str]
) -> list[np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "param"), Path(folder, "bin")
        paths[0].write_text(text)
        paths[1].write_bytes(weights)
        return list(NcnnNet(*paths).run(feed, blobs).values())


def test_ncnn_runs_a_masked_network_to_the_same_numbers():
    """On x86, where nothing is float16: the masks and converters alone."""
    files = to_ncnn(keyframe(), frames(0)[0])
    blobs = [blob for name, blob in files.names.items() if name != "image"]
    image = {files.names["image"]: frames(0)[0]["image"][0]}
    tensors = frozenset({"backbone.pyramid.1.layers.1", "backbone.pyramid.2", "class_logits"})
    masked = mask_layers(files.param, tensors)
    assert masked.count(" 31=3") >= 4
    assert masked.count("Dropout") >= 2
    plain, float32 = (run(text, files.weights, image, blobs) for text in (files.param, masked))
    assert all(np.array_equal(a, b) for a, b in zip(plain, float32, strict=True))
