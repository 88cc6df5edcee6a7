"""The profile of a graph: what each of its layers takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from android_bench.errors import BenchError
from android_bench.measurement import statistics


@dataclass(frozen=True)
class LayerTiming:
    index: int  # in the order of the file
    type: str
    name: str
    samples_ms: tuple[float, ...]
    median_ms: float
    share: float  # of the sum of all layers' medians, 0..1


@dataclass(frozen=True)
class GraphProfile:
    """The layers of one graph, timed one by one, which takes longer than running them at once."""

    layers: tuple[LayerTiming, ...]
    sum_ms: float  # the median, over the iterations, of all layers together
    whole_ms: float  # the median of runs of the whole graph in between
    overhead: float  # of looking: sum_ms over whole_ms, minus 1


@dataclass(frozen=True)
class LayerSamples:
    index: int
    type: str
    name: str
    samples_ms: tuple[float, ...]


def profile_graph(layers: Sequence[LayerSamples], whole_ms: Sequence[float]) -> GraphProfile:
    """`whole_ms`: of runs of the whole graph, one beside each run in layers.

    Raises BenchError where there are no layers, or one has another number of samples.
    """
    if odd := [layer for layer in layers if len(layer.samples_ms) != len(whole_ms)]:
        raise BenchError(
            f"layer {odd[0].name!r} has {len(odd[0].samples_ms)} samples, expected {len(whole_ms)}"
        )
    if not layers:
        raise BenchError("the profile has no layers; build the runner again")
    medians = [statistics.median(layer.samples_ms) for layer in layers]
    in_all = sum(medians)
    sum_ms = statistics.median(np.sum([layer.samples_ms for layer in layers], axis=0))
    whole = statistics.median(whole_ms)
    return GraphProfile(
        tuple(
            LayerTiming(**vars(layer), median_ms=own, share=own / in_all if in_all else 0.0)
            for layer, own in zip(layers, medians, strict=True)
        ),
        sum_ms,
        whole,
        sum_ms / whole - 1,
    )


def shares_by_type(profile: GraphProfile) -> Mapping[str, float]:
    """What each type of layer adds up to, the largest first."""
    shares: dict[str, float] = {}
    for layer in profile.layers:
        shares[layer.type] = shares.get(layer.type, 0.0) + layer.share
    return dict(sorted(shares.items(), key=lambda item: -item[1]))
