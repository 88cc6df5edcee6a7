"""A result beside its bound: synthetic times of a graph whose bound is known by hand."""

from dataclasses import replace

import msgspec
import pytest

from android_bench.measurement.layers import LayerSamples, profile_graph
from mobileinst_deploy.estimate.measured import compare_measured
from tests.android_bench.synthetic import TEMPLATE
from tests.mobileinst_deploy.estimate.graphs import bound
from tests.mobileinst_deploy.estimate.machines import ROUND, machine

TEXT = """keyframe (float[1024] x) => (float[1024] y)
    { a = Softmax(x)  b = Relu(a)  c = Softmax(b)  y = Sigmoid(c) }"""
BOUNDS = {
    precision: {"keyframe": bound(TEXT, precision=precision)} for precision in ("fp32", "fp16")
}
ON_ROUND = replace(
    TEMPLATE,
    graphs={"keyframe": replace(TEMPLATE.graphs["keyframe"], median_ms=0.01)},
    profile={
        "keyframe": profile_graph(
            [
                LayerSamples(0, "Softmax", "a", (0.002, 0.002)),
                LayerSamples(1, "ReLU", "b", (0.001, 0.001)),
                LayerSamples(2, "Split", "splitncnn_0", (0.004, 0.004)),
                LayerSamples(3, "Softmax", "c", (0.003, 0.003)),
            ],
            (0.01, 0.01),
        )
    },
)


def compared(result=ON_ROUND, manifest_sha256=TEMPLATE.manifest_sha256, profile=ROUND):
    return compare_measured(result, BOUNDS, profile, machine(), manifest_sha256)


def test_shares_of_the_peak():
    (graph,) = compared().graphs
    bound_ms = BOUNDS["fp32"]["keyframe"].bound_ms
    assert graph.share == pytest.approx(bound_ms / 0.01)
    softmax, sigmoid = graph.layers
    assert (softmax.name, softmax.type) == ("b", "Softmax+Relu")
    assert softmax.measured_ms == pytest.approx(0.003)
    assert softmax.share == pytest.approx(softmax.bound_ms / 0.003)
    assert (sigmoid.name, sigmoid.measured_ms) == ("y", pytest.approx(0.003))
    assert graph.unassigned_ms == pytest.approx(0.004)


@pytest.mark.parametrize(
    ("precision", "bounded_as"),
    [("fp32", "fp32"), ("fp16-storage", "fp32"), ("fp16", "fp16")],
)
def test_a_graph_has_the_bound_of_its_precision(precision, bounded_as):
    timing = replace(ON_ROUND.graphs["keyframe"], precision=precision)
    further = {"keyframe": ON_ROUND.graphs["keyframe"], "ncnn/keyframe": timing}
    _, graph = compared(replace(ON_ROUND, graphs=further)).graphs
    assert graph.name == "ncnn/keyframe"
    assert graph.bound_ms == BOUNDS[bounded_as]["keyframe"].bound_ms


def doubts(**changes: object) -> str:
    options = {
        name: changes.pop(name) for name in ("manifest_sha256", "profile") if name in changes
    }
    return "; ".join(compared(replace(ON_ROUND, **changes), **options).doubts)


def test_doubts():
    assert "measured on this machine, which is no Round numbers" in doubts()
    assert "another bundle" in doubts(manifest_sha256="1" * 64)
    assert "in an emulator" in doubts(emulated=True)
    on_little = replace(ON_ROUND.conditions, cluster="little")
    assert "on a little core, the bound is a prime one's" in doubts(conditions=on_little)
    timing = ON_ROUND.graphs["keyframe"]
    assert "no bound for int8" in doubts(graphs={"keyframe": replace(timing, precision="int8")})
    quick = {"keyframe": replace(timing, median_ms=1e-6)}
    assert "faster than the bound: keyframe" in doubts(graphs=quick)


def test_what_the_bundle_lacks_is_left_out():
    other = {"literal": ON_ROUND.graphs["keyframe"]}
    assert compared(replace(ON_ROUND, graphs=other)).graphs == ()
    assert msgspec.json.encode(compared())
