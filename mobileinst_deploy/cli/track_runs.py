"""What `mobileinst track` does: read, track, draw, count, print."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
import msgspec

from export.manifest import Bundle, open_bundle
from mobileinst_deploy.cli.output import note, stdout_console
from mobileinst_deploy.cli.progress import progress_bar
from mobileinst_deploy.cli.track_engines import REUSE, Engine, engine_for, runtime_of
from mobileinst_deploy.cli.track_files import Files, video_sinks
from mobileinst_deploy.cli.track_options import Asked, schedule_of, settings_of
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.sources import Source, is_camera, open_source
from mobileinst_deploy.tracking.categories import bundle_categories
from mobileinst_deploy.tracking.frames import TrackedFrame
from mobileinst_deploy.tracking.overlay import model_name
from mobileinst_deploy.tracking.report import Conditions, TrackingReport, make_report, why_nothing
from mobileinst_deploy.tracking.report_table import render
from mobileinst_deploy.tracking.results import Collector, VideoResult
from mobileinst_deploy.tracking.run import Sink
from models.frames import Frame


def run_track(
    path: Path, source: str, asked: Asked, files: Files
) -> tuple[TrackingReport, VideoResult]:
    """Raises what the bundle, the source, the runtime and the files raise."""
    runtime = runtime_of(asked)
    check_camera(source, asked, files, runtime)
    bundle = open_bundle(path)
    categories = bundle_categories(bundle, asked.categories)
    reopen = partial(open_source, source, asked.fps, asked.start, asked.frames)
    collector = Collector()

    def collect(frame: Frame, tracked: TrackedFrame) -> None:
        collector.add(tracked)

    with (
        reopen() as opened,
        engine_for(bundle, runtime, asked) as engine,
        video_sinks(files.video, opened.fps, categories, model_name(bundle)) as drawing,
        frame_bar(opened.length) as bar,
    ):
        run = engine.run(opened, reopen, (collect, *drawing, bar))
    note_early_end(opened, len(run.steps))
    conditions = conditions_of(bundle, opened, runtime, engine, asked)
    report = make_report(run, conditions, categories)
    return report, collector.result(run.summaries, categories, asked.video_id)


def check_camera(source: str, asked: Asked, files: Files, runtime: Runtime) -> None:
    """Raises UsageError for what a source without an end can't have."""
    if not is_camera(source):
        return
    context = click.get_current_context()
    if files.results and asked.frames is None:
        raise click.UsageError("--json of a webcam needs --frames, or it never ends", context)
    if asked.serial or runtime.native:
        raise click.UsageError(
            "a webcam needs a runtime of this process: the native runner takes all frames first",
            context,
        )


@contextmanager
def frame_bar(length: int | None) -> Iterator[Sink]:
    with progress_bar() as bar:
        task, started_s, done = bar.add_task("tracking", total=length), time.monotonic(), 0

        def advance(frame: Frame, tracked: TrackedFrame) -> None:
            nonlocal done
            done += 1
            rate = done / (time.monotonic() - started_s)
            bar.update(task, description=f"frame {frame.index}, {rate:.1f} frames/s", advance=1)

        yield advance


def note_early_end(source: Source, frames: int) -> None:
    if source.length is not None and frames < source.length:
        note(
            f"Note: {source.name} says it has {source.length} frames from there on, but {frames} "
            "could be decoded"
        )


def conditions_of(
    bundle: Bundle, source: Source, runtime: Runtime, engine: Engine, asked: Asked
) -> Conditions:
    model = bundle.manifest.model
    return Conditions(
        source=source.name,
        height=source.height,
        width=source.width,
        bundle=bundle.path.resolve().name,
        model=model.name,
        trained=model.weights.source_sha256 is not None,
        runtime=runtime.name,
        runtime_version=engine.version,
        precision=runtime.precision,
        threads=1,
        core=engine.core,
        device=asked.serial,
        reuse=REUSE[asked.reuse],
        schedule=schedule_of(asked),
        settings=settings_of(asked),
    )


def show(report: TrackingReport, output_format: str) -> None:
    if output_format == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2))
    else:
        stdout_console().print(render(report))
    if line := why_nothing(report):
        note(line)
