"""An ONNX model as an ncnn network, by pnnx, with our tensor names on its blobs.

pnnx numbers its blobs. Which blob is which tensor is found by running both: a blob gets the name of
the ONNX tensor that holds the same numbers. The files then say what they compute, and parity can
name the first tensor that differs.
"""

import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from export.errors import ConversionError
from export.free_sides import sides
from export.ncnn_param import (
    LONGEST_NAME,
    NcnnLayer,
    format_param,
    input_blobs,
    output_blobs,
    parse_param,
    rename_blobs,
)
from export.ncnn_probe import probe
from export.pooled_means import pool_means
from export.tensor_runs import each_tensor, float_outputs

Arrays = Mapping[str, NDArray[Any]]

TIMEOUT_S = 600
PNNX_NAME = re.compile(r"((in|out)?\d+)|.*_splitncnn_\d+")  # a name that pnnx gives itself
COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # in what ONNX Runtime logs inside pnnx
SAME = 1e-3  # of a tensor's largest value: the numbers of two runtimes, or of two tensors


@dataclass(frozen=True)
class NcnnFiles:
    """What pnnx made, with our names in the text."""

    param: str
    weights: bytes  # float32
    half_weights: bytes | None  # the same layers, stored as float16 where ncnn allows
    names: dict[str, str]  # ONNX input or output -> blob


def to_ncnn(model: onnx.ModelProto, feed: Arrays, *, half: bool = False) -> NcnnFiles:
    """Converts, and names the blobs by running model and network on `feed` (inputs by name).

    With `half` the weights as float16 too. Raises ConversionError where pnnx or ncnn refuses the
    model, or where they do not compute what ONNX Runtime computes.
    """
    model = pool_means(float_inputs(model))
    raw, weights = run_pnnx(model)
    half_weights = half_of(model, raw) if half else None
    layers = parse_param(raw)
    inputs = dict(
        zip((value.name for value in model.graph.input), input_blobs(layers), strict=True)
    )
    blobs = probe(raw, weights, {inputs[n]: without_batch(feed[n]) for n in inputs})
    frame = {name: feed[name].astype(np.float32) for name in inputs}
    tensors = dict(each_tensor(model, [*float_outputs(model)], [frame]))
    outputs = match_outputs(model, layers, blobs, tensors)
    named = match_tensors(layers, blobs, tensors, {*inputs.values(), *outputs.values()})
    return NcnnFiles(
        format_param(rename_blobs(layers, named)), weights, half_weights, {**inputs, **outputs}
    )


def float_inputs(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy without the inputs that nothing uses.

    Raises ConversionError for one that is not float32 or has a batch of several.
    """
    result = onnx.ModelProto()
    result.CopyFrom(model)
    used = {name for node in model.graph.node for name in node.input}
    kept = [value for value in model.graph.input if value.name in used]
    for value in kept:
        batch = sides(value)[0].dim_value if len(sides(value)) > 1 else 1
        if batch > 1:
            raise ConversionError(
                f"ncnn has no batch axis, but the input {value.name!r} has {batch} of it: give it "
                "a shape that starts with 1"
            )
        kind = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
        if kind != np.float32:
            raise ConversionError(
                f"ncnn takes float32 alone, but the input {value.name!r} is {kind}: export it "
                "without --bake, and let ncnn::Mat::from_pixels_resize and "
                "substract_mean_normalize make the image"
            )
    del result.graph.input[:]
    result.graph.input.extend(kept)
    return result


def half_of(model: onnx.ModelProto, param: str) -> bytes:
    """The weights as float16, for the same layers."""
    half_param, half_weights = run_pnnx(model, half=True)
    if half_param != param:
        raise ConversionError("pnnx made other layers for float16 weights than for float32")
    return half_weights


def run_pnnx(model: onnx.ModelProto, *, half: bool = False) -> tuple[str, bytes]:
    """The `.param` and the `.bin` that pnnx makes. Raises ConversionError."""
    with tempfile.TemporaryDirectory(prefix="pnnx-") as folder:
        path = Path(folder, "model.onnx")
        path.write_bytes(model.SerializeToString(deterministic=True))
        command = [str(find_pnnx()), path.name, f"fp16={int(half)}"]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConversionError(f"pnnx did not finish: {error}") from error
        param, weights = Path(folder, "model.ncnn.param"), Path(folder, "model.ncnn.bin")
        if done.returncode or not param.is_file() or not weights.is_file():
            raise ConversionError(f"pnnx can't convert the model: {reason(done)}")
        return param.read_text(), weights.read_bytes()


def find_pnnx() -> Path:
    """The program inside pnnx' package, whose import would take torch and seconds."""
    found = find_spec("pnnx")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("No module named 'pnnx'", name="pnnx")
    return Path(found.origin).with_name("pnnx")


def reason(done: subprocess.CompletedProcess[str]) -> str:
    """The last line that says what failed, and how it ended."""
    lines = [COLOUR.sub("", line) for line in (done.stderr + done.stdout).splitlines()]
    telling = [line for line in lines if "failed" in line.lower() or "error" in line.lower()]
    how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
    said = shorten((telling or ["no reason given"])[-1], 250, placeholder="...")
    return f"{said} ({how})"


def without_batch(array: NDArray[Any]) -> NDArray[Any]:
    """[1, ...] -> [...]: ncnn has no batch axis."""
    return array[0] if array.ndim > 1 and array.shape[0] == 1 else array


def match_outputs(
    model: onnx.ModelProto, layers: tuple[NcnnLayer, ...], blobs: Arrays, tensors: Arrays
) -> dict[str, str]:
    """Each output of the model and the blob that is closest to it; whoever runs them judges.

    Raises ConversionError where no blob that is left has its size.
    """
    left = output_blobs(layers)
    found = {}
    for output in model.graph.output:
        wanted = tensors.get(output.name)
        fitting = [b for b in left if wanted is not None and blobs[b].size == wanted.size]
        if wanted is None or not fitting:
            raise ConversionError(f"ncnn has no output of the size of {output.name!r}")
        found[output.name] = min(fitting, key=lambda b: distance(blobs[b], wanted))
        left.remove(found[output.name])
    return found


def distance(blob: NDArray[Any], tensor: NDArray[Any]) -> float:
    """Largest difference; infinite where one is not a number."""
    largest = float(np.abs(blob.reshape(-1) - tensor.reshape(-1)).max(initial=0))
    return largest if np.isfinite(largest) else float("inf")


def match_tensors(
    layers: tuple[NcnnLayer, ...], blobs: Arrays, tensors: Arrays, fixed: set[str]
) -> dict[str, str]:
    """Blob -> the first tensor, in order of computation, that holds its numbers and is not taken.

    Blobs that have no counterpart, or one that ncnn can't spell, keep their number.
    """
    left = {
        name: array
        for name, array in tensors.items()
        if len(name) <= LONGEST_NAME and not PNNX_NAME.fullmatch(name) and name.split() == [name]
    }
    named = {}
    for layer in layers:
        for blob in layer.outputs:
            if blob in fixed or blob not in blobs:
                continue
            name = next((n for n, array in left.items() if same(blobs[blob], array)), None)
            if name is not None:
                named[blob] = name
                del left[name]
    return named


def same(blob: NDArray[Any], tensor: NDArray[Any]) -> bool:
    """Whether they hold the same numbers in the same order; their axes may differ."""
    if blob.size != tensor.size:
        return False
    a, b = blob.reshape(-1), tensor.reshape(-1)
    limit = SAME * max(float(np.abs(b).max(initial=0)), 1e-30)
    # A few numbers tell most pairs apart at no cost.
    probe = slice(None, None, max(1, b.size // 64))
    return bool(np.abs(a[probe] - b[probe]).max(initial=0) <= limit) and bool(
        np.abs(a - b).max(initial=0) <= limit
    )
