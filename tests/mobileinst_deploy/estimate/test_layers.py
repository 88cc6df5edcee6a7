import pytest

from mobileinst_deploy.estimate.layers import layers_of
from tests.mobileinst_deploy.estimate.graphs import graph

X = "float[1,2,4,4] x"
CASES = {
    "activations join": (
        f"g ({X}) => (float[1,2,4,4] y) {{ a = Softmax(x)  b = Relu(a)  y = Sigmoid(b) }}",
        ["Softmax+Relu+Sigmoid"],
    ),
    "not where another takes the tensor": (
        f"""g ({X}) => (float[1,2,4,4] y)
        {{ a = Softmax(x)  b = Relu(a)  c = Softmax(a)  y = Add(b, c) }}""",
        ["Softmax", "Relu+Add", "Softmax"],
    ),
    "not where the tensor is an output": (
        f"g ({X}) => (float[1,2,4,4] a, float[1,2,4,4] y) {{ a = Softmax(x)  y = Relu(a) }}",
        ["Softmax", "Relu"],
    ),
    "through a view": (
        f"""g ({X}) => (float[2,4,4] y) <int64[3] s = {{2, 4, 4}}>
        {{ a = Softmax(x)  b = Reshape(a, s)  y = Relu(b) }}""",
        ["Softmax+Relu"],
    ),
    "not into what broadcasts": (
        "g (float[1,2] x, float[3,2] z) => (float[3,2] y) { a = Softmax(x)  y = Add(a, z) }",
        ["Softmax", "Add"],
    ),
    "views are nothing": (
        f"""g ({X}) => (float[1,1,4,4] y) <int64[1] i = {{1}}>
        {{ a = Transpose<perm = [1,0,2,3]>(x)  y = Gather(a, i) }}""",
        [],
    ),
}


@pytest.mark.parametrize(("text", "types"), CASES.values(), ids=CASES)
def test_what_joins(text, types):
    assert [layer.type for layer in layers_of(graph(text))] == types


def test_what_a_layer_reads_and_writes():
    text = """g (float[1,4] x, float[1,4] z) => (float[1,6] y)
        <float[4,6] w = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5,
                         0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5},
         float[6] bias = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0}>
        { s = Mul(x, z)  p = MatMul(s, w)  y = Add(p, bias) }"""
    product, dense = layers_of(graph(text))
    assert [tensor.name for tensor in product.reads] == ["x", "z"]
    assert dense.type == "MatMul+Add"
    assert dense.name == "y"
    assert [tensor.name for tensor in dense.reads] == ["s"]
    assert [tensor.name for tensor in dense.weights] == ["w", "bias"]
    assert [tensor.name for tensor in dense.writes] == ["y"]
