"""`mobileinst convert`: what it prints, and one line for whatever is wrong."""

import json
from pathlib import Path

import numpy as np
import pytest

from export.manifest import MANIFEST_NAME
from tests.command import run
from tests.export.small_models import FREE, TWO_INPUTS, UINT8, UNKNOWN, write_model
from tests.mobileinst_deploy.refusal import Capture, Prepare, folder, refused, replace, row

IMAGE = np.linspace(-1, 1, 192, dtype=np.float32).reshape(1, 3, 8, 8)
SCALE = np.ones((1, 3, 1, 1), np.float32)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder, with models in it."""
    monkeypatch.chdir(tmp_path)
    write_model(Path("two.onnx"), TWO_INPUTS)
    write_model(Path("free.onnx"), FREE)


def arrays(**named: np.ndarray) -> Prepare:
    return lambda: np.savez("a.npz", **named)


@pytest.mark.parametrize("target", ["ncnn", "tnn"])
def test_the_manifest_is_what_json_prints(target: str):
    ran = run("convert", "two.onnx", "--target", target, "-o", "out", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == json.loads(Path("out", MANIFEST_NAME).read_text())
    assert json.loads(ran.out)["format"] == target


@pytest.mark.parametrize("target", ["ncnn", "tnn"])
def test_the_table_names_every_tensor(target: str):
    options = ("--precision", "fp16-storage", "--shape", "image=1x3x8x8")
    ran = run("convert", "two.onnx", "--target", target, "-o", "[out]", *options)
    assert (ran.code, ran.err) == (0, "")
    assert f"two.onnx as {target}: two." in ran.out
    assert all(f" {name} " in ran.out for name in ("image", "scale", "y", "z"))
    assert ran.out.count("of the largest") == 2


@pytest.mark.parametrize("target", ["ncnn", "tnn"])
def test_it_is_compared_on_the_arrays_given(target: str):
    arrays(image=IMAGE[:, :, :6])()
    command = ("convert", "free.onnx", "--target", target, "-o", "out", "--inputs", "a.npz")
    ran = run(*command, "--format", "json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["inputs"] == {"image": [1, 3, 6, 8]}


def test_another_conversion_is_replaced_when_asked():
    for target, ending in (("tnn", "tnnproto"), ("ncnn", "param")):
        ran = run("convert", "two.onnx", "--target", target, "-o", "out", "--overwrite")
        assert ran.code == 0, ran.err
        assert Path("out", f"two.{ending}").is_file()
    assert not Path("out", "two.tnnproto").exists()


def damaged() -> None:
    """Compressed numbers that are others."""
    np.savez_compressed("a.npz", image=IMAGE, scale=SCALE)
    data = bytearray(Path("a.npz").read_bytes())
    data[250:300] = bytes(50)
    Path("a.npz").write_bytes(data)


CONVERT = "convert two.onnx --target ncnn -o out"
CONVERT_FREE = "convert free.onnx --target tnn -o out"
INPUTS = f"{CONVERT} --inputs a.npz"
BAD_SHAPE = "is no shape: expected one as image=1x3x224x224"
PICKLED = arrays(image=np.array([{}], object))

USAGE = [
    row("no model", "convert --target tnn -o out", 2, "Missing argument 'MODEL'"),
    row("no target", "convert two.onnx -o out", 2, "Missing option '--target'"),
    row("no output", "convert two.onnx --target tnn", 2, "Missing option '-o'"),
    row("target", "convert two.onnx --target onnx -o out", 2, "'onnx' is not one of 'ncnn', 'tnn'"),
    row("precision", f"{CONVERT} --precision fp16", 2, "'fp16' is not one of 'fp32', 'fp16-stor"),
    *(
        row(f"shape {shape!r}", f"{CONVERT} --shape '{shape}'", 2, BAD_SHAPE)
        for shape in ("image", "image=", "=1x3", "image=1x0", "image=1,3,8,8", "image=ax3", "")
    ),
]
MODELS = [
    row("missing", "convert no.onnx --target tnn -o out", 3, "can't read no.onnx: No such file"),
    row("folder", "convert a --target tnn -o out", 3, "can't read a: Is a directory", folder("a")),
    row("text", "convert a --target tnn -o out", 3, "a is not a valid ONNX model", replace("a")),
    row("empty", "convert a --target tnn -o b", 3, "a is not a valid ONNX", replace("a", b"")),
    row("free", CONVERT_FREE, 3, "give its free sides, as --shape image=1x3x1x1$"),
    row("shape", f"{CONVERT} --shape image=1x3x9x9", 3, "'image' has the shape 1x3x8x8, got 1x3x9"),
    row("unknown input", f"{CONVERT} --shape a=1", 3, "no input 'a': the model has image, scale$"),
    row("ncnn's operators", "convert a.onnx --target ncnn -o out", 3, "layer IsNaN not exists",
        lambda: write_model(Path("a.onnx"), UNKNOWN)),
    row("TNN's operators", "convert a.onnx --target tnn -o out", 3, "IsNaN",
        lambda: write_model(Path("a.onnx"), UNKNOWN)),
    row("pixels", "convert a.onnx --target ncnn -o out", 3, "'image' is uint8: export it without",
        lambda: write_model(Path("a.onnx"), UINT8)),
]  # fmt: skip
ARRAYS = [
    row("arrays, missing", INPUTS, 3, "can't read a.npz as .npz .*No such file"),
    row("arrays, text", INPUTS, 3, "can't read a.npz as .npz", replace("a.npz")),
    row("arrays, empty", INPUTS, 3, "can't read a.npz as .npz", replace("a.npz", b"")),
    row("arrays, cut", INPUTS, 3, "can't read a.npz as .npz", replace("a.npz", b"PK\3\4" * 99)),
    row("arrays, damaged", INPUTS, 3, "can't read a.npz as .npz", damaged),
    row("arrays, a folder", INPUTS, 3, "can't read a.npz as .npz", folder("a.npz")),
    row("arrays, pickled", INPUTS, 3, "can't read a.npz as .npz .*pickle", PICKLED),
    row("arrays, .npy", f"{CONVERT} --inputs a.npy", 3, "can't read a.npy as .npz",
        lambda: np.save("a.npy", IMAGE)),
    row("arrays, names", INPUTS, 3, "no input 'arr': the model has image", arrays(arr=IMAGE)),
    row("arrays, shape", INPUTS, 3, "shape 1x3x8x8, got 3x8x8", arrays(image=IMAGE[0])),
    row("arrays, type", INPUTS, 3, "can't run the model: .*data type.*int32",
        arrays(image=IMAGE.astype(np.int32), scale=SCALE)),
    row("arrays, text inside", INPUTS, 3, "can't run the model", arrays(image=IMAGE.astype(str))),
    row("arrays, NaN", INPUTS, 3, "differs .* by nan", arrays(image=IMAGE * np.nan, scale=SCALE)),
]  # fmt: skip
OUTPUTS = [
    row("file", CONVERT, 2, "out exists and is not", replace("out")),
    row("folder", f"{CONVERT} --overwrite", 2, "out exists and is not", folder("out", "notes")),
    row("current folder", "convert two.onnx --target tnn -o .", 2, "is the current folder"),
    row("read-only", "convert two.onnx --target tnn -o /proc/a", 3, "can't write /proc/a"),
]


@pytest.mark.parametrize(
    ("command", "code", "says", "prepare"), [*USAGE, *MODELS, *ARRAYS, *OUTPUTS]
)
def test_refusal(command: str, code: int, says: str, prepare: Prepare, capfd: Capture):
    prepare()
    refused(command, code, says, capfd)


def test_an_earlier_conversion_stays(capfd: Capture):
    assert run(*CONVERT_FREE.split(), "--shape", "image=1x3x8x8").code == 0
    refused("convert two.onnx --target tnn -o out", 2, "give --overwrite to replace", capfd)
