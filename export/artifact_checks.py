"""Whether an artifact's files are what their format and the manifest say, without running them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import onnx

from export.errors import ExportError, first_line
from export.manifest import Artifact, Format, GraphSpec
from export.ncnn_param import input_blobs, output_blobs, parse_param
from export.sides import per_kernel

ONNX_TYPES: dict[int, str] = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.UINT8: "uint8"}


def artifact_problems(paths: Sequence[Path], graph: GraphSpec, artifact: Artifact) -> Iterator[str]:
    """One line for everything that is wrong with the files."""
    yield from CHECKS[artifact.format](paths, graph, artifact)


def onnx_problems(paths: Sequence[Path], graph: GraphSpec, artifact: Artifact) -> Iterator[str]:
    try:
        model = onnx.load(paths[0])
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf's and onnx' errors share no base class
        yield f"{paths[0]} is not a valid ONNX model: {first_line(error)}"
        return
    for kind, values, specs in (
        ("inputs", model.graph.input, graph.inputs),
        ("outputs", model.graph.output, graph.outputs),
    ):
        got = {value.name: describe(value) for value in values}
        wanted = {artifact.names[s.name]: (s.dtype, s.shape) for s in specs}
        if got != wanted:
            yield f"{paths[0]} has other {kind} than the manifest: expected {wanted}, got {got}"


def describe(value: onnx.ValueInfoProto) -> tuple[str, tuple[int | str, ...]]:
    tensor = value.type.tensor_type
    shape = tuple(dim.dim_param or dim.dim_value for dim in tensor.shape.dim)
    return ONNX_TYPES.get(tensor.elem_type, str(tensor.elem_type)), shape


def ncnn_problems(paths: Sequence[Path], graph: GraphSpec, artifact: Artifact) -> Iterator[str]:
    """ncnn's text says neither shapes nor types."""
    try:
        layers = parse_param(paths[0].read_text())
    except UnicodeDecodeError:
        yield f"{paths[0]}: not an ncnn param file: expected text"
        return
    except ExportError as error:
        yield f"{paths[0]}: {error}"
        return
    for kind, got, specs in (
        ("inputs", input_blobs(layers), graph.inputs),
        ("outputs", output_blobs(layers), graph.outputs),
    ):
        wanted = [artifact.names[spec.name] for spec in specs]
        if sorted(got) != sorted(wanted):
            yield f"{paths[0]} has other {kind} than the manifest: expected {wanted}, got {got}"


def tnn_problems(paths: Sequence[Path], graph: GraphSpec, artifact: Artifact) -> Iterator[str]:
    from export.to_tnn.format import read_net

    try:
        net = read_net(paths[0], paths[1])
    except ExportError as error:
        yield str(error)
        return
    got = {given.name: given.shape for given in net.inputs}
    wanted = {artifact.names[spec.name]: spec.shape for spec in graph.inputs}
    if {*got} != {*wanted} or not all(fits(got[name], wanted[name]) for name in wanted):
        yield f"{paths[0]} has other inputs than the manifest: expected {wanted}, got {got}"
    outputs = [artifact.names[spec.name] for spec in graph.outputs]
    if sorted(net.outputs) != sorted(outputs):
        yield (
            f"{paths[0]} has other outputs than the manifest: expected {outputs}, "
            f"got {[*net.outputs]}"
        )


def fits(shape: Sequence[int], sides: Sequence[int | str]) -> bool:
    """A free side has to be a multiple of what it has for each kernel."""
    return len(shape) == len(sides) and all(
        got % per_kernel(side) == 0 if isinstance(side, str) else got == side
        for got, side in zip(shape, sides, strict=True)
    )


Check = Callable[[Sequence[Path], GraphSpec, Artifact], Iterator[str]]
CHECKS: dict[Format, Check] = {"onnx": onnx_problems, "ncnn": ncnn_problems, "tnn": tnn_problems}
