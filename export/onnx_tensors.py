"""Every float tensor that an ONNX graph computes, by its name. Needs no torch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from export.errors import ConversionError, first_line

Arrays = dict[str, NDArray[Any]]


def session_options() -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors alone
    return options


def onnx_session(model: str | bytes, *, optimise: bool = True) -> ort.InferenceSession:
    """ONNX Runtime on one thread. Raises ConversionError where it refuses the model."""
    options = session_options()
    if not optimise:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no base class
        what = model if isinstance(model, str) else "the model"
        raise ConversionError(f"ONNX Runtime can't load {what}: {first_line(error)}") from error


def run_onnx(session: ort.InferenceSession, feed: Mapping[str, NDArray[Any]]) -> Arrays:
    """Raises ConversionError where it fails."""
    names = [output.name for output in session.get_outputs()]
    try:
        values = session.run(names, dict(feed))
    except Exception as error:
        raise ConversionError(f"ONNX Runtime can't run the model: {first_line(error)}") from error
    return dict(zip(names, values, strict=True))


def float_tensors(model: onnx.ModelProto, feed: Mapping[str, NDArray[Any]]) -> Arrays:
    """What each node computes, in order of computation, graph outputs included.

    Without optimisations, so that no tensor is fused away. Raises ConversionError.
    """
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    known = {value.name for value in exposed.graph.output}
    names = [name for node in exposed.graph.node for name in node.output if name]
    exposed.graph.output.extend(
        onnx.ValueInfoProto(name=name) for name in names if name not in known
    )
    values = run_onnx(onnx_session(exposed.SerializeToString(), optimise=False), feed)
    return {name: values[name] for name in names if values[name].dtype == np.float32}
