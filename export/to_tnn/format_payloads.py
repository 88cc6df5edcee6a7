"""How the weights of each type of layer lie in a `.tnnmodel`, as one table.

Source: InterpretResource in source/tnn/interpreter/tnn/layer_interpreter/*.cc of TNN.
"""

from enum import Enum, auto


class Field(Enum):
    NAME = auto()  # the layer's name, once more
    FLAG = auto()  # 1 where the array of that role follows, 0 where not
    ARRAY = auto()
    FLAGGED = auto()  # an array, where its flag says so
    OR_EMPTY = auto()  # an array, or one without bytes where there is none


Payload = tuple[tuple[Field, str], ...]  # (kind, role in Resource.arrays)

CONVOLUTION = (
    (Field.NAME, ""),
    (Field.FLAG, "bias"),
    (Field.ARRAY, "weight"),  # [out, in / group, height, width], also of Deconvolution
    (Field.FLAGGED, "bias"),  # [out]
)
ELEMENTWISE = ((Field.ARRAY, "element"),)
NORM = ((Field.ARRAY, "scale"), (Field.OR_EMPTY, "bias"))  # [channels] each

PAYLOADS: dict[str, Payload] = {
    "Convolution": CONVOLUTION,
    "Deconvolution": CONVOLUTION,
    # [out, in], [out]
    "InnerProduct": ((Field.NAME, ""), (Field.ARRAY, "weight"), (Field.OR_EMPTY, "bias")),
    "MatMul": ((Field.ARRAY, "weight"),),
    "Add": ELEMENTWISE,
    "Sub": ELEMENTWISE,
    "Mul": ELEMENTWISE,
    "Div": ELEMENTWISE,
    "Maximum": ELEMENTWISE,
    "Minimum": ELEMENTWISE,
    "BatchNormCxx": NORM,
    "InstBatchNormCxx": NORM,
    "PReLU": ((Field.NAME, ""), (Field.ARRAY, "slope")),  # [channels] or [1]
    "Gather": (
        (Field.FLAG, "data"),
        (Field.FLAGGED, "data"),
        (Field.FLAG, "indices"),
        (Field.FLAGGED, "indices"),  # int32
    ),
    "Const": ((Field.ARRAY, "value"),),
}
