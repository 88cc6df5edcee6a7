"""Conv and ConvTranspose: Convolution and Deconvolution, which have one parameter list.

    group, in_channels/group, out_channels, kh, kw, sh, sw, ph, pw, has_bias, pad_type, dh, dw,
    activation

TNN: source/tnn/interpreter/tnn/layer_interpreter/conv_layer_interpreter.cc, layer/conv_layer.cc,
layer/deconv_layer.cc.
"""

from collections.abc import Sequence

from export.to_tnn.net import Arrays
from export.to_tnn.registry import Lowered, Refusal, Tensor, handles, weights

# pad_type: explicit pads, the same on both ends of an axis; or as ONNX's SAME_UPPER
PAD_TYPES = {"NOTSET": -1, "SAME_UPPER": 0}
ACTIVATIONS = {"": 0, "Relu": 1, "Relu6": 2}

SPATIAL = "two spatial axes (4-D)"


def two_axes(x: Tensor, dilations: Sequence[int] = (1,)) -> None:
    """Raises Refusal."""
    if x.rank != 4:
        raise Refusal(f"its input has the shape {x.shape}, TNN takes 4-D", "reshape it to 4-D")
    if len(set(dilations)) > 1:
        # source/tnn/device/cpu/acc/cpu_conv_layer_acc.cc passes one on
        raise Refusal(
            f"its dilations are {list(dilations)}, and TNN's NAIVE device takes one for both axes",
            "use the same on both",
        )


def symmetric(pads: Sequence[int]) -> tuple[int, int]:
    """(top, left) of top, left, bottom, right. Raises Refusal where an axis has two values."""
    top, left, bottom, right = pads
    if (top, left) != (bottom, right):
        raise Refusal(f"its pads {list(pads)} differ from end to end", "pad in a node before it")
    return top, left


def resource(weight: Tensor, bias: Tensor | None) -> Arrays:
    arrays = {"weight": weights(weight, "weight")}
    return arrays if bias is None else arrays | {"bias": weights(bias, "bias")}


@handles(
    "Conv",
    "Convolution",
    SPATIAL,
    "constant weight and bias",
    "the same dilation on both axes",
    also=(
        "asymmetric pads, with a Pad before it unless they are SAME_UPPER",
        "a ReLU or ReLU6 that alone uses the result is computed by the same layer",
    ),
)
def conv(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] = (1, 1),
    group: int = 1,
    kernel_shape: Sequence[int] = (),
    pads: Sequence[int] = (0, 0, 0, 0),
    strides: Sequence[int] = (1, 1),
    activation: str = "",  # not of the standard: what the preparation found behind
) -> Lowered:
    two_axes(x, dilations)
    out_channels, in_channels, *kernel = w.shape
    pad = symmetric(pads)
    tail = (int(b is not None), PAD_TYPES[auto_pad], *dilations, ACTIVATIONS[activation])
    params = (group, in_channels, out_channels, *kernel, *strides, *pad, *tail)
    return Lowered("Convolution", (x,), params, resource(w, b))


@handles(
    "ConvTranspose",
    "Deconvolution",
    SPATIAL,
    "constant weight and bias",
    "symmetric pads, no output_padding",
    "the same dilation on both axes",
)
def conv_transpose(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] = (1, 1),
    group: int = 1,
    kernel_shape: Sequence[int] = (),
    output_padding: Sequence[int] = (0, 0),
    output_shape: Sequence[int] = (),
    pads: Sequence[int] = (0, 0, 0, 0),
    strides: Sequence[int] = (1, 1),
) -> Lowered:
    two_axes(x, dilations)
    if any(output_padding) or output_shape or auto_pad not in ("NOTSET", "VALID"):
        raise Refusal("TNN has no output_padding", "export it with explicit, symmetric pads")
    in_channels, out_per_group, *kernel = w.shape
    tail = (int(b is not None), PAD_TYPES["NOTSET"], *dilations, ACTIVATIONS[""])
    shape = (group, in_channels // group, out_per_group * group, *kernel)
    params = (*shape, *strides, *symmetric(pads), *tail)
    return Lowered("Deconvolution", (x,), params, resource(w, b))
