"""From samples to a curve: costs, noise floors, agreement and scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from export.manifest import MANIFEST_NAME, Bundle, digest
from mobileinst_deploy.bench.host_conditions import HostState
from mobileinst_deploy.curve.agreement import Tally, agreement
from mobileinst_deploy.curve.amortising import Roles, amortise, amortised, noise_floor
from mobileinst_deploy.curve.conditions import describe_curve_conditions
from mobileinst_deploy.curve.doubts import find_doubts
from mobileinst_deploy.curve.result import SCHEMA_VERSION, CurveResult, Point, RuntimeCurve, Samples
from mobileinst_deploy.curve.setups import CONTROL, REFERENCE, CurveSettings, Setup
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.evaluation.clips import Clip
from mobileinst_deploy.evaluation.judging import Judge
from mobileinst_deploy.evaluation.results import FoundTrack
from mobileinst_deploy.evaluation.scores import Scores
from mobileinst_deploy.evaluation.ytvis import evaluate
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.tracking.settings import ScheduleSettings


@dataclass(frozen=True, eq=False)
class SetupData:
    setup: Setup
    samples: Samples
    tally: Tally
    found: Sequence[FoundTrack]


@dataclass(frozen=True, eq=False)
class Measured:
    bundle: Bundle
    runtimes: Sequence[Runtime]
    clips: Sequence[Clip]
    settings: CurveSettings
    judge: Judge | None
    state: HostState
    setups: Sequence[SetupData]


def summarise(measured: Measured) -> CurveResult:
    """Raises RunError where a setup had no live kernel at all."""
    curves = {
        runtime.name: runtime_curve(
            [one for one in measured.setups if one.setup.runtime is runtime], measured.judge
        )
        for runtime in measured.runtimes
    }
    conditions = describe_curve_conditions(
        measured.runtimes, measured.clips, measured.settings, measured.state
    )
    return CurveResult(
        SCHEMA_VERSION,
        measured.bundle.path.resolve().name,
        digest(measured.bundle.path / MANIFEST_NAME),
        sum(clip.length for clip in measured.clips),
        len(measured.clips),
        measured.settings.tracking,
        {
            one.setup.name: one.setup.schedule
            for one in measured.setups
            if one.setup.name != CONTROL
        },
        curves,
        conditions,
        tuple(find_doubts(curves, conditions)),
    )


def runtime_curve(setups: Sequence[SetupData], judge: Judge | None) -> RuntimeCurve:
    samples = {one.setup.name: one.samples for one in setups}
    base, control = samples[REFERENCE], samples[CONTROL]
    return RuntimeCurve(
        setups[0].setup.runtime.precision,
        noise_floor(np.array(control.graphs_ms), np.array(base.graphs_ms)),
        noise_floor(np.array(control.total_ms), np.array(base.total_ms)),
        {one.setup.name: point(one, base, judge) for one in setups if one.setup.name != CONTROL},
        control,
    )


def point(data: SetupData, base: Samples, judge: Judge | None) -> Point:
    samples, roles = data.samples, roles_of(data.setup, data.samples)
    graphs, tracker = np.array(samples.graphs_ms), np.array(samples.tracker_ms)
    reuse = roles.reuse if len(roles.reuse) else None
    return Point(
        keyframes=sum(samples.keyframes),
        idle=len(samples.live) - len(roles.counted),
        graphs=amortise(graphs, np.array(base.graphs_ms), roles),
        total=amortise(np.array(samples.total_ms), np.array(base.total_ms), roles),
        preprocess_ms=amortised(np.array(samples.preprocess_ms), roles),
        tracker_ms=amortised(tracker, roles),
        masks_ms=amortised(np.array(samples.masks_ms), roles),
        key_graphs_ms=float(np.median(graphs[roles.key])),
        reuse_graphs_ms=None if reuse is None else float(np.median(graphs[reuse])),
        tracker_share=None
        if reuse is None
        else float(np.median(tracker[reuse]) / np.median(graphs[reuse])),
        agreement=agreement(data.tally),
        scores=scores(data, judge),
        samples=samples,
    )


def roles_of(setup: Setup, samples: Samples) -> Roles:
    """Frames without a live kernel do not count: neither fold nor the reuse graph ran for them.

    T = 1 needs neither. Raises RunError where no keyframe counts.
    """
    keyframes, live = np.array(samples.keyframes), np.array(samples.live) > 0
    counted = live | (setup.schedule.longest == 1)
    key, reuse = (np.flatnonzero(role & counted) for role in (keyframes, ~keyframes))
    if not len(key):
        raise RunError(
            f"{setup.runtime.name}, T = {setup.name}: no kernel lived in any frame, so nothing was "
            "reused; lower --score and --birth"
        )
    return Roles(key, reuse, key_share(setup.schedule, samples))


def key_share(schedule: ScheduleSettings, samples: Samples) -> float:
    """1/T; of an adaptive schedule what it came to."""
    if schedule.adaptive:
        return sum(samples.keyframes) / len(samples.keyframes)
    return 1 / schedule.longest


def scores(data: SetupData, judge: Judge | None) -> Scores | None:
    return evaluate(judge.truth, data.found).scores if judge else None
