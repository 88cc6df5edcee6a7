"""ncnn's float16 precision, emulated: where the CPU at hand has no float16 arithmetic.

The ONNX files run in ONNX Runtime with every tensor rounded to float16, but for the layers that the
bundle's ncnn files keep in float32 (`export.half_emulation` says what that shows and what not).
"""

from collections.abc import Mapping
from typing import Any

import onnx
from numpy.typing import NDArray

from export.artifact_sessions import Arrays
from export.half_emulation import emulate_half
from export.manifest import Bundle
from export.onnx_tensors import onnx_session, run_onnx
from mobileinst_deploy.runtimes.artifacts import run_errors
from mobileinst_deploy.runtimes.base import Runtime


class EmulatedSession:
    def __init__(self, graph: str, model: onnx.ModelProto) -> None:
        self.graph = graph
        self.session = onnx_session(model.SerializeToString(), optimise=False)

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        with run_errors(f"fp16-emulation on graph {self.graph!r}"):
            return run_onnx(self.session, inputs)


def load(bundle: Bundle, graph: str) -> EmulatedSession:
    """Raises BundleError where the bundle has no ncnn files in fp16, RunError."""
    islands = str(bundle.artifact(graph, "ncnn", "fp16").settings["islands"])
    names = frozenset(filter(None, islands.split(",")))
    path = bundle.locate(bundle.artifact(graph, "onnx").files[0])
    with run_errors(f"fp16-emulation on graph {graph!r}"):
        return EmulatedSession(graph, emulate_half(onnx.load(path), names))


HALF_EMULATION = Runtime("fp16-emulation", "onnxruntime", load, "ncnn", "fp16", measurable=False)
