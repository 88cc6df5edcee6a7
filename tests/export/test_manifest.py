"""Reading a manifest: what is written comes back, and anything else is one clear line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from export.errors import BundleError
from export.manifest import (
    MANIFEST_NAME,
    SCHEMA_VERSION,
    FileRef,
    digest,
    file_ref,
    open_bundle,
    read_bundle,
    write_manifest,
)
from export.verify import verify
from tests.export.tampering import edit_manifest

Plain = dict[str, Any]


def test_round_trip(tiny_bundle: Path, tmp_path: Path):
    manifest = read_bundle(tiny_bundle).manifest
    write_manifest(tmp_path, manifest)
    written = (tmp_path / MANIFEST_NAME).read_bytes()
    assert written == (tiny_bundle / MANIFEST_NAME).read_bytes()
    assert msgspec.json.decode(written, type=type(manifest)) == manifest
    assert json.loads(written)["schema_version"] == SCHEMA_VERSION


def test_a_file_is_named_from_the_bundle(tmp_path: Path):
    path = tmp_path / "golden" / "x"
    path.parent.mkdir()
    path.write_bytes(b"abc")
    sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2
    assert digest(path) == sha256
    assert file_ref(tmp_path, path) == FileRef("golden/x", sha256, 3)


def refused(bundle: Path) -> str:
    """What reading that bundle says; fails the test where it says it in more than one line."""
    with pytest.raises(BundleError) as caught:
        open_bundle(bundle)
    message = str(caught.value)
    assert str(bundle) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("version", [0, 1, -1, "2", True, None, 10**30, [1], {"1": 1}])
def test_another_schema_version_is_refused(tiny_bundle: Path, version: object):
    edit_manifest(tiny_bundle, lambda plain: plain.update(schema_version=version))
    says = f"has schema version {version!r}, expected {SCHEMA_VERSION}; export again"
    assert says in refused(tiny_bundle)


def test_a_schema_version_is_a_whole_number(tiny_bundle: Path):
    edit_manifest(tiny_bundle, lambda plain: plain.update(schema_version=2.0))
    assert "schema" in refused(tiny_bundle)


def test_no_schema_version_is_refused(tiny_bundle: Path):
    edit_manifest(tiny_bundle, lambda plain: plain.pop("schema_version"))
    assert f"has schema version None, expected {SCHEMA_VERSION}" in refused(tiny_bundle)


NOT_OURS = {
    "empty": (b"", "is not JSON"),
    "text": (b"graphs: keyframe\n", "is not JSON"),
    "cut off": (b'{"schema_version": 2, "mod', "is not JSON"),
    "not UTF-8": (b'{"schema_version": "\xff"}', "is not JSON"),
    "UTF-16": ('{"schema_version": 1}'.encode("utf-16"), "is not JSON"),
    "too deep": (b"[" * 100_000, "is not JSON"),
    "lone surrogate": (rb'{"schema_version": "\ud800"}', "is not JSON"),
    "a list": (b"[]", "has schema version None"),
    "a number": (b"1", "has schema version None"),
    "null": (b"null", "has schema version None"),
    "only a version": (b'{"schema_version": 2}', "missing required field `model`"),
}


@pytest.mark.parametrize(("content", "message"), NOT_OURS.values(), ids=NOT_OURS)
def test_what_is_no_manifest_is_refused(tiny_bundle: Path, content: bytes, message: str):
    (tiny_bundle / MANIFEST_NAME).write_bytes(content)
    assert message in refused(tiny_bundle)


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path: Path):
    for path in (tmp_path, tmp_path / "nothing", Path(__file__)):
        message = refused(path)
        assert "is not a bundle: can't read manifest.json" in message
        assert "make one with 'mobileinst export'" in message


def test_a_manifest_that_is_a_folder_is_refused(tmp_path: Path):
    (tmp_path / MANIFEST_NAME).mkdir()
    assert "Is a directory" in refused(tmp_path)


def at(*keys: str | int) -> Callable[[Plain], Any]:
    """The part of a manifest that lies there."""

    def find(plain: Any) -> Any:
        for key in keys:
            plain = plain[key]
        return plain

    return find


KEYFRAME = ("graphs", "keyframe")
INPUT, OUTPUT = (*KEYFRAME, "inputs", 0), (*KEYFRAME, "outputs", 0)
ARTIFACT = (*KEYFRAME, "artifacts", 0)
WEIGHTS = ("model", "weights", "reference")

WRONG_FIELDS = [
    ((), "model", "tiny"),
    ((), "graphs", []),
    ((), "golden", {}),
    ((), "golden", []),
    ((), "versions", {"torch": 2}),
    (("model",), "config", [1]),
    (WEIGHTS, "file", 7),
    (WEIGHTS, "size", "7"),
    (WEIGHTS, "size", None),
    (WEIGHTS, "sha256", "abc"),
    (WEIGHTS, "sha256", None),
    (("preprocessing",), "height", "96"),
    (("preprocessing",), "mean", [1, 2]),
    (("preprocessing",), "std", ["1", "2", "3"]),
    (("preprocessing",), "resize", "crop"),
    (("preprocessing",), "colour_order", "BGR"),
    (("kernels",), "count", 2.5),
    (("kernels",), "count", -3),
    (INPUT, "dtype", "float64"),
    (OUTPUT, "shape", 3),
    (OUTPUT, "shape", [1, None]),
    (OUTPUT, "shape", [1, "x"]),
    (OUTPUT, "shape", [1, -1]),
    (OUTPUT, "shape", [1, "0n"]),
    (INPUT, "name", 3),
    (ARTIFACT, "format", "tflite"),
    (ARTIFACT, "precision", "fp8"),
    (ARTIFACT, "files", []),
    (ARTIFACT, "files", ["keyframe.onnx"]),
    (ARTIFACT, "names", {}),
    (KEYFRAME, "artifacts", []),
    (("state", 0), "source", None),
]


@pytest.mark.parametrize(("where", "field", "value"), WRONG_FIELDS)
def test_a_field_of_another_kind_is_refused(tiny_bundle: Path, where, field, value):
    edit_manifest(tiny_bundle, lambda plain: at(*where)(plain).update({field: value}))
    assert MANIFEST_NAME in refused(tiny_bundle)


REQUIRED = [
    ((), "model"),
    ((), "preprocessing"),
    ((), "graphs"),
    ((), "state"),
    ((), "golden"),
    (WEIGHTS, "file"),
    (WEIGHTS, "sha256"),
    (WEIGHTS, "size"),
    (INPUT, "shape"),
    (ARTIFACT, "files"),
    (("golden", 0), "reference"),
]


@pytest.mark.parametrize(("where", "field"), REQUIRED)
def test_a_missing_field_is_named(tiny_bundle: Path, where, field):
    edit_manifest(tiny_bundle, lambda plain: at(*where)(plain).pop(field))
    assert f"missing required field `{field}`" in refused(tiny_bundle)


OUTSIDE = ["../x", "..", "/etc/passwd", "a/../../x", "golden/../../x", "", "a\\b", "a\0b"]


@pytest.mark.parametrize("where", [WEIGHTS, (*ARTIFACT, "files", 0), ("golden", 0, "reference")])
@pytest.mark.parametrize("file", OUTSIDE)
def test_a_file_outside_is_refused(tiny_bundle: Path, where, file: str):
    edit_manifest(tiny_bundle, lambda plain: at(*where)(plain).update(file=file))
    assert f"names a file outside the bundle: {file!r}" in refused(tiny_bundle)


# Names inside the bundle that no file of it has, or can have.
NOWHERE = ["nothing", ".", "golden", "weights.safetensors/x", "x" * 300, "x/" * 3000, "two\nlines"]


@pytest.mark.parametrize("file", NOWHERE, ids=lambda file: file[:12])
def test_a_file_that_is_not_there_is_refused(tiny_bundle: Path, file: str):
    edit_manifest(tiny_bundle, lambda plain: at(*WEIGHTS)(plain).update(file=file))
    assert refused(tiny_bundle)


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "/nowhere"])
def test_a_link_out_is_refused(tiny_bundle: Path, target: str):
    (tiny_bundle.parent / "outside").write_text("secret")
    (tiny_bundle / "weights.safetensors").unlink()
    (tiny_bundle / "weights.safetensors").symlink_to(target)
    assert "weights.safetensors is a link that leads out of the bundle" in refused(tiny_bundle)


def test_a_folder_that_is_a_link_out_is_refused(tiny_bundle: Path):
    (tiny_bundle / "golden").rename(tiny_bundle.parent / "moved")
    (tiny_bundle / "golden").symlink_to("../moved")
    assert "is a link that leads out of the bundle" in refused(tiny_bundle)


def test_a_link_to_itself_is_refused(tiny_bundle: Path):
    (tiny_bundle / "weights.safetensors").unlink()
    (tiny_bundle / "weights.safetensors").symlink_to("weights.safetensors")
    assert refused(tiny_bundle)


def test_an_unknown_graph_lists_the_known_ones(tiny_bundle: Path):
    with pytest.raises(BundleError, match="no graph 'fold'; the bundle has keyframe, reuse_plain"):
        open_bundle(tiny_bundle).graph("fold")


def test_several_problems_are_counted(tiny_bundle: Path):
    for name in ("keyframe.onnx", "weights.safetensors"):
        (tiny_bundle / name).unlink()
    assert "weights.safetensors is missing (and 1 more); export" in refused(tiny_bundle)


TOKENS = [b"null", b"-1", b"0", b"1e9", b"1e999", b'"n"', b'"0n"', b"{}", b"[]", b"true", b"../"]
TOKENS += [b"\\u0000", b"\\n", b"\xff", b'"', b",", b":", b"]", b"}", b"[" * 2000, b"9" * 400]


def mutate(content: bytes, rng: np.random.Generator) -> bytes:
    """Somewhere a byte flipped, a span lost, doubled or swapped for a token."""
    start, length = int(rng.integers(len(content))), int(rng.integers(1, 40))
    before, span, after = (
        content[:start],
        content[start : start + length],
        content[start + length :],
    )
    token = TOKENS[rng.integers(len(TOKENS))]
    flipped = bytes([span[0] ^ 1 << int(rng.integers(8))]) + span[1:]
    return before + [flipped, b"", span + span, token, token + span][rng.integers(5)] + after


def replace_a_value(content: bytes, rng: np.random.Generator) -> bytes:
    """Still JSON, but with a token in the place of one string or number."""
    places = [i for i, byte in enumerate(content) if content[i : i + 2] == b": " and byte]
    start = places[rng.integers(len(places))] + 2
    end = min(i for i in (content.find(c, start) for c in (b",", b"\n")) if i > 0)
    return content[:start] + TOKENS[rng.integers(10)] + content[end:]


@pytest.mark.parametrize("damage", [mutate, replace_a_value], ids=lambda damage: damage.__name__)
def test_a_damaged_manifest_never_raises_anything_else(tiny_bundle: Path, damage: Callable):
    path, rng = tiny_bundle / MANIFEST_NAME, np.random.default_rng(0)
    content, refusals = path.read_bytes(), []
    for _ in range(300):
        path.write_bytes(damage(content, rng))
        for use in (open_bundle, lambda bundle: verify(read_bundle(bundle))):
            try:
                use(tiny_bundle)
            except BundleError as error:
                refusals.append(str(error))
    assert len(refusals) > 300  # of 600; the rest of the changes is harmless, or a wrong hash
    assert [message for message in refusals if "\n" in message] == []
