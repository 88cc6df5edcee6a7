"""Runs every blob of an ncnn network in a process of its own.

ncnn does not check shapes: a network that was converted wrong can write past its memory. Then this
process ends, and the conversion with one clear line. Arguments: param, bin, inputs, results; the
last two are safetensors with an array a blob.
"""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from export.errors import ConversionError
from export.ncnn_net import NcnnNet
from export.ncnn_param import copies, input_blobs, output_blobs, parse_param

TIMEOUT_S = 600


def probe(param: str, weights: bytes, feed: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What `run_every_blob` gives. Raises ConversionError where ncnn refuses, crashes or hangs."""
    with tempfile.TemporaryDirectory(prefix="ncnn-") as folder:
        paths = [Path(folder, name) for name in ("param", "bin", "inputs", "results")]
        paths[0].write_text(param)
        paths[1].write_bytes(weights)
        save_file({name: np.ascontiguousarray(a, np.float32) for name, a in feed.items()}, paths[2])
        command = [sys.executable, "-m", "export.ncnn_probe", *map(str, paths)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            raise ConversionError(f"ncnn did not finish within {TIMEOUT_S} s") from error
        if done.returncode < 0:
            raise ConversionError(
                "ncnn crashes on what pnnx made of the model: a layer got shapes it can't take"
            )
        if done.returncode or not paths[3].is_file():
            said = done.stderr.strip().splitlines() or ["no reason given"]
            raise ConversionError(said[-1].replace(f"{folder}/", ""))
        return load_file(paths[3])


def run_every_blob(
    param: Path, weights: Path, feed: Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Every blob that a layer computes, but for copies inside the network."""
    layers = parse_param(param.read_text())
    skipped = {*copies(layers), *input_blobs(layers)} - {*output_blobs(layers)}
    wanted = [blob for layer in layers for blob in layer.outputs if blob not in skipped]
    return NcnnNet(param, weights, keep=True).run(feed, wanted)


def main() -> None:
    param, weights, inputs, results = map(Path, sys.argv[1:])
    try:
        blobs = run_every_blob(param, weights, load_file(inputs))
    except ConversionError as error:
        sys.exit(str(error))
    save_file(blobs, results)


if __name__ == "__main__":
    main()
