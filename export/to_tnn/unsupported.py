"""Why an operator has no handler, for those where TNN's source says why."""

NOT_ON_ARM = "TNN has it on the host only, not on ARM"
BY_VALUE = "the shape of its result depends on values, and TNN's shapes are fixed"
CONTROL = "TNN has no control flow"
RECURRENT = "TNN's LSTM is not converted, and it has no other recurrent layer"
INTEGER = "quantised operators are not converted"

EXPORT_WITHOUT = "export the model without it, or let the host compute it"
EXPORT_FLOAT = "export the model in float32"

HOST_ONLY = (
    *("Where", "TopK", "LogSoftmax", "Einsum", "GatherND", "OneHot", "Equal", "Greater", "Less"),
    *("And", "Not", "LRN", "Range", "Shape", "Size", "ConstantOfShape", "ScatterElements"),
)
BY_VALUE_OPS = ("NonZero", "NonMaxSuppression", "Unique", "Compress")
QUANTISED = (
    *("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger"),
    *("MatMulInteger", "QLinearConv", "QLinearMatMul"),
)

#: REGISTER_ARM_ACC and REGISTER_CPU_ACC in source/tnn/device/{arm,cpu}/acc say which are where
REASONS: dict[str, tuple[str, str]] = {
    "Erf": (NOT_ON_ARM, "use it in a GELU, which is recognised in any spelling"),
    **dict.fromkeys(HOST_ONLY, (NOT_ON_ARM, EXPORT_WITHOUT)),
    **dict.fromkeys(BY_VALUE_OPS, (BY_VALUE, EXPORT_WITHOUT)),
    **dict.fromkeys(("If", "Loop", "Scan"), (CONTROL, EXPORT_WITHOUT)),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), (RECURRENT, EXPORT_WITHOUT)),
    **dict.fromkeys(QUANTISED, (INTEGER, EXPORT_FLOAT)),
}
UNKNOWN = ("there is no conversion for it", "write it with operators of docs/tnn-operators.md")


def why_unknown(domain: str, op_type: str) -> tuple[str, str]:
    """(reason, cure)."""
    if domain not in ("", "ai.onnx"):
        return f"it is of the domain {domain!r}, not of the standard", UNKNOWN[1]
    return REASONS.get(op_type, UNKNOWN)
