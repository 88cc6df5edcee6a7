"""What `mobileinst eval` can be told, and which of it makes sense together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobileinst_deploy.cli.bench_options import Finite, all_of
from mobileinst_deploy.cli.curve_options import tracking_options
from mobileinst_deploy.cli.runtimes import tnn_option

if TYPE_CHECKING:
    from mobileinst_deploy.evaluation.layout import Layout
    from mobileinst_deploy.runtimes.base import Runtime

FILE = click.Path(path_type=Path)
OF_TRACKING = ("score", "birth", "similarity", "memory", "duplicate")
FOR_BUNDLES = (
    *("pictures", "runtime", "keyframe_interval", "videos", "images", "max_drop"),
    *(*OF_TRACKING, "mask"),
)
# Options that say nothing about a data set of the other kind.
WRONG: "dict[Layout, tuple[str, ...]]" = {
    "youtube-vis": ("images",),
    "coco": ("keyframe_interval", "videos", "hota", *OF_TRACKING),
}
NEED: "dict[Layout, str]" = {
    "youtube-vis": "single pictures, in COCO's layout",
    "coco": "videos, in YouTube-VIS's layout",
}


@dataclass(frozen=True)
class Asked:
    """The options as they came; each is called as its flag."""

    ground_truth: Path
    pictures: Path | None
    results: Path | None
    runtime: str
    keyframe_interval: str
    videos: int | None
    images: int | None
    max_drop: float | None
    hota: bool
    class_agnostic: bool
    score: float
    birth: float
    similarity: float
    memory: int
    mask: float
    duplicate: float


data_options = all_of(
    click.option(
        "--ground-truth",
        metavar="FILE",
        type=FILE,
        required=True,
        help="A json in YouTube-VIS's or COCO's layout. Its categories have to be the network's.",
    ),
    click.option(
        "--pictures",
        metavar="FOLDER",
        type=FILE,
        help="Where the ground truth's file names begin: JPEGImages, val2017.",
    ),
    click.option(
        "--results",
        metavar="FILE",
        type=FILE,
        help="In place of a bundle: what any program found, in the data set's format of results.",
    ),
    click.option("--videos", metavar="N", type=click.IntRange(1), help="Only the first N videos."),
    click.option("--images", metavar="N", type=click.IntRange(1), help="Only the first N images."),
    click.option("--hota", is_flag=True, help="Of videos: HOTA and IDF1 as well. Needs trackeval."),
    click.option(
        "--class-agnostic",
        is_flag=True,
        help="All categories count as one: what masks and identities are worth without the names.",
    ),
)

bundle_options = all_of(
    click.option(
        "--runtime",
        default="onnxruntime",
        show_default=True,
        help="What runs the graphs; several with commas between. The others are compared with the "
        "first. torch is PyTorch with the bundle's weights.",
    ),
    tnn_option,
    click.option(
        "-T",
        "--keyframe-interval",
        metavar="N,N",
        default="3",
        show_default=True,
        help="Of videos: frames from keyframe to keyframe.",
    ),
    click.option(
        "--max-drop",
        metavar="POINTS",
        type=Finite(min=0, max=100),
        help="Exit with 1 where a runtime's AP, in percent, lies more than so many points below "
        "the first one's.",
    ),
)

options_of_eval = all_of(data_options, bundle_options, tracking_options)


def asked_for(bundle: Path | None, options: Mapping[str, Any]) -> Asked:
    """Raises UsageError where one option makes no sense without another, or beside it."""
    context, asked = click.get_current_context(), Asked(**options)
    if (bundle is None) == (asked.results is None):
        raise click.UsageError("give either a BUNDLE with --pictures, or --results", context)
    if bundle is None:
        refuse_given(FOR_BUNDLES, "a BUNDLE, --results is none")
    elif asked.pictures is None:
        raise click.UsageError("a BUNDLE needs --pictures, the folder of the files", context)
    if asked.videos and asked.images:
        raise click.UsageError("--videos and --images exclude each other", context)
    return asked


def check_layout(layout: "Layout") -> None:
    """Raises UsageError for what makes sense for the other layout alone."""
    refuse_given(WRONG[layout], NEED[layout])


def refuse_given(names: tuple[str, ...], need: str) -> None:
    """Raises UsageError where one of them is on the command line."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name.replace('_', '-')} needs {need}", context)


def runtimes_of(asked: Asked) -> "tuple[Runtime, ...]":
    """Those that run in this process.

    Raises BadParameter, which lists the known ones; UsageError where there is nothing to compare;
    DeviceError where one can't be used here.
    """
    from mobileinst_deploy.cli.runtimes import named
    from mobileinst_deploy.runtimes import RUNTIMES

    known = {name: one for name, one in RUNTIMES.items() if not one.native}
    runtimes = named(asked.runtime, "--runtime", known)
    if asked.max_drop is not None and len(runtimes) < 2:
        raise click.UsageError(
            "--max-drop needs two runtimes or more, the first to compare with",
            click.get_current_context(),
        )
    return runtimes
