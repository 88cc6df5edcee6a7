"""ONNX Runtime on one thread, on arrays by name. Needs no torch."""

from collections.abc import Mapping
from typing import Any

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
