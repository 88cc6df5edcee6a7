"""What `mobileinst curve` can be told."""

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobileinst_deploy.cli.bench_options import Finite, all_of
from mobileinst_deploy.cli.output import check_output

if TYPE_CHECKING:
    from mobileinst_deploy.curve.setups import CurveSettings
    from mobileinst_deploy.runtimes.base import Runtime
    from mobileinst_deploy.tracking.settings import ScheduleSettings

INTERVAL = re.compile("[1-9][0-9]{0,3}")  # frames
FOR_VIDEOS, FOR_TRUTH = ("frames", "start"), ("pictures", "videos")
PLOTS = (".png", ".svg")


@dataclass(frozen=True)
class Asked:
    """The options as they came; each is called as its flag."""

    video: str | None
    ground_truth: Path | None
    pictures: Path | None
    videos: int | None
    frames: int
    start: int
    keyframe_interval: str
    adaptive: str | None
    runtime: str
    core: int | None
    warmup: int
    score: float
    birth: float
    similarity: float
    memory: int
    mask: float
    duplicate: float


source_options = all_of(
    click.option(
        "--video",
        metavar="FILE",
        help="The frames to walk: a video, or a folder of pictures.",
    ),
    click.option(
        "--frames",
        type=click.IntRange(2, 2000),
        default=60,
        show_default=True,
        help="How many of them; they are held in memory, decoded.",
    ),
    click.option(
        "--start", type=click.IntRange(0), default=0, show_default=True, help="The first of them."
    ),
    click.option(
        "--ground-truth",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="In place of a video: a json in YouTube-VIS's layout, whose videos are walked and "
        "whose tracks give AP. Its categories have to be the network's.",
    ),
    click.option(
        "--pictures",
        metavar="FOLDER",
        type=click.Path(path_type=Path),
        help="Where the ground truth's file names begin: JPEGImages.",
    ),
    click.option("--videos", metavar="N", type=click.IntRange(1), help="Only its first N videos."),
)

curve_options = all_of(
    click.option(
        "-T",
        "--keyframe-interval",
        metavar="N,N",
        default="1,2,3,6,10",
        show_default=True,
        help="Frames from keyframe to keyframe; T = 1 always comes along, for the ratios.",
    ),
    click.option(
        "--adaptive",
        metavar="MIN:MAX",
        help="Also a schedule whose interval varies between these, with the picture's change and "
        "the masks' confidence.",
    ),
    click.option(
        "--runtime",
        default="onnxruntime",
        show_default=True,
        help="What runs the graphs; several with commas between walk in one run. Each is compared "
        "with its own T = 1. ncnn is ncnn's wheel.",
    ),
    click.option(
        "--core",
        type=click.IntRange(0),
        show_default="the last one allowed",
        help="The core to measure on.",
    ),
    click.option(
        "--warmup",
        type=click.IntRange(min=0),
        default=6,
        show_default=True,
        help="Frames that are walked before those that count.",
    ),
)


def threshold(name: str, low: float, default: float, what: str) -> Any:
    kind = Finite(min=low, max=1)
    return click.option(f"--{name}", type=kind, default=default, show_default=True, help=what)


tracking_options = all_of(
    threshold("score", 0, 0.1, "A kernel of a lower score is dropped."),
    threshold("birth", 0, 0.3, "A kernel begins a track from this score on."),
    threshold("similarity", -1, 0.5, "Kernels whose cosine is above it are of one object."),
    click.option(
        "--memory",
        type=click.IntRange(0),
        default=5,
        show_default=True,
        help="Keyframes that a lost track is remembered.",
    ),
    threshold("mask", 0, 0.45, "A pixel is the object's above this probability."),
    threshold(
        "duplicate",
        -1,
        1.0,
        "Of a keyframe's kernels whose cosine is above it the best alone is kept; 1: all are.",
    ),
)


def asked_for(options: Mapping[str, Any]) -> Asked:
    """Raises UsageError where one option makes no sense without another."""
    context, asked = click.get_current_context(), Asked(**options)

    def given(name: str) -> bool:
        return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE

    if (asked.video is None) == (asked.ground_truth is None):
        raise click.UsageError("give either --video, or --ground-truth with --pictures", context)
    if asked.ground_truth and asked.pictures is None:
        raise click.UsageError("--ground-truth needs --pictures, the folder of its files", context)
    wrong, need = (FOR_VIDEOS, "--video") if asked.ground_truth else (FOR_TRUTH, "--ground-truth")
    for name in filter(given, wrong):
        raise click.UsageError(f"--{name} needs {need}", context)
    return asked


def settings_of(asked: Asked) -> "CurveSettings":
    """Raises BadParameter."""
    from mobileinst_deploy.curve.setups import CurveSettings
    from mobileinst_deploy.tracking.settings import TrackingSettings

    tracking = TrackingSettings(
        asked.score, asked.birth, asked.similarity, asked.memory, asked.mask, asked.duplicate
    )
    schedules = {**fixed_schedules(asked.keyframe_interval), **adaptive_schedule(asked.adaptive)}
    return CurveSettings(schedules, tracking, asked.core, asked.warmup)


def fixed_schedules(text: str) -> "dict[str, ScheduleSettings]":
    """By the interval, ascending; with 1 among them."""
    from mobileinst_deploy.tracking.settings import every

    return {str(one): every(one) for one in sorted({1, *intervals(text)})}


def intervals(text: str) -> list[int]:
    """With commas between, in their order. Raises BadParameter."""
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if not INTERVAL.fullmatch(word):
            refuse(f"expected whole numbers from 1 to 9999 as in 1,2,3,6,10, got {word!r}")
    if twice := [word for word in words if words.count(word) > 1]:
        refuse(f"{twice[0]} is there twice")
    return [int(word) for word in words]


def adaptive_schedule(text: str | None) -> "dict[str, ScheduleSettings]":
    from mobileinst_deploy.tracking.settings import ScheduleSettings

    if text is None:
        return {}
    shortest, _, longest = text.partition(":")
    if not (INTERVAL.fullmatch(shortest) and INTERVAL.fullmatch(longest)) or (
        int(shortest) >= int(longest)
    ):
        refuse(
            f"expected two intervals, the shorter one first, as in 2:10, got {text!r}", "adaptive"
        )
    return {text: ScheduleSettings(int(shortest), int(longest))}


def refuse(message: str, option: str = "keyframe-interval") -> None:
    raise click.BadParameter(message, param_hint=f"--{option}")


def in_this_process(names: str) -> "tuple[Runtime, ...]":
    """Those that hand over masks at full speed, from the command line.

    Raises BadParameter, which lists the known ones; DeviceError where one can't be used here.
    """
    from mobileinst_deploy.cli.runtimes import named
    from mobileinst_deploy.runtimes import RUNTIMES

    known = {n: one for n, one in RUNTIMES.items() if one.measurable and not one.native}
    return named(names, "--runtime", known)


def check_outputs(output: Path | None, plot: Path | None, overwrite: bool) -> None:
    """Before the work; of a picture also the ending, and that matplotlib is there."""
    for path in (output, plot):
        check_output(path, overwrite)
    if plot is None:
        return
    if output == plot:
        raise click.UsageError("--output and --plot name the same file")
    if plot.suffix.lower() not in PLOTS:
        raise click.BadParameter(f"{plot} has to end in {' or '.join(PLOTS)}", param_hint="--plot")
    importlib.import_module("mobileinst_deploy.curve.plot")
