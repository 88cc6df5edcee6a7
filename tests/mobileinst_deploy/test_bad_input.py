"""Bad input to every command but damaged bundles: one clear line, the right code, no trace."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from export.manifest import MANIFEST_NAME
from models import zoo
from models.checkpoint import save_weights
from tests.clips import clip
from tests.mobileinst_deploy.refusal import Capture, Prepare, cut, folder, refused, replace, row

MODEL = "mobileinst-topformer-t"
WEIGHTS = Path("bundle/weights.safetensors")

EXPORT = f"export {MODEL} -o out"
WITH_WEIGHTS = f"export {MODEL} --size 32x64 --frames 1 --weights {WEIGHTS}"
PARITY = "parity bundle"
BENCH = "bench bundle --warmup 0 --iterations 2"
PREVIEW = "preview bundle --video {clip} -o seen.png"


def weights(change: Callable[[dict[str, torch.Tensor]], object]) -> Prepare:
    """Replaces the bundle's weights by a changed copy."""

    def prepare() -> None:
        state = load_file(WEIGHTS)
        change(state)
        WEIGHTS.unlink()
        save_file(state, WEIGHTS)

    return prepare


def of_another_network() -> None:
    WEIGHTS.unlink()
    save_weights(zoo.build(zoo.find("mobileinst-seaformer-t")), WEIGHTS)


def pickled() -> None:
    torch.save(load_file(WEIGHTS), "pickled.pt")
    os.replace("pickled.pt", WEIGHTS)


def cut_clip() -> None:
    replace("clip.mp4", clip("bikes").read_bytes()[:5000])()


def checkpoint(name: str, says: str, prepare: Prepare) -> Any:
    """An export with weights that `prepare` has spoiled."""
    return row(f"weights, {name}", f"{WITH_WEIGHTS} -o out", 3, says, prepare)


def output(name: str, options: str, code: int, says: str, prepare: Prepare = lambda: None) -> Any:
    return row(f"output, {name}", f"{WITH_WEIGHTS} {options}", code, says, prepare)


NAMES = f"unknown model '{{}}': .*{MODEL}, .*mobileinst-seaformer-l, .*-20-queries"
NO_SIZE = "'{}' is no size: expected height x width, each from 1 to 4096"
NOT_KERNELS = "'{}' is neither a number from 1 on nor 'dynamic'"

USAGE = [
    row("unknown command", "nosuch", 2, r"No such command 'nosuch'.*mobileinst --help"),
    row("near-miss command", "exprot", 2, "No such command 'exprot'"),
    row("empty command", "''", 2, "No such command ''"),
    row("unknown option", "--nosuch", 2, "No such option.*mobileinst --help"),
    row("models, unknown option", "models --foo", 2, "No such option.*mobileinst models --help"),
    row("models, extra", "models all", 2, "unexpected extra argument .all"),
    row("doctor, unknown format", "doctor --format xml", 2, "'xml' is not one of 'table', 'json'"),
    row("export, no model", "export -o out", 2, "Missing argument 'MODEL'"),
    row("export, no output", f"export {MODEL}", 2, "Missing option '-o'"),
    row("inspect, no bundle", "inspect", 2, "Missing argument 'BUNDLE'"),
    row("parity, no bundle", "parity", 2, "Missing argument 'BUNDLE'"),
    row("bench, no bundle", "bench", 2, "Missing argument 'BUNDLE'"),
    row("preview, no video", "preview bundle -o a.png", 2, "Missing option '--video'"),
    row("not UTF-8", "inspect bundle\udcff", 2, r"bundle.udcff' is not UTF-8"),
]
EXPORTS = [
    row("model", "export nosuch -o out", 2, NAMES.format("nosuch")),
    row("near-miss model", f"export {MODEL}iny -o out", 2, NAMES.format(f"{MODEL}iny")),
    row("empty model", "export '' -o out", 2, NAMES.format("")),
    row("model with a line's end", "export 'a\nb' -o out", 2, "unknown model"),
    *(
        row(f"size {size}", f"{EXPORT} --size={size}", 2, NO_SIZE.format(size))
        for size in ("0x0", "0x32", "320", "320x", "-32x64", "99999999x32", "4128x32", "abc", "")
    ),
    row("height 321", f"{EXPORT} --size 321x640", 2, "input size 321x640 .* multiples of 32"),
    row("width 650", f"{EXPORT} --size 320x650", 2, "input size 320x650 .* multiples of 32"),
    *(
        row(f"kernels {n}", f"{EXPORT} --kernels={n}", 2, NOT_KERNELS.format(n))
        for n in ("0", "-1", "1.5", "abc", "")
    ),
    row("101 kernels", f"{EXPORT} --kernels 101", 3, "101 .* has 100 queries: give --kernels 1 to"),
    row("target", f"{EXPORT} --targets pytorch", 2, "unknown target 'pytorch': known are onnx"),
    row("second target", f"{EXPORT} --targets onnx,foo", 2, "unknown target 'foo'"),
    row("empty target", f"{EXPORT} --targets ''", 2, "unknown target ''"),
    row("opset 5", f"{EXPORT} --opset 5", 2, "5 is not in the range 18<=x<=23"),
    row("opset 99", f"{EXPORT} --opset 99", 2, "99 is not in the range"),
    row("frames 0", f"{EXPORT} --frames 0", 2, "0 is not in the range 1<=x<=16"),
    row("5 photographs", f"{EXPORT} --frames 5", 3, "5 .* there are 4 packaged.* give a --video"),
    row("seed -1", f"{EXPORT} --seed -1", 2, "'--seed': -1 is not in the range"),
    row("seed too large", f"{EXPORT} --seed {10**30}", 2, "'--seed': 10+ is not in the range"),
    row("source size alone", f"{EXPORT} --source-size 32x32", 2, "--source-size goes with --bake"),
    row("source size 0", f"{EXPORT} --bake --source-size 0x9", 2, NO_SIZE.format("0x9")),
    row("source size", f"{EXPORT} --bake --source-size 5000x9", 2, NO_SIZE.format("5000x9")),
    row("resize", f"{EXPORT} --resize crop", 2, "'crop' is not one of 'letterbox', 'stretch'"),
]
VIDEOS = [
    row("video, missing", f"{EXPORT} --video no.mp4", 3, "no.mp4: No such file"),
    row("video, folder", f"{EXPORT} --video bundle", 3, "bundle is a folder, expected a video"),
    row("video, empty", f"{EXPORT} --video a.mp4", 3, "a.mp4 is empty", replace("a.mp4", b"")),
    row("video, text", f"{EXPORT} --video a", 3, "a is not a video", replace("a", b"text" * 999)),
    row("video, cut off", f"{EXPORT} --video clip.mp4", 3, "clip.mp4 is not a video", cut_clip),
    row("video, frames 17", f"{EXPORT} --video {{clip}} --frames 17", 2, "17 is not in the range"),
    row("video, parity", f"{PARITY} --video {WEIGHTS}", 3, "safetensors is not a video"),
    row(
        "video, parity, short",
        f"{PARITY} --video {{clip}} --frames 999",
        3,
        "only 250 .* least 999",
    ),
    row("video, sequence", f"{PARITY} --video {{clip}} --sequence 250", 3, "only 250 .* least 251"),
    row("video, preview", "preview bundle --video no.mp4 -o a.png", 3, "no.mp4: No such file"),
    row("video, preview, short", f"{PREVIEW} --frame 248", 3, "only 250 frames .* at least 251"),
]
NO_CHECKPOINT = f"{WEIGHTS} is not a checkpoint of this network: it "
CHECKPOINTS = [
    checkpoint("missing", "safetensors state dict", WEIGHTS.unlink),
    checkpoint("folder", "safetensors state dict", lambda: (WEIGHTS.unlink(), WEIGHTS.mkdir())),
    checkpoint("empty", f"{WEIGHTS} is not a safetensors file", replace(WEIGHTS, b"")),
    checkpoint("cut off", "not a safetensors file, or was cut off", cut(WEIGHTS, 100_000)),
    checkpoint("text", "is not a safetensors file", replace(WEIGHTS, b"not weights\n" * 99)),
    checkpoint("pickled", "save the weights with safetensors.torch.save_file", pickled),
    checkpoint("another network's", NO_CHECKPOINT + "lacks backbone.*foreign", of_another_network),
    checkpoint(
        "one missing", NO_CHECKPOINT + "lacks heads.classify.bias$",
        weights(lambda state: state.pop("heads.classify.bias")),
    ),
    checkpoint(
        "one too many", NO_CHECKPOINT + "has the foreign head$",
        weights(lambda state: state.update(head=torch.zeros(1))),
    ),
    checkpoint(
        "shape", r"another shape in heads.classify.bias \[40\], expected \[80\]",
        weights(lambda state: state.update({"heads.classify.bias": torch.zeros(40)})),
    ),
    checkpoint(
        "NaN", NO_CHECKPOINT + "has NaN or infinity in heads.classify.bias",
        weights(lambda state: state["heads.classify.bias"].fill_(math.nan)),
    ),
]  # fmt: skip
OUTPUTS = [
    output("empty", "-o ''", 2, "is the current folder"),
    output("current folder", "-o .", 2, "is the current folder"),
    output("folder above", "-o ..", 2, "is the current folder, or above it"),
    output("file", "-o a", 2, "a exists and is not a bundle", replace("a")),
    output("file, overwrite", "-o a --overwrite", 2, "a exists and is not a bundle", replace("a")),
    output("folder", "-o a", 2, "a exists and is not a bundle", folder("a", "notes")),
    output("folder, overwrite", "-o a --overwrite", 2, "is not a bundle", folder("a", "notes")),
    output("app, overwrite", "-o a --overwrite", 2, "is not a bundle", folder("a", MANIFEST_NAME)),
    output("bundle", "-o bundle", 2, "bundle exists: give --overwrite to replace that bundle"),
    output("below a file", "-o a/b/c", 2, "a is not a folder: choose an output", replace("a")),
    output("link to nothing", "-o a", 2, "a exists and is not", lambda: Path("a").symlink_to("b")),
    output("mount point", "-o /proc", 2, "/proc is a mount point: choose a folder inside it"),
    output("read-only", "-o /proc/a", 3, "can't write /proc/a: .*choose another output"),
    output("name too long", f"-o {'a' * 300}", 3, "File name too long"),
]
OPTIONS = [
    row("runtime", f"{PARITY} --runtimes foo", 2, "unknown runtime 'foo': known are torch, onnx"),
    row("empty runtime", f"{PARITY} --runtimes ''", 2, "unknown runtime ''"),
    row("golden frames", f"{PARITY} --frames 99", 3, "99 frames .* has 2 golden ones"),
    row("tolerance", f"{PARITY} --tolerance foo", 2, "'foo' is not one of 'fp32', .*'int8'"),
    row("sequence", f"{PARITY} --sequence -1", 2, "-1 is not in the range"),
    row("core 9999", f"{BENCH} --core 9999", 5, "core 9999 was asked for, but .* may run on core"),
    row("core -1", f"{BENCH} --core -1", 2, "--core: '-1' is no core of this"),
    row("0 iterations", f"{BENCH} --iterations 0", 2, "0 is not in the range x>=2"),
    row("1 iteration", f"{BENCH} --iterations 1", 2, "1 is not in the range x>=2"),
    row("warm-up", f"{BENCH} --warmup -1", 2, "-1 is not in the range x>=0"),
    row("graph", f"{BENCH} --graphs nosuch", 2, "no graph 'nosuch'; the bundle has keyframe, "),
    row("device", f"{BENCH} --device phone", 2, "'phone' is not 'host'"),
    row("bench runtime", f"{BENCH} --runtime foo", 2, "unknown runtime 'foo': known are"),
    row("result", f"{BENCH} -o a", 2, "a is there already; give --overwrite", replace("a")),
    row("result's folder", f"{BENCH} -o no/a.json", 2, "there is no folder no"),
    row("result is a folder", f"{BENCH} -o bundle", 2, "'bundle' is a directory"),
    row("no result", f"{BENCH} -o '' --overwrite", 2, "is not a file"),
    row("result is a device", f"{BENCH} -o /dev/null --overwrite", 2, "/dev/null is not a file"),
    row("read-only result", f"{BENCH} -o /proc/a", 3, "No such file or directory: '/proc/"),
    row("picture", PREVIEW, 2, "seen.png is there already", replace("seen.png")),
    row("kind of picture", f"{PREVIEW} -o a.xyz", 2, "a.xyz has to end in .png"),
]
TABLE = [*USAGE, *EXPORTS, *VIDEOS, *CHECKPOINTS, *OUTPUTS, *OPTIONS]


@pytest.mark.parametrize(("command", "code", "says", "prepare"), TABLE)
def test_refusal(
    workplace: Path, command: str, code: int, says: str, prepare: Prepare, capfd: Capture
):
    prepare()
    refused(command, code, says, capfd)
