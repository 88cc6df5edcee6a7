"""The reference network of a bundle, rebuilt in PyTorch from its manifest and its weights."""

from pathlib import Path

import msgspec

from export.errors import BundleError
from export.graphs import KEYFRAME, KEYFRAME_LITERAL, Graph, GraphOptions, build_graphs
from export.manifest import MANIFEST_NAME, Bundle
from export.reference import Reference
from models import zoo
from models.checkpoint import load_weights
from models.errors import ModelError
from models.mobileinst.network import MobileInst
from models.zoo import MobileInstConfig


def open_network(bundle: Bundle) -> MobileInst:
    """Raises BundleError where the manifest or the weights are not those of a known network."""
    model = bundle.manifest.model
    try:
        config = msgspec.convert(model.config, MobileInstConfig)
        network = zoo.build(config)
        load_weights(network, bundle.locate(model.weights.reference))
    except (msgspec.ValidationError, ModelError, KeyError, ValueError) as error:
        path: Path = bundle.path / MANIFEST_NAME
        raise BundleError(f"{path}: the model {model.name!r} can't be rebuilt: {error}") from error
    return network


def open_reference(bundle: Bundle) -> Reference:
    return Reference(open_network(bundle), bundle.manifest.preprocessing)


def rebuild_graphs(bundle: Bundle, network: MobileInst) -> dict[str, Graph]:
    """The modules that the bundle's graphs were exported from."""
    manifest = bundle.manifest
    shape = manifest.graphs[KEYFRAME].inputs[0].shape
    source_size = (int(shape[1]), int(shape[2])) if manifest.preprocessing_baked else None
    literal = KEYFRAME_LITERAL in manifest.graphs
    options = GraphOptions(manifest.preprocessing, manifest.kernels.count, source_size, literal)
    return build_graphs(network, options)
