"""Where and how a curve was measured."""

import platform
from collections.abc import Sequence

from android_bench.measurement.conditions import cpu_model
from android_bench.measurement.results import Conditions
from mobileinst_deploy.bench.host_conditions import HostState, runtime_settings, versions
from mobileinst_deploy.curve.setups import CurveSettings
from mobileinst_deploy.evaluation.clips import Clip
from mobileinst_deploy.runtimes.base import Runtime

NAMED = 3  # videos that are listed by name


def describe_curve_conditions(
    runtimes: Sequence[Runtime], clips: Sequence[Clip], settings: CurveSettings, state: HostState
) -> Conditions:
    return Conditions(
        device="host",
        cpu_model=cpu_model(),
        core=state.core,
        cores_seen=(state.core,),
        threads=1,
        precision=", ".join(sorted({runtime.precision for runtime in runtimes})),
        runtime=", ".join(runtime.name for runtime in runtimes),
        runtime_version=versions(runtimes),
        runtime_settings=runtime_settings(runtimes, None),
        warmup=settings.warmup,
        iterations=sum(clip.length for clip in clips),
        order=f"interleaved: each frame to all trackers, in an order shuffled with seed "
        f"{settings.seed}, before the next frame",
        inputs=describe_clips(clips),
        frequency_before_khz=state.before.frequency_khz,
        frequency_after_khz=state.after.frequency_khz,
        governor=state.after.governor,
        load_average=state.load_average,
        kernel=platform.release(),
        platform=platform.platform(),
        core_max_khz=state.core_max_khz,
        busy_elsewhere=state.busy_elsewhere,
    )


def describe_clips(clips: Sequence[Clip]) -> str:
    named = ", ".join(f"{clip.name} ({clip.length} frames)" for clip in clips[:NAMED])
    more = len(clips) - NAMED
    return f"{named} and {more} more videos" if more > 0 else named
