"""A graph's TNN files in the user's TNN, a process for every run."""

import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.artifact_sessions import Node, our_names, our_nodes
from export.errors import ConversionError
from export.manifest import Artifact, GraphSpec
from export.to_tnn.format import encode_proto, read_net
from export.to_tnn.net import TnnNet
from mobileinst_deploy.runtimes.base import Arrays
from mobileinst_deploy.runtimes.tnn.cut import cut_net
from mobileinst_deploy.runtimes.tnn.library import TnnLibrary

LOADER_SAYS = "tnn-loader: "
PROTO = "cut.tnnproto"


class TnnSession:
    """An `ArtifactSession`: raises ConversionError where TNN refuses."""

    def __init__(
        self,
        tnn: TnnLibrary,
        loader: Path,
        paths: Sequence[Path],
        spec: GraphSpec,
        artifact: Artifact,
    ) -> None:
        self.tnn = tnn
        self.loader = loader
        self.proto, self.model = (path.resolve() for path in paths)
        self.theirs = artifact.names
        self.outputs = [output.name for output in spec.outputs]
        self.net = replace(read_net(self.proto, self.model), resources=(), constants={})

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        return self.run_net(self.net, inputs, self.outputs)

    def nodes(self) -> list[Node]:
        return our_nodes(self.net.layers, our_names(self.theirs))

    def run_to(self, inputs: Mapping[str, NDArray[Any]], tensors: Sequence[str]) -> Arrays:
        cut = cut_net(self.net, [self.theirs.get(name, name) for name in tensors])
        return self.run_net(cut, inputs, tensors)

    def run_net(
        self, net: TnnNet, inputs: Mapping[str, NDArray[Any]], tensors: Sequence[str]
    ) -> Arrays:
        """The network's file, or a file made for it where it is a cut."""
        blobs = [self.theirs.get(name, name) for name in tensors]
        with tempfile.TemporaryDirectory(prefix="mobileinst-tnn-") as name:
            folder = Path(name)
            proto = self.proto
            if net is not self.net:
                proto = folder / PROTO
                proto.write_text(encode_proto(net))
            self.write_job(folder, proto, net, blobs)
            self.write_inputs(folder, net, inputs)
            self.call_loader(folder)
            return dict(zip(tensors, read_outputs(folder, blobs), strict=True))

    def write_job(self, folder: Path, proto: Path, net: TnnNet, blobs: Sequence[str]) -> None:
        lines = (
            *(f"proto {proto}", f"model {self.model}"),
            *(f"device {self.tnn.device}", f"precision {self.tnn.precision}"),
            *(f"input {given.name}" for given in net.inputs),
            *(f"output {blob}" for blob in blobs),
        )
        (folder / "job.txt").write_text("".join(f"{line}\n" for line in lines))

    def write_inputs(self, folder: Path, net: TnnNet, inputs: Mapping[str, NDArray[Any]]) -> None:
        given = {self.theirs[name]: array for name, array in inputs.items()}
        for index, blob in enumerate(net.inputs):
            array = given[blob.name]
            if array.shape != blob.shape:
                raise ConversionError(
                    f"input {blob.name!r} has the shape {array.shape}, expected {blob.shape}"
                )
            dtype = np.dtype(blob.dtype).newbyteorder("<")
            (folder / f"input{index}.bin").write_bytes(array.astype(dtype).tobytes())

    def call_loader(self, folder: Path) -> None:
        timeout = self.tnn.timeout_s
        try:
            ran = subprocess.run(
                [*self.tnn.launcher, str(self.loader), str(folder)], stdin=subprocess.DEVNULL,
                capture_output=True, text=True, errors="replace", timeout=timeout,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ConversionError(
                f"TNN took longer than {timeout:g} s; TNN_TIMEOUT_S gives it more"
            ) from error
        except OSError as error:
            raise ConversionError(f"can't start {self.loader}: {error.strerror}") from error
        if ran.returncode:
            raise ConversionError(why_it_failed(ran.returncode, ran.stderr))


def why_it_failed(code: int, said: str) -> str:
    """The loader's line; where it did not come to it, the signal, and TNN's last words.

    TNN does not end all of its own lines, so that the loader's may stand behind one.
    """
    _, loader, own = said.rpartition(LOADER_SAYS)
    if loader:
        return own.strip()
    known = code < 0 and -code in {*signal.Signals}
    end = f"died of {signal.Signals(-code).name}" if known else f"ended with exit code {code}"
    last = said.strip().splitlines()[-1:]
    return f"TNN {end}" + (f" after {last[0]!r}" if last else "")


def read_outputs(folder: Path, blobs: Sequence[str]) -> list[NDArray[np.float32]]:
    """Raises ConversionError where a file is not of its shape's size."""
    shapes = (folder / "shapes.txt").read_text().splitlines()
    arrays = []
    for index, (blob, shape) in enumerate(zip(blobs, shapes, strict=True)):
        values = np.fromfile(folder / f"output{index}.bin", "<f4")
        try:
            arrays.append(values.reshape([int(side) for side in shape.split()]))
        except ValueError as error:
            raise ConversionError(
                f"output {blob!r} has {values.size} values, which are no [{shape}]"
            ) from error
    return arrays
