"""PyTorch, running the modules that a bundle's graphs were exported from.

These are the rewritten ones, so that comparing them with the reference proves the rewrites alone.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from export.manifest import MANIFEST_NAME, Bundle, digest, read_bundle
from mobileinst_deploy.runtimes.base import Arrays, Runtime

if TYPE_CHECKING:  # a host without torch has the other runtimes
    from export.graphs import Graph


class TorchSession:
    def __init__(self, graph: "Graph") -> None:
        self.graph = graph
        self.module = graph.module.eval()

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        import torch

        from export.threads import one_thread

        with one_thread(), torch.inference_mode():
            values = self.module(*(torch.from_numpy(inputs[s.name]) for s in self.graph.inputs))
        outputs = (values,) if isinstance(values, torch.Tensor) else values
        names = (spec.name for spec in self.graph.outputs)
        return {name: value.numpy() for name, value in zip(names, outputs, strict=True)}


def load(bundle: Bundle, graph: str) -> TorchSession:
    """Raises BundleError where the network can't be rebuilt from the manifest and the weights."""
    bundle.graph(graph)
    weights = bundle.locate(bundle.manifest.model.weights.reference)
    return TorchSession(
        rebuilt(bundle.path, digest(bundle.path / MANIFEST_NAME), digest(weights))[graph]
    )


@lru_cache(maxsize=1)
def rebuilt(bundle: Path, manifest_sha256: str, weights_sha256: str) -> "dict[str, Graph]":
    """All graphs of a bundle: who loads one soon wants another. The hashes say what it is of."""
    from mobileinst_deploy.reference import open_network, rebuild_graphs

    opened = read_bundle(bundle)
    return rebuild_graphs(opened, open_network(opened))


TORCH = Runtime("torch", "torch", load)
