"""Read what a bundle's golden files hold: a real frame's tensors, as the reference made them.

A golden file has "picture" (uint8 [h, w, 3] RGB), "image" (the network's input) and, for every
graph, "<graph>/<tensor>" for its other inputs and its outputs. Needs no torch.
"""

from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from export.errors import BundleError
from export.manifest import Bundle, Golden

IMAGE = "image"  # one for all graphs
PICTURE = "picture"

Arrays = dict[str, NDArray[Any]]


def golden_inputs(bundle: Bundle, graph: str, index: int) -> Arrays:
    """The inputs of a graph by our names, of the bundle's golden frame `index`.

    Raises BundleError where the bundle lacks the graph, the frame, or a tensor of it.
    """
    names = [spec.name for spec in bundle.graph(graph).inputs]
    golden = find_golden(bundle, index)
    arrays = read_golden(bundle, golden)
    if missing := [key for name in names if (key := golden_key(graph, name)) not in arrays]:
        raise BundleError(
            f"{bundle.locate(golden.reference)} lacks {', '.join(missing)}, "
            f"which graph {graph!r} takes; export the bundle again"
        )
    return {name: arrays[golden_key(graph, name)] for name in names}


def golden_key(graph: str, tensor: str) -> str:
    return tensor if tensor == IMAGE else f"{graph}/{tensor}"


def find_golden(bundle: Bundle, index: int) -> Golden:
    """Raises BundleError where the bundle has no golden frame of that index."""
    count = len(bundle.manifest.golden)
    if not 0 <= index < count:
        raise BundleError(
            f"{bundle.path} has no golden frame {index}: it has {count}, counted from 0"
        )
    return bundle.manifest.golden[index]


def read_golden(bundle: Bundle, golden: Golden) -> Arrays:
    """Every tensor of a golden file by its key. Raises BundleError where it can't be read."""
    path = bundle.locate(golden.reference)
    try:
        return load_file(path)
    except (OSError, SafetensorError, AttributeError, KeyError, ValueError) as error:
        # AttributeError: a type of tensor that NumPy lacks
        raise BundleError(f"can't read the golden file {path}: {error}") from error
