"""A bundle's graphs in one runtime, wired as its state contract says."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from export.golden_io import IMAGE
from export.manifest import Bundle
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.feeding import kernel_count
from mobileinst_deploy.runtimes.base import Arrays, Runtime, Session
from mobileinst_deploy.tracking.contract import (
    FOLDED,
    KERNELS,
    MASK_LOGITS,
    TrackingPlan,
    plan_tracking,
)


class Network(Protocol):
    """What a tracker needs of a network. Arrays are by our names."""

    @property
    def count(self) -> int:
        """How many kernels the reuse graph takes."""
        ...

    def keyframe(self, image: NDArray[Any]) -> Arrays:
        """class_logits [1, N, C], objectness [1, N, 1], kernels [1, N, D], mask_logits."""
        ...

    def hold(self, kernels: NDArray[np.float32]) -> Arrays:
        """Live kernels by the padding rule, [1, n, D] -> the reuse graph's other inputs."""
        ...

    def reuse(self, image: NDArray[Any], state: Arrays) -> NDArray[np.float32]:
        """Mask logits [1, n, H/8, W/8]."""
        ...


class BundleNetwork:
    """Raises RunError where a runtime refuses, or gives a number that is none."""

    def __init__(self, plan: TrackingPlan, sessions: Mapping[str, Session], count: int) -> None:
        self.plan = plan
        self.sessions = sessions
        self.count = count

    def keyframe(self, image: NDArray[Any]) -> Arrays:
        return self.run(self.plan.keyframe, {IMAGE: image})

    def hold(self, kernels: NDArray[np.float32]) -> Arrays:
        made = {self.plan.keyframe: {KERNELS: kernels}}
        for graph in self.plan.once:
            made[graph] = self.run(graph, self.gather(graph, made))
        return self.gather(self.plan.reuse, made)

    def reuse(self, image: NDArray[Any], state: Arrays) -> NDArray[np.float32]:
        outputs = self.run(self.plan.reuse, {IMAGE: image, **state})
        masks: NDArray[np.float32] = outputs[MASK_LOGITS]
        return masks

    def gather(self, graph: str, made: Mapping[str, Arrays]) -> Arrays:
        return {each.input: made[each.graph][each.output] for each in self.plan.into(graph)}

    def run(self, graph: str, inputs: Arrays) -> Arrays:
        outputs = self.sessions[graph].run(inputs)
        for name, values in outputs.items():
            if not np.isfinite(values).all():
                kind = "NaN" if np.isnan(values).any() else "infinity"
                raise RunError(f"graph {graph!r} gives {kind} in its output {name!r}")
        return outputs


def load_network(bundle: Bundle, runtime: Runtime, reuse: str = FOLDED) -> BundleNetwork:
    """Loads the keyframe graph, the reuse graph and what lies between.

    Raises BundleError where the bundle lacks one of them or its files, RunError.
    """
    plan = plan_tracking(bundle, reuse)
    sessions = {graph: runtime.load(bundle, graph) for graph in plan.graphs}
    return BundleNetwork(plan, sessions, kernel_count(bundle))
