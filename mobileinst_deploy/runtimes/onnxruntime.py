"""ONNX Runtime on one thread of the CPU."""

from collections.abc import Mapping
from typing import Any

import onnxruntime as ort
from numpy.typing import NDArray

from export.errors import first_line
from export.manifest import Artifact, Bundle
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.runtimes.base import Arrays, Runtime


def session_options() -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options


class OnnxSession:
    def __init__(self, model: str | bytes, names: Mapping[str, str]) -> None:
        try:
            self.session = ort.InferenceSession(
                model, session_options(), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's errors share no base class
            what = model if isinstance(model, str) else "the graph"
            raise RunError(f"ONNX Runtime can't load {what}: {first_line(error)}") from error
        self.ours = {theirs: ours for ours, theirs in names.items()}
        self.theirs = dict(names)
        self.outputs = [output.name for output in self.session.get_outputs()]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        feed = {self.theirs[name]: array for name, array in inputs.items()}
        try:
            values = self.session.run(self.outputs, feed)
        except Exception as error:
            raise RunError(f"ONNX Runtime failed: {first_line(error)}") from error
        return {self.ours[name]: value for name, value in zip(self.outputs, values, strict=True)}


def onnx_artifact(bundle: Bundle, graph: str) -> Artifact:
    return next(a for a in bundle.graph(graph).artifacts if a.format == "onnx")


def load(bundle: Bundle, graph: str) -> OnnxSession:
    """Raises RunError where the file can't be loaded."""
    artifact = onnx_artifact(bundle, graph)
    return OnnxSession(str(bundle.locate(artifact.files[0])), artifact.names)


ONNXRUNTIME = Runtime("onnxruntime", "onnxruntime", load)
