"""How a frame gets into a bundle's graphs. Needs no torch."""

from typing import Any

from numpy.typing import NDArray

from export.errors import BundleError
from export.live_kernels import DEFAULT_COUNT
from export.manifest import MOBILEINST, Bundle
from models.frames import Frame, at_size
from models.preprocessing import preprocess


def fitting(bundle: Bundle, frame: Frame) -> Frame:
    """The frame at the size that graphs with baked preprocessing take; else as it is."""
    if not bundle.manifest.preprocessing_baked:
        return frame
    shape = bundle.graph("keyframe").inputs[0].shape
    return at_size(frame, int(shape[1]), int(shape[2]))


def graph_image(bundle: Bundle, frame: Frame) -> NDArray[Any]:
    """The graphs' input "image" for a fitting frame."""
    if bundle.manifest.preprocessing_baked:
        return frame.picture[None]
    return preprocess(frame.picture, bundle.manifest.preprocessing)


def kernel_count(bundle: Bundle) -> int:
    return bundle.manifest.kernels.count or DEFAULT_COUNT


def check_reuses(bundle: Bundle, purpose: str) -> None:
    """Raises BundleError for an architecture that keeps nothing from frame to frame."""
    model = bundle.manifest.model
    if model.architecture != MOBILEINST:
        raise BundleError(
            f"{bundle.path}: {purpose} needs kernels that live on from frame to frame, and "
            f"{model.name} ({model.architecture}) has none: take a bundle of a MobileInst"
        )


def frame_name(frame: Frame) -> str:
    return f"{frame.source}#{frame.index}"
