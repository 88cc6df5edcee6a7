"""The reference network of a bundle, rebuilt in PyTorch from its manifest and its weights."""

from pathlib import Path
from typing import Any

import msgspec

from export.architecture import architecture, make_reference
from export.errors import BundleError
from export.graphs import KEYFRAME, KEYFRAME_LITERAL, Graph, GraphOptions
from export.manifest import MANIFEST_NAME, Bundle
from export.reference import Reference
from models import zoo
from models.checkpoint import load_weights
from models.errors import ConfigError, ModelError
from models.peers.peer import INSTANCES


def open_network(bundle: Bundle) -> zoo.Network:
    """Raises BundleError where the manifest or the weights are not those of a known network."""
    model = bundle.manifest.model
    try:
        network = zoo.build(read_config(model.architecture, model.config))
        load_weights(network, bundle.locate(model.weights.reference))
    except (msgspec.ValidationError, ModelError, KeyError, ValueError) as error:
        path: Path = bundle.path / MANIFEST_NAME
        raise BundleError(f"{path}: the model {model.name!r} can't be rebuilt: {error}") from error
    return network


def read_config(architecture: str, config: dict[str, Any]) -> zoo.Config:
    """Raises ConfigError for an unknown architecture, msgspec.ValidationError."""
    if architecture not in zoo.ARCHITECTURES:
        known = ", ".join(zoo.ARCHITECTURES)
        raise ConfigError(f"unknown architecture {architecture!r}: the known ones are {known}")
    return msgspec.convert(config, zoo.ARCHITECTURES[architecture])


def open_reference(bundle: Bundle) -> Reference[Any]:
    manifest = bundle.manifest
    return make_reference(open_network(bundle), manifest.preprocessing, manifest.kernels)


def rebuild_graphs(bundle: Bundle, network: zoo.Network) -> dict[str, Graph]:
    """The modules that the bundle's graphs were exported from."""
    manifest = bundle.manifest
    shape = manifest.graphs[KEYFRAME].inputs[0].shape
    source_size = (int(shape[1]), int(shape[2])) if manifest.preprocessing_baked else None
    literal = KEYFRAME_LITERAL in manifest.graphs
    count = manifest.kernels.count
    options = GraphOptions(
        manifest.preprocessing, count, source_size, literal, instances=count or INSTANCES
    )
    return architecture(network).graphs(network, options)
