"""Damaged ncnn and TNN files: inspect names them, parity refuses them in one line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import run
from tests.export.tampering import edit_manifest, rehash
from tests.mobileinst_deploy.refusal import Capture, Prepare, cut, refused, replace

NCNN, TNN = Path("phone/ncnn"), Path("phone/tnn")
PARAM, BIN = NCNN / "fold.param", NCNN / "fold.bin"
PROTO, MODEL = TNN / "fold.tnnproto", TNN / "fold.tnnmodel"


def other(path: Path, source: Path) -> Prepare:
    """Another graph's file in its place."""
    return lambda: replace(path, source.read_bytes())()


def swap(first: Path, second: Path) -> Prepare:
    def prepare() -> None:
        contents = first.read_bytes(), second.read_bytes()
        replace(first, contents[1])()
        replace(second, contents[0])()

    return prepare


def edit(path: Path, old: str, new: str) -> Prepare:
    def prepare() -> None:
        text = path.read_text()
        assert old in text
        replace(path, text.replace(old, new).encode())()

    return prepare


def rename(old: str, new: str, kind: str) -> Prepare:
    """In the manifest's table of names, for the fold."""

    def change(manifest: dict) -> None:
        for artifact in manifest["graphs"]["fold"]["artifacts"]:
            if artifact["format"] == kind:
                artifact["names"] = {
                    ours: new if theirs == old else theirs
                    for ours, theirs in artifact["names"].items()
                }

    return lambda: edit_manifest(Path("phone"), change)


# The damage, with hashes as if the file had always been so, and what inspect says.
STRUCTURE = {
    "param cut": (cut(PARAM), f"{PARAM}: ncnn param file, line 13: .* is no layer$"),
    "param is text": (
        replace(PARAM),
        f"{PARAM}: not an ncnn param file: expected 7767517 .*'text'$",
    ),
    "param is empty": (replace(PARAM, b""), f"{PARAM}: not an ncnn param file"),
    "param is bytes": (
        replace(PARAM, b"\xff\xfe\0" * 99),
        f"{PARAM}: not an ncnn param file: expected text$",
    ),
    "other param": (
        other(PARAM, NCNN / "reuse_plain.param"),
        f"{PARAM} has other inputs than the manifest: .*in1",
    ),
    "ncnn's names": (rename("out1", "out9", "ncnn"), f"{PARAM} has other outputs .*out9.*got"),
    "proto cut": (cut(PROTO), f"{PROTO}: record 17: expected a layer"),
    "proto is text": (replace(PROTO), f"{PROTO}: expected at least 5 records"),
    "proto is empty": (replace(PROTO, b""), f"{PROTO}: expected at least 5 records"),
    "other proto": (other(PROTO, TNN / "reuse_plain.tnnproto"), f"{PROTO} has other inputs"),
    "model cut": (cut(MODEL, 10**6), f"{MODEL}: byte 56: .*weight: expected 2359296 bytes, got"),
    "model is text": (replace(MODEL), f"{MODEL}: byte 4: the file: expected the magic number"),
    "model is empty": (replace(MODEL, b""), f"{MODEL}: byte 0: .*expected 4 bytes, got 0"),
    "TNN's names": (rename("folded_bias", "bias", "tnn"), f"{PROTO} has other outputs"),
}


@pytest.mark.parametrize(("prepare", "says"), STRUCTURE.values(), ids=STRUCTURE)
def test_inspect_names_the_file(phone_copy: Path, prepare: Prepare, says: str, capfd: Capture):
    prepare()
    rehash(phone_copy)
    refused("inspect phone", 3, says, capfd)


RUNS = {
    "param cut": (cut(PARAM), "ncnn", 4, "ncnn on graph 'fold': "),
    "other param": (other(PARAM, NCNN / "reuse_plain.param"), "ncnn", 4, "ncnn on graph 'fold': "),
    "unknown layer": (edit(PARAM, "Gemm", "Gemn"), "ncnn", 4, r"fold': .*layer Gemn not exists"),
    "bin cut": (cut(BIN), "ncnn", 4, "ncnn on graph 'fold': ncnn can't load phone/ncnn/fold.bin"),
    "bin is empty": (replace(BIN, b""), "ncnn", 4, "ncnn on graph 'fold': ncnn can't load"),
    "proto cut": (cut(PROTO), "tnn-interpreter", 4, "on graph 'fold': .*fold.tnnproto"),
    "model cut": (cut(MODEL), "tnn-interpreter", 4, "on graph 'fold': .*fold.tnnmodel"),
    "models swapped": (
        swap(MODEL, TNN / "keyframe.tnnmodel"), "tnn-interpreter", 4, "on graph 'keyframe': ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("prepare", "runtime", "code", "says"), RUNS.values(), ids=RUNS)
def test_parity_refuses_it(
    phone_copy: Path, prepare: Prepare, runtime: str, code: int, says: str, capfd: Capture
):
    prepare()
    rehash(phone_copy)
    refused(f"parity phone --runtimes {runtime}", code, says, capfd)


FILES = [PARAM, BIN, PROTO, MODEL, NCNN / "keyframe.fp16.bin", TNN / "fold.fp16.tnnmodel"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_the_manifest_does_not_know_is_found(phone_copy: Path, path: Path, capfd: Capture):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    replace(path, bytes(data))()
    refused("inspect phone", 3, path.name, capfd)
    refused("parity phone --runtimes ncnn", 3, path.name, capfd)


@pytest.mark.parametrize("remove", [Path.unlink, lambda p: (p.unlink(), p.mkdir())])
def test_a_missing_file_is_found(
    phone_copy: Path, remove: Callable[[Path], object], capfd: Capture
):
    remove(BIN)
    refused("inspect phone", 3, "fold.bin", capfd)


def test_a_foreign_file_is_found(phone_copy: Path):
    (NCNN / "notes.txt").write_text("mine")
    ran = run("inspect", phone_copy)
    assert ran.code == 3
    assert "notes.txt is foreign" in ran.err
