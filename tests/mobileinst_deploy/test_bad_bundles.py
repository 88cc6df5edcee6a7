"""Damaged and forged bundles: every command refuses them in one line, and inspect says which."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from export.manifest import MANIFEST_NAME
from tests.export.tampering import edit_manifest, rehash
from tests.mobileinst_deploy.refusal import Capture, Prepare, cut, refused, replace

BUNDLE = Path("bundle")
MANIFEST = BUNDLE / MANIFEST_NAME
FOLD = BUNDLE / "fold.onnx"
WEIGHTS = BUNDLE / "weights.safetensors"
GOLDEN = BUNDLE / "golden" / "frame-0.safetensors"

INSPECT = "inspect bundle"
READERS = {
    "inspect": INSPECT,
    "json": f"{INSPECT} --format json",
    "parity": "parity bundle",
    "bench": "bench bundle --iterations 2 -o times.json",
    "preview": "preview bundle --video {clip} -o seen.png",
}


def manifest(change: Callable[[dict[str, Any]], object]) -> Prepare:
    return lambda: edit_manifest(BUNDLE, change)


def put(*keys: str | int, value: object) -> Prepare:
    """Sets one value of the manifest."""

    def change(part: Any) -> None:
        for key in keys[:-1]:
            part = part[key]
        part[keys[-1]] = value

    return manifest(change)


def text(old: str, new: str) -> Prepare:
    return lambda: MANIFEST.write_text(MANIFEST.read_text().replace(old, new, 1))


def fold(*keys: str | int, value: object) -> Prepare:
    return put("graphs", "fold", *keys, value=value)


def fold_file(name: str) -> Prepare:
    return fold("artifacts", 0, "files", 0, "file", value=name)


def link(target: str) -> Prepare:
    return lambda: (FOLD.unlink(), FOLD.symlink_to(target))


def one_byte() -> None:
    data = bytearray(FOLD.read_bytes())
    data[-50] ^= 1
    replace(FOLD, bytes(data))()


def other_graph() -> None:
    replace(FOLD, (BUNDLE / "reuse_plain.onnx").read_bytes())()


def forged(prepare: Prepare) -> Prepare:
    """The damage, with hashes and sizes in the manifest as if the files had always been so."""
    return lambda: (prepare(), rehash(BUNDLE))


NOT_JSON = f"{MANIFEST} is not JSON: "
NO_SCHEMA = f"{MANIFEST} does not follow the schema: "
OUTSIDE = f"{MANIFEST} names a file outside the bundle: "

UNREADABLE: dict[str, tuple[Prepare, str]] = {
    "missing": (lambda: BUNDLE.rename("moved"), "bundle is not a bundle: .*No such file"),
    "a file": (lambda: (BUNDLE.rename("moved"), BUNDLE.write_text("x")), "Not a directory"),
    "an empty folder": (lambda: (BUNDLE.rename("moved"), BUNDLE.mkdir()), "mobileinst export"),
    "no manifest": (MANIFEST.unlink, "can't read manifest.json"),
    "empty manifest": (replace(MANIFEST, b""), NOT_JSON),
    "not JSON": (replace(MANIFEST, b"graphs: all\n"), NOT_JSON),
    "binary": (replace(MANIFEST, bytes(range(256))), NOT_JSON),
    "NaN": (text("123.675", "NaN"), NOT_JSON),
    "infinity": (text("123.675", "1e999"), NOT_JSON),
    "huge nesting": (replace(MANIFEST, b"[" * 100_000), NOT_JSON + "maximum recursion depth"),
    "a list": (replace(MANIFEST, b"[1]"), "schema version None, expected 2; export again"),
    "schema 1": (put("schema_version", value=1), "schema version 1, expected 2; export again"),
    "schema true": (put("schema_version", value=True), "schema version True, expected 2"),
    "no field": (manifest(lambda m: m.pop("kernels")), NO_SCHEMA + ".*field `kernels`"),
    "type": (put("graphs", value=[]), NO_SCHEMA + "Expected `object`, got `array` .*graphs"),
    "format": (fold("artifacts", 0, "format", value="mnn"), NO_SCHEMA + "Invalid enum value 'mnn'"),
    "no artifact": (fold("artifacts", value=[]), NO_SCHEMA + ".*length >= 1.*artifacts"),
    "no file": (fold("artifacts", 0, "files", value=[]), NO_SCHEMA + ".*length >= 1.*files"),
    "no golden frame": (put("golden", value=[]), NO_SCHEMA + ".*length >= 1.*golden"),
    "no sha256": (fold("artifacts", 0, "files", 0, "sha256", value="no"), NO_SCHEMA + ".*sha256"),
    "shape": (fold("outputs", 0, "shape", value=[-1]), NO_SCHEMA + ".*shape"),
    "free side": (fold("outputs", 0, "shape", value=["x"]), NO_SCHEMA + ".*shape"),
    "kernels": (put("kernels", "count", value=-3), NO_SCHEMA + ".*kernels.count"),
    "graph's name": (manifest(lambda m: m["graphs"].update({"[/a]": {}})), NO_SCHEMA + ".*regex"),
    "tensor's name": (fold("artifacts", 0, "names", value={}), "fold.onnx has no name for .kern"),
    "input size": (put("preprocessing", "height", value=64), "image .*96, 160.* makes .*64, 160"),
    "no size": (put("preprocessing", "height", value=-1), "a std above 0, got -1x160"),
    "no std": (put("preprocessing", "std", 1, value=0.0), "a std above 0, got 96x160"),
    "folder above": (fold_file("../fold.onnx"), OUTSIDE + "'../fold.onnx'"),
    "absolute": (fold_file("/etc/passwd"), OUTSIDE + "'/etc/passwd'"),
    "backslash": (fold_file(r"..\fold.onnx"), OUTSIDE),
    "no name": (fold_file(""), OUTSIDE + "''"),
    "link out": (link("/etc/passwd"), f"{FOLD} is a link that leads out of the bundle"),
    "link to itself": (link("fold.onnx"), "names a file that can't be: Symlink loop"),
}  # fmt: skip
DAMAGED: dict[str, tuple[Prepare, str]] = {
    "graph missing": (FOLD.unlink, f"{FOLD} is missing"),
    "graph a folder": (lambda: (FOLD.unlink(), FOLD.mkdir()), f"{FOLD} is missing"),
    "long name": (fold_file("a" * 300), "a can't be read: File name too long"),
    "link to nothing": (link("nothing"), f"{FOLD} is missing"),
    "graph cut off": (cut(FOLD), f"{FOLD} was changed or cut off: expected [0-9]+ bytes, got 1000"),
    "graph empty": (replace(FOLD, b""), f"{FOLD} was changed or cut off"),
    "graph text": (replace(FOLD), f"{FOLD} was changed or cut off"),
    "one byte": (one_byte, f"{FOLD} was changed: expected sha256 "),
    "another graph": (other_graph, f"{FOLD} was changed"),
    "weights missing": (WEIGHTS.unlink, f"{WEIGHTS} is missing"),
    "weights changed": (replace(WEIGHTS), f"{WEIGHTS} was changed"),
    "golden missing": (GOLDEN.unlink, f"{GOLDEN} is missing"),
    "golden cut off": (cut(GOLDEN), f"{GOLDEN} was changed or cut off"),
}
FORGED: dict[str, tuple[Prepare, str, int, str]] = {  # what inspect says, then parity's code
    "foreign file": (replace(BUNDLE / "notes"), "notes is foreign: the manifest does not", 0, ""),
    "state edge": (put("state", 0, "source", value="a.b"), "a.b → .* names no tensor", 0, ""),
    "graph cut off": (forged(cut(FOLD)), "fold.onnx is not a valid ONNX model", 4, "can't load"),
    "graph empty": (forged(replace(FOLD, b"")), "is not a valid ONNX", 4, "can't load"),
    "graph text": (forged(replace(FOLD)), "is not a valid ONNX", 4, "ONNX Runtime can't load"),
    "another graph": (forged(other_graph), "has other inputs than", 4, "can't run the model"),
    "golden": (forged(cut(GOLDEN)), "can't read the golden file", 3, "can't read the golden file"),
}
CONFIGS: dict[str, tuple[Prepare, str]] = {
    "backbone": (put("model", "config", "backbone", value="vit"), "unknown backbone 'vit': .*tiny"),
    "queries": (put("model", "config", "num_queries", value=20), "it has another shape in"),
    "stage": (put("model", "config", "stages", value=["all"]), "can't be rebuilt"),
    "type": (put("model", "config", "dim", value="wide"), "Expected `int`, got `str`"),
    "empty": (put("model", "config", value={}), "is not a checkpoint of this network"),
    "too many": (put("model", "config", "num_queries", value=10**9), "num_queries is 1000000000"),
    "width": (put("model", "config", "dim", value=7), "dim is 7, expected a multiple of 4 x 8"),
    "no heads": (put("model", "config", "num_heads", value=0), "num_heads is 0, expected 1 to"),
    "no window": (put("model", "config", "pool_size", value=0), "pool_size is 0, expected 1 to"),
    "pooling": (put("model", "config", "pool", value="min"), "Invalid enum value 'min'"),
}


@pytest.mark.parametrize("command", READERS.values(), ids=READERS)
@pytest.mark.parametrize(("damage", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(workplace: Path, damage: Prepare, says: str, command: str, capfd: Capture):
    damage()
    ran = refused(command, 3, says, capfd)
    if "json" in command and "inspect" in command:
        assert json.loads(ran.out)["ok"] is False


@pytest.mark.parametrize(("damage", "says"), DAMAGED.values(), ids=DAMAGED)
def test_damaged(workplace: Path, damage: Prepare, says: str, capfd: Capture):
    damage()
    for name in ("inspect", "parity", "bench"):
        refused(READERS[name], 3, says, capfd)


@pytest.mark.parametrize(("damage", "says", "code", "reason"), FORGED.values(), ids=FORGED)
def test_forged(workplace, damage: Prepare, says: str, code: int, reason: str, capfd: Capture):
    damage()
    report = json.loads(refused(f"{INSPECT} --format json", 3, says, capfd).out)
    assert report["ok"] is False
    assert report["problems"]
    if code:
        refused(READERS["parity"], code, reason, capfd)


@pytest.mark.parametrize(("damage", "says"), CONFIGS.values(), ids=CONFIGS)
def test_another_network(workplace: Path, damage: Prepare, says: str, capfd: Capture):
    damage()
    refused(READERS["parity"], 3, f"can't be rebuilt: .*{says}|{says}", capfd)


def test_unverified_files_fail_in_one_line(workplace: Path, capfd: Capture):
    cut(FOLD)()
    refused("parity bundle --skip-verify", 4, f"ONNX Runtime can't load {FOLD}", capfd)
