"""onnxsim over an exported graph, and the removal of what would differ from machine to machine."""

import onnx
import onnxsim

from export.errors import ConversionError

# Gemm on tokens needs reshapes around it, and neither ncnn nor TNN runs it well on three axes.
SKIPPED_PASSES = ["fuse_matmul_add_bias_into_gemm", "fuse_matmul_add_bias_into_gemm_batched"]


def simplify(model: onnx.ModelProto) -> onnx.ModelProto:
    """A simplified copy. Raises ConversionError where onnxsim does not vouch for it."""
    simplified: onnx.ModelProto
    simplified, ok = onnxsim.simplify(model, skipped_optimizers=SKIPPED_PASSES)
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
