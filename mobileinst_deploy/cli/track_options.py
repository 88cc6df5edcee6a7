"""What `mobileinst track` can be told, and which of it makes sense together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobileinst_deploy.cli.bench_options import Finite, all_of
from mobileinst_deploy.cli.curve_options import adaptive_schedule, tracking_options
from mobileinst_deploy.cli.devices import keys_option

if TYPE_CHECKING:
    from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings

FOR_PHONES = ("keys", "remove_files")
FOR_ADAPTIVE = ("picture_change", "confidence_drop")
FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class Asked:
    """The options as they came; each is called as its flag."""

    keyframe_interval: int
    adaptive: str | None
    picture_change: float
    confidence_drop: float
    reuse: str
    runtime: str | None
    core: str
    serial: str | None
    keys: Path | None
    remove_files: bool
    start: int
    frames: int | None
    fps: float | None
    categories: Path | None
    video_id: int
    score: float
    birth: float
    similarity: float
    memory: int
    mask: float
    duplicate: float


schedule_options = all_of(
    click.option(
        "-T",
        "--keyframe-interval",
        metavar="N",
        type=click.IntRange(1, 9999),
        default=3,
        show_default=True,
        help="Frames from keyframe to keyframe; the frames in between reuse its kernels.",
    ),
    click.option(
        "--adaptive",
        metavar="MIN:MAX",
        help="In place of -T: a keyframe after MAX frames at the latest, and after MIN or more as "
        "soon as the picture has changed or the masks are less sure.",
    ),
    click.option(
        "--picture-change",
        type=Finite(min=0, min_open=True, max=255),
        default=40.0,
        show_default=True,
        help="With --adaptive: so far a pixel may be, on average, from the keyframe's.",
    ),
    click.option(
        "--confidence-drop",
        type=Finite(min=0, min_open=True, max=1, max_open=True),
        default=0.15,
        show_default=True,
        help="With --adaptive: so much of the keyframe's mask confidence may be lost.",
    ),
    click.option(
        "--reuse",
        type=click.Choice(["folded", "plain"]),
        default="folded",
        show_default=True,
        help="The graph for the frames in between.",
    ),
)

runtime_options = all_of(
    click.option(
        "--runtime",
        show_default="onnxruntime; on a phone ncnn",
        help="torch, onnxruntime[:int8], ncnn[:fp16-storage|:fp16], which is ncnn's wheel here, or "
        "ncnn-runner[:fp16-storage|:fp16], the native runner with its own tracker.",
    ),
    click.option(
        "--core",
        default="",
        show_default="any; on a phone one of the fastest cluster",
        help="Keep to this core: its number, or on a phone prime, big or little.",
    ),
    click.option(
        "--serial",
        metavar="SERIAL",
        help="Track on this phone, with the native runner: HOST:PORT, or what 'mobileinst devices' "
        "lists. All frames are sent there first, as raw pixels.",
    ),
    keys_option,
    click.option(
        "--remove-files",
        is_flag=True,
        help="Leave nothing on the phone; else a second run need not push the files again.",
    ),
)

source_options = all_of(
    click.option(
        "--start",
        type=click.IntRange(0),
        default=0,
        show_default=True,
        help="The first frame.",
    ),
    click.option(
        "--frames",
        type=click.IntRange(1),
        show_default="all",
        help="How many of them.",
    ),
    click.option(
        "--fps",
        type=Finite(min=1, max=240),
        show_default="the source's; 25 for a folder",
        help="Rate of the written video.",
    ),
)

result_options = all_of(
    click.option("-o", "--output", metavar="FILE", type=FILE, help="The video, .mp4 or .avi."),
    click.option(
        "--json",
        "results",
        metavar="FILE",
        type=FILE,
        help="The tracks with their masks, as YouTube-VIS's evaluation takes them.",
    ),
    click.option("--overwrite", is_flag=True, help="Replace files that are there."),
    click.option(
        "--categories",
        metavar="FILE",
        type=click.Path(path_type=Path),
        show_default="COCO's for 80 classes, YouTube-VIS 2019's for 40",
        help='What the classes are: a data set\'s json with "categories", or a list of names.',
    ),
    click.option(
        "--video-id",
        type=click.IntRange(1),
        default=1,
        show_default=True,
        help="What the results call the video.",
    ),
)

options_of_track = all_of(
    schedule_options, runtime_options, source_options, tracking_options, result_options
)


def asked_for(options: Mapping[str, Any]) -> Asked:
    """Raises UsageError where one option makes no sense without another, or beside it."""
    context, asked = click.get_current_context(), Asked(**options)

    def given(name: str) -> bool:
        return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE

    def refuse(names: tuple[str, ...], need: str) -> None:
        for name in filter(given, names):
            raise click.UsageError(f"--{name.replace('_', '-')} needs {need}", context)

    if asked.serial is None:
        refuse(FOR_PHONES, "a phone: give --serial")
    if asked.adaptive is None:
        refuse(FOR_ADAPTIVE, "--adaptive")
    elif given("keyframe_interval"):
        raise click.UsageError("-T and --adaptive exclude each other", context)
    return asked


def schedule_of(asked: Asked) -> "ScheduleSettings":
    """Raises BadParameter for two intervals that are none."""
    from mobileinst_deploy.tracking.settings import every

    if asked.adaptive is None:
        return every(asked.keyframe_interval)
    (schedule,) = adaptive_schedule(asked.adaptive).values()
    return replace(
        schedule, picture_change=asked.picture_change, confidence_drop=asked.confidence_drop
    )


def settings_of(asked: Asked) -> "TrackingSettings":
    from mobileinst_deploy.tracking.settings import TrackingSettings

    return TrackingSettings(
        asked.score, asked.birth, asked.similarity, asked.memory, asked.mask, asked.duplicate
    )
