"""ONNX graphs written as text, and what ONNX Runtime and the interpreter make of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from export.to_tnn.convert import Converted, convert
from export.to_tnn.format import read_net, write_net
from export.to_tnn.interpreter import Interpreter

Arrays = dict[str, NDArray[Any]]

FLOAT32 = 2e-5
"""Of the largest value: sums of a few hundred float32 products in another order.

A wrong operation differs by 1e-3 and more on these inputs, which are of the order of one.
"""


def parse(text: str, opset: int = 18, seed: int = 0, low: float = -2) -> onnx.ModelProto:
    """The model of a graph's text; inputs that don't start with x become constants, drawn here."""
    header = f'<ir_version: 10, opset_import: ["" : {opset}, "com.microsoft" : 1]> '
    model = onnx.parser.parse_model(header + text.replace("<>", ""))
    weights = [value for value in model.graph.input if not value.name.startswith("x")]
    for name, array in draw(weights, seed + 1, low).items():
        model.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
    for value in weights:
        model.graph.input.remove(value)
    return model


def draw(values: list[onnx.ValueInfoProto], seed: int, low: float = -2) -> Arrays:
    """Numbers from `low` to 2 for every declared tensor, whole ones for integers."""
    random = np.random.default_rng(seed)
    arrays: Arrays = {}
    for value in values:
        kind = value.type.tensor_type
        dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type)
        shape = [dim.dim_value for dim in kind.shape.dim]
        floats = random.uniform(low if dtype.kind == "f" else 0, 2, shape)
        arrays[value.name] = floats.astype(dtype)
    return arrays


def run_onnx(model: onnx.ModelProto, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4  # the outputs' shapes are left open in the texts
    session = ort.InferenceSession(model.SerializeToString(), options)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))


def run_tnn(converted: Converted, inputs: Mapping[str, NDArray[Any]], folder: Path) -> Arrays:
    """The outputs by the model's names, through files."""
    proto, weights = folder / "net.tnnproto", folder / "net.tnnmodel"
    write_net(converted.net, proto, weights)
    net = read_net(proto, weights)
    dtypes = {spec.name: spec.dtype for spec in net.inputs}
    blobs = {name: converted.names[name] for name in inputs}
    fed = {blobs[name]: array.astype(dtypes[blobs[name]]) for name, array in inputs.items()}
    values = Interpreter(net).run(fed)
    by_blob = {blob: name for name, blob in converted.names.items() if name not in inputs}
    return {by_blob[blob]: array for blob, array in values.items()}


def check_agrees(
    model: onnx.ModelProto,
    folder: Path,
    tolerance: float = FLOAT32,
    inputs: Arrays | None = None,
    low: float = -2,
) -> Converted:
    """Converts the model for the inputs' shapes; ONNX Runtime and the interpreter must agree."""
    fed = draw(list(model.graph.input), 0, low) if inputs is None else inputs
    converted = convert(model, {name: array.shape for name, array in fed.items()})
    wanted, got = run_onnx(model, fed), run_tnn(converted, fed, folder)
    assert set(got) == set(wanted)
    for name, array in wanted.items():
        assert got[name].shape == array.shape, name
        largest = max(float(np.abs(array).max()), 1e-6)
        assert float(np.abs(got[name] - array).max()) <= tolerance * largest, name
    return converted


def layer_types(converted: Converted) -> list[str]:
    return [layer.type for layer in converted.net.layers]
