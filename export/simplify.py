"""onnxsim over an exported graph, and the removal of what would differ from machine to machine."""

from collections.abc import Mapping, Sequence

import onnx
import onnxsim

from export.errors import ConversionError, first_line

# Gemm on tokens needs reshapes around it, and neither ncnn nor TNN runs it well on three axes.
SKIPPED_PASSES = ["fuse_matmul_add_bias_into_gemm", "fuse_matmul_add_bias_into_gemm_batched"]


def simplify(
    model: onnx.ModelProto, shapes: Mapping[str, Sequence[int]] | None = None
) -> onnx.ModelProto:
    """A simplified copy, whose inputs have these shapes. Raises ConversionError.

    That is where onnxsim fails, or does not vouch for what it made.
    """
    simplified: onnx.ModelProto
    wanted = {name: list(shape) for name, shape in (shapes or {}).items()}
    try:
        simplified, ok = onnxsim.simplify(
            model, overwrite_input_shapes=wanted or None, skipped_optimizers=SKIPPED_PASSES
        )
    except Exception as error:  # onnxsim's errors share no base class
        name = model.graph.name
        raise ConversionError(f"onnxsim refuses the graph {name!r}: {first_line(error)}") from error
    if not ok:
        raise ConversionError(f"onnxsim could not simplify the graph {model.graph.name!r}")
    return simplified


def strip(model: onnx.ModelProto) -> None:
    """Removes source locations and other notes of the exporter, in place."""
    model.producer_name = "mobileinst-deploy"
    model.ClearField("producer_version")
    for message in (model, model.graph, *model.graph.node, *model.graph.value_info):
        message.ClearField("doc_string")
        message.ClearField("metadata_props")
    for value in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        value.ClearField("doc_string")
        value.ClearField("metadata_props")
