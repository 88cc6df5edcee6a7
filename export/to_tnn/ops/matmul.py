"""MatMul and Gemm.

A network on tokens is MatMul and Add, never InnerProduct, which TNN computes rightly for axis 1
alone (everything behind axis 0 is one row to it).
TNN: source/tnn/layer/mat_mul_layer.cc, layer/inner_product_layer.cc.
"""

import numpy as np

from export.to_tnn.registry import Lowered, Refusal, Tensor, handles, weights


@handles(
    "MatMul",
    "MatMul",
    also=("batches that broadcast otherwise, expanded before it", "vectors, as matrices"),
)
def matmul(a: Tensor, b: Tensor) -> Lowered:
    """weight_position: 0 for a constant on the left, 1 on the right, -1 for none."""
    if b.value is not None:
        return Lowered("MatMul", (a,), (1,), {"weight": weights(b, "operand")})
    if a.value is not None:
        return Lowered("MatMul", (b,), (0,), {"weight": weights(a, "operand")})
    return Lowered("MatMul", (a, b), (-1,))


@handles("Gemm", "InnerProduct", also=("transA=1 or computed B or C, as MatMul, Mul and Add",))
def gemm(
    a: Tensor,
    b: Tensor,
    c: Tensor | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    transA: int = 0,
    transB: int = 0,
) -> Lowered:
    """num_output, has_bias, transpose, axis."""
    if transA:
        raise Refusal("transA=1", "transpose in a node before it")
    rows = weights(b, "B") if transB else weights(b, "B").T
    arrays = {"weight": np.ascontiguousarray(alpha * rows, np.float32)}
    if c is not None:
        bias = np.broadcast_to(beta * weights(c, "C"), (1, len(rows))).reshape(-1)
        arrays["bias"] = np.ascontiguousarray(bias, np.float32)
    return Lowered("InnerProduct", (a,), (len(rows), int(c is not None), 0, 1), arrays)
