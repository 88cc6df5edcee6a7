"""The bundles that are measured: those of a folder, and what is missing there is exported."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from export.errors import BundleError, ConversionError, first_line
from export.manifest import MANIFEST_NAME, Bundle, Format, Precision, open_bundle
from models.errors import InputSizeError, ModelError, UnknownModelError

NOT_IN_ZOO = "the zoo has no network of that name"


@dataclass(frozen=True)
class Wanted:
    """What the bundles have to be."""

    folder: Path  # a bundle is called as its model there
    size: tuple[int, int]  # height, width
    format: Format
    precision: Precision = "fp32"


@dataclass(frozen=True)
class Found:
    bundles: dict[str, Bundle]  # by model
    missing: dict[str, str]  # why there is none, by model


def collect_bundles(
    models: Sequence[str], wanted: Wanted, progress: Callable[[str], None]
) -> Found:
    """A network that can't be built or converted is told of, and the others go on.

    Raises InputSizeError, BundleError for a bundle that is damaged or another than is wanted, and
    the ExportError of a folder that can't be written to.
    """
    bundles: dict[str, Bundle] = {}
    missing: dict[str, str] = {}
    for model in models:
        progress(model)
        try:
            bundles[model] = one_bundle(model, wanted)
        except InputSizeError:
            raise
        except UnknownModelError:
            missing[model] = NOT_IN_ZOO
        except (ModelError, ConversionError) as error:
            missing[model] = first_line(error)
    return Found(bundles, missing)


def one_bundle(model: str, wanted: Wanted) -> Bundle:
    path = wanted.folder / model
    if not (path / MANIFEST_NAME).exists():
        return export_drawn(model, path, wanted)
    bundle = open_bundle(path)
    check_bundle(bundle, model, wanted)
    return bundle


def check_bundle(bundle: Bundle, model: str, wanted: Wanted) -> None:
    """Raises BundleError unless it is of the model and the size, and has the files."""
    manifest, (height, width) = bundle.manifest, wanted.size
    there = (manifest.preprocessing.height, manifest.preprocessing.width)
    if (manifest.model.name, there) != (model, wanted.size):
        raise BundleError(
            f"{bundle.path} is {manifest.model.name} at {there[0]}x{there[1]}, expected {model} at "
            f"{height}x{width}; remove it, or give another folder with --bundles"
        )
    for graph in manifest.graphs:
        bundle.artifact(graph, wanted.format, wanted.precision)


def export_drawn(model: str, path: Path, wanted: Wanted) -> Bundle:
    """With drawn weights and one golden frame: enough to time it.

    Raises the errors of `models.errors` and `export.errors`; needs torch.
    """
    from export.formats import Formats
    from export.graphs import GraphOptions
    from export.to_onnx import DEFAULT_OPSET
    from mobileinst_deploy.exporting import ExportWishes, export_model
    from mobileinst_deploy.trained import find_network

    network = find_network(model, size=wanted.size)
    options = GraphOptions(network.preprocessing)
    formats = Formats((wanted.format,), (wanted.precision,))
    wishes = ExportWishes(network, path, options, DEFAULT_OPSET, formats, frames=1)
    return export_model(wishes, lambda step: None)
