"""The text of a `.tnnproto`."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.errors import TnnFormatError
from export.to_tnn.format import decode_proto, encode_proto
from export.to_tnn.net import Layer, NetInput, TnnNet
from tests.export.to_tnn.samples import STEADY, sample_net

# As TNN's own converter writes it.
CONVOLUTION = (
    "Convolution /stem/stem.0/Conv 1 1 image /stem/stem.0/Conv_output_0 "
    "1 3 16 3 3 2 2 1 1 1 -1 1 1 0"
)
IMAGE = NetInput("image", (1, 3, 64, 64), "float32")
CONV = Layer(
    "Convolution",
    "/stem/stem.0/Conv",
    ("image",),
    ("/stem/stem.0/Conv_output_0",),
    ("1", "3", "16", "3", "3", "2", "2", "1", "1", "1", "-1", "1", "1", "0"),
)
TEXT = f'''"1 2 1 4206624772 ,"
"image 4 1 3 64 64 0 ,"
" /stem/stem.0/Conv_output_0 image ,"
"/stem/stem.0/Conv_output_0 ,"
" 1 ,"
"{CONVOLUTION} ,"
'''


def test_the_official_text():
    net = TnnNet((IMAGE,), CONV.outputs, (CONV,))
    assert encode_proto(net) == TEXT
    assert decode_proto(TEXT) == (net.inputs, net.outputs, net.layers)


def test_the_sample_comes_back():
    net = sample_net()
    text = encode_proto(net)
    assert decode_proto(text) == (net.inputs, net.outputs, net.layers)
    assert '"image 4 1 3 8 8 0 : ids 1 2 3 ,"\n' in text
    assert '"picked feature/7 ,"\n' in text


BLANKS = [
    ("image 4 1", "   image 4 1"),
    (" 1 1 image", "  1   1    image"),
    ("64 64 0 ,", "64 64 0,"),
    ('"\n', '"\r\n'),
    ('"', ""),
    ("\n", ""),
    (' 1 ,"\n', ' 1 ,,\t ,"\n'),
    ("1 2 1", "7 many 1"),
    (" /stem/stem.0/Conv_output_0 image ,", " ,"),
]


@pytest.mark.parametrize(("there", "instead"), BLANKS)
def test_what_tnn_does_not_care_about(there: str, instead: str):
    assert there in TEXT
    assert decode_proto(TEXT.replace(there, instead)) == ((IMAGE,), CONV.outputs, (CONV,))


def test_the_older_form_has_no_types():
    text = TEXT.replace("4206624772", "4206624770").replace(
        "image 4 1 3 64 64 0", "image 1 3 64 64"
    )
    assert decode_proto(text)[0] == (IMAGE,)


def test_a_scalar_input():
    spec = NetInput("x", (), "int32")
    text = encode_proto(TnnNet((spec,), ("x",), ()))
    assert '"x 0 3 ,"' in text
    assert decode_proto(text) == ((spec,), ("x",), ())


CHANGES = [
    ("4206624772", "4206624771", "record 0: expected 4206624772 or 4206624770 as the fourth word"),
    ("1 2 1 4206624772", "1 2 1", "record 0: expected 4206624772"),
    ("4 1 3 64 64 0", "4 1 3 64 0", "record 1, input 'image': expected `name rank sides"),
    ("4 1 3 64 64 0", "4  1 3 64 64 0", "record 1, input 'image': expected a whole number, got ''"),
    ("4 1 3 64 64 0", "4 1 3 64 64 4", r"expected a data type \(0 float32, .*\), got 4"),
    ("4 1 3 64 64 0", "4 1 3 64 -1 0", "input 'image': expected at most 8 sides from 1 to"),
    ("4 1 3 64 64 0", "9 1 1 1 1 1 1 1 1 1 0", "input 'image': expected at most 8 sides"),
    ("4 1 3 64 64 0", "", "record 1, input 'image': expected `name rank sides"),
    ("64 64 0 ,", "64 64 0 : image 1 1 0 ,", "record 1: an input is there twice"),
    ("image 4 1 3 64 64 0", "", "record 1, input '': expected a word"),
    ('"/stem/stem.0/Conv_output_0 ,"', '" ,"', "record 3, outputs: expected a word"),
    ('"/stem/stem.0/Conv_output_0 ,"', '"a  b ,"', "record 3, outputs: expected a word"),
    (
        "Conv 1 1 image",
        "Conv 9 9 image",
        "record 5, layer '/stem/stem.0/Conv' .*: expected 9 inputs",
    ),
    ("Conv 1 1 image", "Conv -1 1 image", "expected -1 inputs and 1 outputs"),
    ("Conv 1 1 image", "Conv one 1 image", "expected a whole number, got 'one'"),
    ("Conv 1 1 image", "Conv 9999999999999 1 image", "expected a whole number"),
    (CONVOLUTION, "Convolution c 1", "record 5: expected a layer, `Type name n_in n_out …`"),
    ("image /stem", "im\tage /stem", "record 5: expected a word without blanks, .* got 'im.tage'"),
    ("image /stem", "\0 /stem", "expected text, got a NUL at character"),
    (
        " -1 ",
        " -1 " + "1 " * 2100,
        "record 5: expected at most 4095 bytes, which is where TNN cuts",
    ),
    (TEXT, "", "expected at least 5 records and a comma, got 1"),
    (TEXT, "{}", "expected at least 5 records"),
    (TEXT, ",,,,,,", "record 0: expected 4206624772"),
]


@pytest.mark.parametrize(("there", "instead", "message"), CHANGES)
def test_a_text_that_is_no_proto_is_refused(there: str, instead: str, message: str):
    assert there in TEXT
    with pytest.raises(TnnFormatError, match=message):
        decode_proto(TEXT.replace(there, instead))


NAMES = ["a,b", "a b", 'a"b', "", "a\n", "a\0b", "\u00fc\ud800", "\t"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_tnn_would_split_is_refused(name: str):
    net = sample_net()
    for changed in (
        replace(net, layers=(replace(net.layers[0], name=name), *net.layers[1:])),
        replace(net, layers=(replace(net.layers[0], outputs=(name,)), *net.layers[1:])),
        replace(net, outputs=(name,)),
        replace(net, inputs=(replace(net.inputs[0], name=name),)),
    ):
        with pytest.raises(TnnFormatError):
            encode_proto(changed)


def test_a_colon_is_only_wrong_in_an_input():
    net = TnnNet((IMAGE,), ("a:0",), (Layer("ReLU", "r:0", ("image",), ("a:0",)),))
    assert decode_proto(encode_proto(net))[2] == net.layers
    with pytest.raises(TnnFormatError, match="input 'a:0': expected a word"):
        encode_proto(replace(net, inputs=(replace(IMAGE, name="a:0"),)))


def concat(name: str) -> TnnNet:
    """With a record of 4088 bytes and the name's."""
    blobs = tuple(f"blob_{i:04}" for i in range(407))
    return TnnNet((IMAGE,), ("y",), (Layer("Concat", name, blobs, ("y",), ("1",)),))


def test_a_record_ends_before_tnn_cuts_it():
    assert decode_proto(encode_proto(concat("c" * 7)))[2] == concat("c" * 7).layers
    for name in ("c" * 8, "ccccc\u20ac"):  # three bytes
        with pytest.raises(TnnFormatError, match=r"record 5: expected at most 4095 .*, got 4096"):
            encode_proto(concat(name))


def test_the_list_of_blobs_may_be_long():
    layers = [Layer("ReLU", f"relu_{i}", (f"b{i}",), (f"b{i + 1}",)) for i in range(2000)]
    net = TnnNet((NetInput("b0", (1,), "float32"),), ("b2000",), tuple(layers))
    assert decode_proto(encode_proto(net))[2] == net.layers


def test_no_inputs_or_no_outputs_is_refused():
    for lacking in (replace(sample_net(), inputs=()), replace(sample_net(), outputs=())):
        with pytest.raises(TnnFormatError, match="at least one input and one output"):
            encode_proto(lacking)


WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters=',": ', min_codepoint=0x21), min_size=1
)
SHAPES = st.lists(st.integers(1, 2**31 - 1), max_size=8).map(tuple)
SPECS = st.builds(NetInput, WORDS, SHAPES, st.sampled_from(["float32", "float16", "int32", "int8"]))
LISTS = st.lists(WORDS, max_size=3).map(tuple)
LAYERS = st.lists(st.builds(Layer, WORDS, WORDS, LISTS, LISTS, LISTS), max_size=4).map(tuple)
INPUTS = st.lists(SPECS, min_size=1, max_size=3, unique_by=lambda spec: spec.name).map(tuple)


@STEADY
@given(INPUTS, st.lists(WORDS, min_size=1, max_size=3).map(tuple), LAYERS)
def test_any_text_comes_back(inputs, outputs, layers):
    text = encode_proto(TnnNet(inputs, outputs, layers))
    assert decode_proto(text) == (inputs, outputs, layers)
    assert encode_proto(TnnNet(*decode_proto(text))) == text


@STEADY
@given(st.text())
def test_no_text_raises_anything_else(text: str):
    for content in (text, TEXT + text, TEXT.replace("image", text), TEXT.replace(" 1 1 ", text)):
        try:
            decode_proto(content)
        except TnnFormatError:
            continue
