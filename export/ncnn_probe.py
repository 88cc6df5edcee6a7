"""Runs every blob of an ncnn network in a process of its own.

ncnn does not check shapes: a network that was converted wrong can write past its memory. Then this
process ends, and the conversion with one clear line. Arguments: param, bin, inputs, results; the
last two are .npz with an array a blob.
"""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.errors import ConversionError
from export.ncnn_net import NcnnNet
from export.ncnn_param import copies, input_blobs, output_blobs, parse_param

TIMEOUT_S = 600


def probe(param: str, weights: bytes, feed: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What `run_every_blob` gives. Raises ConversionError where ncnn refuses, crashes or hangs."""
    with tempfile.TemporaryDirectory(prefix="ncnn-") as folder:
        paths = [Path(folder, name) for name in ("param", "bin", "inputs.npz", "results.npz")]
        paths[0].write_text(param)
        paths[1].write_bytes(weights)
        np.savez(paths[2], **feed)
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
            raise ConversionError(said[-1])
        with np.load(paths[3]) as results:
            return dict(results)


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
        with np.load(inputs) as feed:
            blobs = run_every_blob(param, weights, dict(feed))
    except ConversionError as error:
        sys.exit(str(error))
    np.savez(results, **blobs)


if __name__ == "__main__":
    main()
