"""The profile of a graph: what each of its layers takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from android_bench import statistics
from android_bench.errors import BenchError


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
    overhead: float | None  # sum_ms over the graph's own median, minus 1


@dataclass(frozen=True)
class LayerSamples:
    index: int
    type: str
    name: str
    samples_ms: tuple[float, ...]


def profile_graph(
    layers: Sequence[LayerSamples], iterations: int, plain_ms: float | None
) -> GraphProfile:
    """`plain_ms`: the graph's median without the clock between its layers.

    Raises BenchError where there are no layers, or one has another number of samples.
    """
    if odd := [layer for layer in layers if len(layer.samples_ms) != iterations]:
        raise BenchError(
            f"layer {odd[0].name!r} has {len(odd[0].samples_ms)} samples, expected {iterations}"
        )
    if not layers:
        raise BenchError("the profile has no layers; build the runner again")
    medians = [statistics.median(layer.samples_ms) for layer in layers]
    whole = sum(medians)
    sum_ms = statistics.median(np.sum([layer.samples_ms for layer in layers], axis=0))
    return GraphProfile(
        tuple(
            LayerTiming(**vars(layer), median_ms=own, share=own / whole if whole else 0.0)
            for layer, own in zip(layers, medians, strict=True)
        ),
        sum_ms,
        sum_ms / plain_ms - 1 if plain_ms else None,
    )


def shares_by_type(profile: GraphProfile) -> Mapping[str, float]:
    """What each type of layer adds up to, the largest first."""
    shares: dict[str, float] = {}
    for layer in profile.layers:
        shares[layer.type] = shares.get(layer.type, 0.0) + layer.share
    return dict(sorted(shares.items(), key=lambda item: -item[1]))
