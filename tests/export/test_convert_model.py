"""Any ONNX model: converted, run beside ONNX Runtime, written whole or not at all."""

from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest

from export import convert_model as module
from export.convert_model import Conversion, compare, convert_model, load_onnx, relative_error
from export.errors import ConversionError, OutputExistsError
from export.manifest import MANIFEST_NAME, Format, Precision, digest
from tests.export.small_models import FREE, TWO_INPUTS, write_model

TARGETS: tuple[Format, ...] = ("ncnn", "tnn")
ENDINGS = {"ncnn": {"a.param", "a.bin"}, "tnn": {"a.tnnproto", "a.tnnmodel"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_model(tmp_path / "in" / "a.onnx", TWO_INPUTS)


@pytest.mark.parametrize("precision", ["fp32", "fp16-storage"])
@pytest.mark.parametrize("target", TARGETS)
def test_files_and_a_manifest(path: Path, tmp_path: Path, target: Format, precision: Precision):
    out = tmp_path / "deep" / "out"
    conversion = convert_model(path, out, target, precision)
    assert {p.name for p in out.iterdir()} == {*ENDINGS[target], MANIFEST_NAME}
    assert msgspec.json.decode((out / MANIFEST_NAME).read_bytes(), type=Conversion) == conversion
    assert (conversion.source, conversion.source_sha256) == ("a.onnx", digest(path))
    assert (conversion.format, conversion.precision) == (target, precision)
    assert {ref.file: ref.sha256 for ref in conversion.files} == {
        name: digest(out / name) for name in ENDINGS[target]
    }
    assert conversion.inputs == {"image": (1, 3, 8, 8), "scale": (1, 3, 1, 1)}


@pytest.mark.parametrize("target", TARGETS)
def test_outputs_are_compared(path: Path, tmp_path: Path, target: Format):
    full = convert_model(path, tmp_path / "full", target)
    half = convert_model(path, tmp_path / "half", target, "fp16-storage")
    assert [(o.name, o.shape) for o in full.outputs] == [("y", (1, 4, 6, 6)), ("z", (1, 4, 6, 6))]
    assert all(output.relative < 1e-5 for output in full.outputs)
    assert 1e-5 < max(output.relative for output in half.outputs) < 5e-2
    assert {*full.names} == {"image", "scale", "y", "z"}
    assert {"onnx", "onnxruntime"} <= {*full.versions}
    sizes = [sum(ref.size for ref in c.files) for c in (full, half)]
    assert sizes[1] < sizes[0]


@pytest.mark.parametrize("target", TARGETS)
def test_free_sides_are_given(tmp_path: Path, target: Format):
    path = write_model(tmp_path / "a.onnx", FREE)
    by_shape = convert_model(path, tmp_path / "one", target, shapes={"image": (1, 3, 8, 10)})
    feed = {"image": np.ones((1, 3, 6, 4), np.float32)}
    by_feed = convert_model(path, tmp_path / "two", target, feed=feed)
    assert by_shape.inputs == {"image": (1, 3, 8, 10)}
    assert by_feed.inputs == {"image": (1, 3, 6, 4)}


def test_the_same_model_gives_the_same_bytes(path: Path, tmp_path: Path):
    for target in TARGETS:
        first, second = (convert_model(path, tmp_path / f"{target}-{i}", target) for i in (1, 2))
        assert first == second


def test_what_is_compared_on(tmp_path: Path):
    """A picture for what has the shape of one, and drawn numbers for the rest."""
    seen: list[tuple[int, int]] = []

    def picture(height: int, width: int) -> np.ndarray:
        seen.append((height, width))
        return np.full((1, 3, height, width), 0.5, np.float32)

    model = onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["" : 18]> g (float[1,3,8,4] photo, float[1,4,8,4] maps,'
        " uint8[1,3,8,4] bytes, int64[2] ids) => (float[1,3,8,4] y) { y = Neg(photo) }"
    )
    shapes = {"photo": (1, 3, 8, 4), "maps": (1, 4, 8, 4), "bytes": (1, 3, 8, 4), "ids": (2,)}
    arrays = module.draw_inputs(model, shapes, picture)
    assert seen == [(8, 4)]
    assert {name: (array.shape, str(array.dtype)) for name, array in arrays.items()} == {
        "photo": ((1, 3, 8, 4), "float32"), "maps": ((1, 4, 8, 4), "float32"),
        "bytes": ((1, 3, 8, 4), "uint8"), "ids": ((2,), "int64"),
    }  # fmt: skip
    assert arrays["bytes"].max() > 100
    assert module.draw_inputs(model, {}, picture) == {}


ONES = np.ones((1, 3, 8, 8), np.float32)
SHAPES = {
    "free": ({}, {}, r"has the shape \?x3x\?x\?: give its free sides, as --shape image=1x3x1x1"),
    "other side": ({"image": (1, 4, 8, 8)}, {}, r"has the shape \?x3x\?x\?, got 1x4x8x8"),
    "too few sides": ({"image": (1, 3)}, {}, "got 1x3$"),
    "unknown": ({"picture": (1, 3, 8, 8)}, {}, "no input 'picture': the model has image$"),
    "unknown array": ({}, {"picture": ONES}, "no input 'picture': the model has image$"),
    "array's shape": ({}, {"image": ONES[0]}, r"has the shape \?x3x\?x\?, got 3x8x8"),
    "both": (
        {"image": (1, 3, 4, 4)},
        {"image": ONES},
        "was to be 1x3x4x4, but its array is 1x3x8x8",
    ),
    "type": ({}, {"image": ONES.astype(np.float64)}, "float64|double"),
    "batch": ({"image": (2, 3, 8, 8)}, {}, "ncnn has no batch axis"),
}


@pytest.mark.parametrize(("shapes", "feed", "says"), SHAPES.values(), ids=SHAPES)
def test_shapes_that_do_not_fit(tmp_path: Path, shapes: dict, feed: dict, says: str):
    path = write_model(tmp_path / "a.onnx", FREE)
    with pytest.raises(ConversionError, match=says) as caught:
        convert_model(path, tmp_path / "out", "ncnn", shapes=shapes, feed=feed)
    assert "\n" not in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["a.onnx"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "can't read .*a.onnx: No such file or directory"),
        (b"", "a.onnx is not a valid ONNX model"),
        (b"text\n" * 99, "a.onnx is not a valid ONNX model"),
    ],
)
def test_what_is_no_model(tmp_path: Path, content: bytes | None, says: str):
    path = tmp_path / "a.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConversionError, match=says) as caught:
        load_onnx(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("target", TARGETS)
def test_an_output_that_differs_is_not_written(
    path: Path, tmp_path: Path, target: Format, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "LIMITS", {"fp32": -1.0})
    with pytest.raises(ConversionError, match=r"'y' differs from ONNX Runtime by .*noth"):
        convert_model(path, tmp_path / "deep" / "out", target)
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_what_was_there_before(path: Path, tmp_path: Path):
    out = tmp_path / "out"
    convert_model(path, out, "tnn")
    with pytest.raises(OutputExistsError, match="give --overwrite to replace"):
        convert_model(path, out, "tnn")
    convert_model(path, out, "ncnn", overwrite=True)
    assert {p.name for p in out.iterdir()} == {*ENDINGS["ncnn"], MANIFEST_NAME}
    (out / MANIFEST_NAME).unlink()
    with pytest.raises(OutputExistsError, match="choose another output"):
        convert_model(path, out, "tnn", overwrite=True)


A = np.array([[1.0, -4.0]], np.float32)


@pytest.mark.parametrize(
    ("got", "wanted", "relative"),
    [
        (A, A, 0),
        (A[0], A, 0),
        (A + 1, A, 0.25),
        (A[:, :1], A, np.inf),
        (A[:, :0], A[:, :0], 0),
        (np.zeros(2, np.float32), np.zeros(2, np.float32), 0),
        (np.array([True, False]), np.array([True, True]), 1),
        (np.array([3, 250], np.uint8), np.array([4, 250], np.uint8), 0.004),
    ],
)
def test_relative_error(got: np.ndarray, wanted: np.ndarray, relative: float):
    assert relative_error(got, wanted) == pytest.approx(relative)


@pytest.mark.parametrize("got", [A * 1.01, A * np.nan, A + np.inf, A[:, :1]])
def test_what_is_too_far_away_is_refused(got: np.ndarray):
    assert compare({"y": A}, {"y": A}, "fp32")[0].relative == 0
    with pytest.raises(ConversionError, match="the output 'y' differs"):
        compare({"y": got}, {"y": A}, "fp32")
