"""An ONNX model made ready: static, folded, and in the spellings that TNN has a layer for."""

from collections.abc import Callable

import onnx
import onnx_ir as ir
from onnx_ir.passes.common import LiftConstantsToInitializersPass

from export.simplify import simplify
from export.to_tnn.prepare.activations import fuse_activations
from export.to_tnn.prepare.gelu import find_gelu
from export.to_tnn.prepare.graph_edit import remove_unused
from export.to_tnn.prepare.group_norm import find_group_norm
from export.to_tnn.prepare.layer_norm import find_layer_norm
from export.to_tnn.prepare.layouts import one_layout
from export.to_tnn.prepare.no_ops import remove_no_ops
from export.to_tnn.prepare.old_spellings import one_spelling
from export.to_tnn.prepare.padding import one_pad_an_axis
from export.to_tnn.prepare.products import plain_products
from export.to_tnn.prepare.shape_inference import with_shapes
from export.to_tnn.prepare.static_shapes import Shapes, with_static_inputs
from export.to_tnn.prepare.swish import find_swish

__all__ = ["PASSES", "REWRITTEN", "Shapes", "prepare", "run_passes", "static_graph"]

Pass = Callable[[ir.Graph], None]

PASSES: tuple[Pass, ...] = (
    one_spelling,  # first: the others read inputs, not attributes
    remove_no_ops,  # before patterns, which do not look through an Identity
    find_group_norm,
    find_layer_norm,
    find_gelu,
    find_swish,
    plain_products,  # gives MatMul and Add, which one_layout looks at
    one_layout,
    one_pad_an_axis,
    fuse_activations,  # last: it moves a convolution behind what follows
)

#: operators without a handler that the passes may replace
REWRITTEN = ("Sum", "Upsample", "Dropout", "Erf")


def static_graph(model: onnx.ModelProto, shapes: Shapes) -> ir.Graph:
    """The graph of a copy with folded constants and known shapes. Raises ConversionError."""
    static = with_shapes(with_static_inputs(model, shapes))
    folded = ir.from_proto(with_shapes(simplify(static)))
    LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0)(folded)
    name_nodes(folded.graph)
    return folded.graph


def prepare(graph: ir.Graph) -> None:
    """Edits in place; every shape has to be known. Raises ConversionError."""
    run_passes(graph, PASSES)


def name_nodes(graph: ir.Graph) -> None:
    """After the first output, which is unique, and the same where a bundle's graphs share it."""
    for node in graph:
        node.name = node.outputs[0].name


def run_passes(graph: ir.Graph, passes: tuple[Pass, ...]) -> None:
    """Edits in place."""
    for edit in passes:
        edit(graph)
        remove_unused(graph)
