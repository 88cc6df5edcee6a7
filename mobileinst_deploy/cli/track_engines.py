"""What tracks for `mobileinst track`: this process, the native runner, or the runner on a phone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

import click

from android_bench.device.facts import choose_core
from android_bench.measurement.conditions import pinned
from android_bench.remote.session import open_session
from export.manifest import Bundle
from mobileinst_deploy.bench.phone_runner import runner_for
from mobileinst_deploy.cli.bench_runs import host_core, tell
from mobileinst_deploy.cli.curve_options import in_this_process
from mobileinst_deploy.cli.runtimes import named, on_phone
from mobileinst_deploy.cli.track_options import Asked, schedule_of, settings_of
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.runtimes.native import NCNN_RUNNERS
from mobileinst_deploy.sources import Source
from mobileinst_deploy.tracking.contract import FOLDED, PLAIN
from mobileinst_deploy.tracking.frames import TrackSummary
from mobileinst_deploy.tracking.native import track_on_host, track_on_phone
from mobileinst_deploy.tracking.network import load_network
from mobileinst_deploy.tracking.run import (
    Elsewhere,
    OnFrame,
    Sink,
    TrackingRun,
    track_elsewhere,
    track_frames,
)
from mobileinst_deploy.tracking.video_tracker import VideoTracker
from models.frames import Frame

REUSE = {"folded": FOLDED, "plain": PLAIN}

Reopen = Callable[[], AbstractContextManager[Source]]
Run = Callable[[Source, Reopen, Sequence[Sink]], TrackingRun]


@dataclass(frozen=True)
class Engine:
    """`run` takes the opened source, and a way to open it once more."""

    version: str  # of the runtime
    core: str | None  # that it keeps to
    run: Run


def runtime_of(asked: Asked) -> Runtime:
    """Raises BadParameter, which lists the known ones; DeviceError for one that can't be used."""
    if asked.serial:
        chosen = on_phone(asked.runtime or "ncnn")
    elif (asked.runtime or "").startswith("ncnn-runner"):
        chosen = named(asked.runtime or "", "--runtime", {one.name: one for one in NCNN_RUNNERS})
    else:
        chosen = in_this_process(asked.runtime or "onnxruntime")
    if len(chosen) > 1:
        raise click.BadParameter("expected one runtime", param_hint="--runtime")
    return chosen[0]


@contextmanager
def engine_for(bundle: Bundle, runtime: Runtime, asked: Asked) -> Iterator[Engine]:
    """Loaded, or connected to its phone, until the block ends."""
    make = on_a_phone if asked.serial else by_the_runner if runtime.native else in_process
    with make(bundle, runtime, asked) as engine:
        yield engine


@contextmanager
def in_process(bundle: Bundle, runtime: Runtime, asked: Asked) -> Iterator[Engine]:
    core = host_core(asked.core)
    with ExitStack() as stack:
        if core is not None:
            stack.enter_context(pinned(core))
        network = load_network(bundle, runtime, REUSE[asked.reuse])
        tracker = VideoTracker(bundle, network, schedule_of(asked), settings_of(asked))

        def run(source: Source, reopen: Reopen, sinks: Sequence[Sink]) -> TrackingRun:
            return track_frames(tracker, source.frames, sinks)

        yield Engine(runtime.version(), None if core is None else str(core), run)


@contextmanager
def by_the_runner(bundle: Bundle, runtime: Runtime, asked: Asked) -> Iterator[Engine]:
    core = host_core(asked.core)

    def track(frames: Iterable[Frame], on_frame: OnFrame) -> list[TrackSummary]:
        return track_on_host(
            bundle,
            runtime.precision,
            frames,
            schedule_of(asked),
            settings_of(asked),
            reuse=REUSE[asked.reuse],
            core=core,
            on_frame=on_frame,
        )

    yield Engine(runtime.version(), None if core is None else str(core), reading_twice(track))


@contextmanager
def on_a_phone(bundle: Bundle, runtime: Runtime, asked: Asked) -> Iterator[Engine]:
    assert asked.serial
    with open_session(
        asked.serial, asked.keys, remove_files=asked.remove_files, notify=tell
    ) as session:

        def track(frames: Iterable[Frame], on_frame: OnFrame) -> list[TrackSummary]:
            return track_on_phone(
                bundle,
                runtime.precision,
                frames,
                schedule_of(asked),
                settings_of(asked),
                session,
                reuse=REUSE[asked.reuse],
                core=asked.core,
                on_frame=on_frame,
            )

        core = choose_core(session.facts, asked.core)
        version = runner_for(session.facts).ncnn_version
        yield Engine(version, str(core), reading_twice(track))


def reading_twice(track: Elsewhere) -> Run:
    """Each picture is drawn on when it is decoded a second time, so that none has to wait."""

    def run(source: Source, reopen: Reopen, sinks: Sequence[Sink]) -> TrackingRun:
        with reopen() as again:
            return track_elsewhere(track, source.frames, again.frames, sinks)

    return run
