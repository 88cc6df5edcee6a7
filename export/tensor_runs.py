"""Every float32 tensor of an ONNX model on given frames, a few at a time. Needs no torch."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import onnx
from numpy.typing import NDArray

from export.errors import ConversionError, first_line
from export.onnx_tensors import onnx_session, run_onnx

CHUNK = 32  # tensors of one frame that are in memory together

Feeds = Mapping[str, NDArray[Any]]  # the inputs of one frame by name


def float_outputs(model: onnx.ModelProto) -> dict[str, onnx.NodeProto]:
    """Tensor -> the node that computes it, of all float32 tensors in use, in order.

    Raises ConversionError where the type of a tensor can't be inferred.
    """
    try:
        inferred = onnx.shape_inference.infer_shapes(model).graph
    except onnx.shape_inference.InferenceError as error:
        raise ConversionError(f"{model.graph.name}: {first_line(error)}") from error
    types = {
        value.name: value.type.tensor_type.elem_type
        for value in (*inferred.value_info, *inferred.output)
    }
    used = {name for node in model.graph.node for name in node.input}
    used |= {output.name for output in model.graph.output}
    outputs = {name: node for node in model.graph.node for name in node.output if name in used}
    if unknown := [name for name in outputs if not types.get(name)]:
        raise ConversionError(
            f"{model.graph.name}: onnx does not know the type of {unknown[0]}, which "
            f"{outputs[unknown[0]].op_type} gives; expected standard operators only"
        )
    return {n: node for n, node in outputs.items() if types[n] == onnx.TensorProto.FLOAT}


def each_tensor(
    model: onnx.ModelProto, names: Sequence[str], frames: Sequence[Feeds]
) -> Iterator[tuple[str, NDArray[Any]]]:
    """Each of those tensors on each frame, without optimisations, which would fuse some away.

    Raises ConversionError where ONNX Runtime refuses or fails.
    """
    for start in range(0, len(names), CHUNK):
        exposed = with_outputs(model, names[start : start + CHUNK])
        session = onnx_session(exposed.SerializeToString(), optimise=False)
        for feeds in frames:
            yield from run_onnx(session, feeds).items()


def with_outputs(model: onnx.ModelProto, names: Sequence[str]) -> onnx.ModelProto:
    """A copy that gives those tensors instead of its outputs."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    del result.graph.output[:]
    result.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    return result
