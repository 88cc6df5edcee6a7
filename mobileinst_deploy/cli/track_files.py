"""The files that `mobileinst track` writes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.output import check_output, note

if TYPE_CHECKING:
    from mobileinst_deploy.tracking.frames import TrackedFrame
    from mobileinst_deploy.tracking.results import VideoResult
    from mobileinst_deploy.tracking.run import Sink
    from models.categories import Category
    from models.frames import Frame


@dataclass(frozen=True)
class Files:
    video: Path | None
    results: Path | None


def check_files(files: Files, source: str, overwrite: bool) -> None:
    """Raises what is better said before the work: BadParameter, OutputExistsError, OSError."""
    from mobileinst_deploy.video_writer import CODECS, check_encoder

    for path in (files.video, files.results):
        check_output(path, overwrite)
        if path and path.exists() and path.resolve() == Path(source).resolve():
            raise click.BadParameter(f"{path} is the source itself", param_hint="--output")
    if files.video is None:
        return
    if files.video.suffix.lower() not in CODECS:
        raise click.BadParameter(
            f"{files.video} has to end in {' or '.join(CODECS)}", param_hint="--output"
        )
    if files.results and files.video.resolve() == files.results.resolve():
        raise click.UsageError("-o and --json name the same file", click.get_current_context())
    check_encoder(files.video)


@contextmanager
def video_sinks(
    path: Path | None, fps: float, categories: "Sequence[Category]", model: str
) -> "Iterator[tuple[Sink, ...]]":
    """What draws and writes the video; says how many frames it has, whatever ends the block."""
    if path is None:
        yield ()
        return
    from mobileinst_deploy.tracking.overlay import draw_tracked
    from mobileinst_deploy.video_writer import writing_video

    def draw(frame: "Frame", tracked: "TrackedFrame") -> None:
        video.add(draw_tracked(frame, tracked, categories, model))

    finished = False
    try:
        with writing_video(path, fps) as video:
            yield (draw,)
            finished = True
    finally:
        if video.is_saved:
            frames = f"{video.frames} frame{'s' if video.frames > 1 else ''}"
            note(f"Saved {path}: {frames}" if finished else f"Kept {path}: {frames} until then")


def write_results(path: Path | None, result: "VideoResult") -> None:
    """Whole or not at all."""
    if path is None:
        return
    import msgspec

    from android_bench.files import replace_file
    from mobileinst_deploy.tracking.results import to_ytvis

    replace_file(path, msgspec.json.encode(to_ytvis([result])) + b"\n")
    note(f"Saved {path}: {len(result.tracks)} track{'s' if len(result.tracks) != 1 else ''}")
