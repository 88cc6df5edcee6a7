"""What is known about TNN's devices, by layer, where it matters which one runs.

All layers that we write run on NAIVE, X86 and ARM; other layers are not written. Notes are what
source/tnn/device/ says, and what single layers gave when they were run against ONNX Runtime.
"""

#: REGISTER_ARM_PRECISION_FP16 in source/tnn/device/arm/acc; others run in float32 in between
HALF_ON_ARM = frozenset(
    (
        *("Convolution", "InnerProduct", "MatMul", "LayerNorm", "GroupNorm", "SoftmaxCaffe"),
        *("Add", "Sub", "Mul", "Div", "Maximum", "Minimum", "Pooling", "ReLU", "ReLU6"),
        *("Sigmoid", "Swish", "Reshape", "Permute", "Concat", "SplitV", "Gather"),
        *("Squeeze", "Unsqueeze", "Expand", "Deconvolution", "BatchNormCxx", "InstBatchNormCxx"),
        "PReLU",
    )
)

NOTES = {
    "GELU": "ARM approximates it with tanh at precision AUTO",
    "GroupNorm": "X86 computes it wrongly",
    "InstBatchNormCxx": "ARM and X86 have an epsilon of 1e-5, whatever the file says",
    "ReduceProd": "X86 computes it wrongly",
    "Upsample": "X86 built with -ffast-math takes other samples at nearest",
}
