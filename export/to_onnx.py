"""A graph of ours as an ONNX model: exported, named, simplified, checked."""

import contextlib
import copy
import io
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import onnx
import torch
from torch.export import Dim, ExportedProgram

from export.errors import ConversionError, first_line
from export.graphs import Graph
from export.live_kernels import DEFAULT_COUNT
from export.manifest import TensorSpec
from export.naming import tensor_names
from export.sides import FREE, concrete_shape, per_kernel
from export.simplify import simplify, strip

DEFAULT_OPSET = 18
NOISY_LOGGERS = ("torch.onnx", "torch.fx.experimental.symbolic_shapes")


@dataclass(frozen=True)
class Traced:
    """A graph as a program of PyTorch operations, with our names for its tensors."""

    program: ExportedProgram
    names: dict[str, str]  # of the program's nodes


def to_onnx(graph: Graph, opset: int = DEFAULT_OPSET) -> onnx.ModelProto:
    """The graph as ONNX with our names on inputs, outputs and the tensors in between.

    Raises ConversionError where the exporter, onnxsim or the checker refuses it.
    """
    exported = run_exporter(graph, opset)
    model = exported.model_proto
    rename_tensors(model, tensor_names(program_of(exported)))
    model = simplify(model)
    name_nodes(model)
    name_free_sides(model, graph)
    model.graph.name = graph.name
    strip(model)
    check(model, graph)
    return model


def run_exporter(graph: Graph, opset: int) -> torch.onnx.ONNXProgram:
    with quiet_exporter():
        try:
            program = torch.onnx.export(
                graph.module.eval(),
                example_inputs(graph),
                input_names=[spec.name for spec in graph.inputs],
                output_names=[spec.name for spec in graph.outputs],
                dynamic_shapes=dynamic_shapes(graph),
                opset_version=opset,
                dynamo=True,
                verbose=False,
            )
        except torch.onnx.errors.OnnxExporterError as error:
            reason = first_line(error)
            raise ConversionError(f"torch can't export the graph {graph.name}: {reason}") from error
    assert program is not None
    return program


def trace(graph: Graph) -> Traced:
    """The program that the exporter sees, to be run in PyTorch tensor by tensor."""
    program = program_of(run_exporter(graph, DEFAULT_OPSET))
    return Traced(program, tensor_names(program))


def program_of(exported: torch.onnx.ONNXProgram) -> ExportedProgram:
    program = exported.exported_program
    assert program is not None  # there is always one behind dynamo=True
    return program


def example_inputs(graph: Graph) -> tuple[torch.Tensor, ...]:
    return tuple(
        torch.zeros(concrete_shape(spec.shape, DEFAULT_COUNT), dtype=getattr(torch, spec.dtype))
        for spec in graph.inputs
    )


def dynamic_shapes(graph: Graph) -> tuple[object, ...] | None:
    """torch's description of the free sides; None where all are fixed."""
    n = Dim(FREE, min=1, max=4096)

    def sides(spec: TensorSpec) -> dict[int, object]:
        return {
            axis: per_kernel(side) * n if per_kernel(side) > 1 else n
            for axis, side in enumerate(spec.shape)
            if isinstance(side, str)
        }

    shapes = tuple(sides(spec) for spec in graph.inputs)
    if not any(shapes):
        return None
    # A module that takes *folded sees these as one argument.
    return (shapes[0], shapes[1:]) if len(shapes) > 2 else shapes


@contextlib.contextmanager
def quiet_exporter() -> Iterator[None]:
    """Without the exporter's remarks about packages it could have used."""
    loggers = [logging.getLogger(name) for name in NOISY_LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def rename_tensors(model: onnx.ModelProto, names: dict[str, str]) -> None:
    """Renames, in place, what nodes compute; inputs, outputs and weights keep their names."""
    fixed = {value.name for value in (*model.graph.input, *model.graph.output)}
    fixed |= {weight.name for weight in model.graph.initializer}
    table = {old: new for old, new in names.items() if old not in fixed and new not in fixed}
    for node in model.graph.node:
        for values in (node.input, node.output):
            values[:] = [table.get(value, value) for value in values]
    for info in model.graph.value_info:
        info.name = table.get(info.name, info.name)


def name_nodes(model: onnx.ModelProto) -> None:
    """Names every node after its first output, for readable profiles."""
    for node in model.graph.node:
        node.name = node.output[0]


def name_free_sides(model: onnx.ModelProto, graph: Graph) -> None:
    """Names the free sides of inputs and outputs, in place. Raises ConversionError."""
    values = {value.name: value for value in (*model.graph.input, *model.graph.output)}
    for spec in (*graph.inputs, *graph.outputs):
        dims = values[spec.name].type.tensor_type.shape.dim
        if len(dims) != len(spec.shape):
            raise ConversionError(
                f"the graph {graph.name} came out with {len(dims)} axes in {spec.name}, "
                f"expected {len(spec.shape)}"
            )
        for dim, side in zip(dims, spec.shape, strict=True):
            if isinstance(side, str):
                dim.dim_param = side


def check(model: onnx.ModelProto, graph: Graph) -> None:
    """The onnx checker, and the contract: names and shapes as in the graph's specs."""
    try:
        onnx.checker.check_model(copy.deepcopy(model), full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        reason = first_line(error)
        raise ConversionError(
            f"the onnx checker refuses the graph {graph.name}: {reason}"
        ) from error
    for values, wanted in ((model.graph.input, graph.inputs), (model.graph.output, graph.outputs)):
        got = {value.name: sides_of(value) for value in values}
        expected = {spec.name: spec.shape for spec in wanted}
        if got != expected:
            raise ConversionError(
                f"the graph {graph.name} came out with {got}, expected {expected}"
            )


def sides_of(value: onnx.ValueInfoProto) -> tuple[int | str, ...]:
    return tuple(dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim)
