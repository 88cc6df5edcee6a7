"""From a network and the user's wishes to a bundle on disk."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from export.bundle import Progress, Subject, write_bundle
from export.errors import ConversionError
from export.formats import ONNX_ALONE, Formats
from export.graphs import GraphOptions
from export.manifest import Bundle, CategorySpec, digest
from export.staging import check_target
from export.stand_in import stand_in
from export.threads import one_thread
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.sample_frames import sample_frames
from mobileinst_deploy.trained import PAPER_SIZE, NamedNetwork
from mobileinst_deploy.video import read_spread
from models import zoo
from models.checkpoint import load_weights
from models.frames import Frame, at_size
from models.mobileinst.network import check_size
from models.preprocessing import Preprocessing, preprocess

SEEDED = "seeded"  # the source of weights that were drawn, not given


@dataclass(frozen=True)
class ExportWishes:
    """What the user asked for."""

    network: NamedNetwork  # without weights, they are drawn from `seed`, with calibrated batch norm
    output: Path
    options: GraphOptions
    opset: int
    formats: Formats = ONNX_ALONE
    seed: int = 0
    video: Path | None = None  # None: the packaged photographs
    frames: int = 4
    overwrite: bool = False


@one_thread()
def export_model(wishes: ExportWishes, progress: Progress) -> Bundle:
    """Raises the errors of `models.errors`, `export.errors` and InputError; writes nothing then."""
    preprocessing = wishes.options.preprocessing
    check_size(preprocessing.height, preprocessing.width)
    check_kernels(wishes.options.kernels, wishes.network.config)
    check_target(wishes.output, wishes.overwrite)
    frames = golden_frames(wishes)
    progress("building the network")
    subject = build_subject(wishes.network, wishes.seed)
    return write_bundle(
        subject,
        wishes.options,
        frames,
        wishes.output,
        formats=wishes.formats,
        opset=wishes.opset,
        overwrite=wishes.overwrite,
        progress=progress,
    )


def check_kernels(kernels: int | None, config: zoo.Config) -> None:
    if not isinstance(config, zoo.MobileInstConfig) or kernels is None:
        return
    if kernels > config.num_queries:
        raise ConversionError(
            f"{kernels} live kernels were asked for, but the network has {config.num_queries} "
            f"queries: give --kernels 1 to {config.num_queries}, or 'dynamic'"
        )


def check_frames(asked: int, packaged: int) -> None:
    if asked > packaged:
        raise InputError(
            f"{asked} golden frames were asked for, but there are {packaged} packaged photographs: "
            "ask for fewer, or give a --video"
        )


def golden_frames(wishes: ExportWishes) -> list[Frame]:
    """Real frames, at the size that the graphs take where preprocessing is baked."""
    if wishes.video:
        frames = read_spread(wishes.video, wishes.frames)
    else:
        frames = sample_frames()
        check_frames(wishes.frames, len(frames))
        frames = frames[: wishes.frames]
    size = wishes.options.source_size
    return [at_size(frame, *size) for frame in frames] if size else frames


def build_subject(named: NamedNetwork, seed: int) -> Subject:
    network = zoo.build(named.config, seed)
    if named.weights is None:
        network = stand_in(network, calibration_images(), seed)
        return Subject(named.name, named.config, network, SEEDED, None)
    load_weights(network, named.weights)
    categories = tuple(CategorySpec(*category) for category in named.categories)
    source, sha256 = named.weights.name, digest(named.weights)
    return Subject(named.name, named.config, network, source, sha256, categories)


def calibration_images() -> torch.Tensor:
    """The packaged photographs, [4, 3, 320, 640].

    At one size whatever the export's: a seed then stands for one network, and the coarsest map has
    enough pixels (4 x 50) for a variance.
    """
    preprocessing = Preprocessing(*PAPER_SIZE, resize="stretch")
    images = [preprocess(frame.picture, preprocessing) for frame in sample_frames()]
    return torch.from_numpy(np.concatenate(images))
