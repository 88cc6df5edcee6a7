"""Tables of a schedule's frames and of a profile's layers."""

from collections.abc import Iterator, Mapping

from rich.table import Table

from android_bench.measurement.frames import ScheduleRun
from android_bench.measurement.layers import GraphProfile, shares_by_type
from mobileinst_deploy.bench.cells import numeric_table, show_ms

FRAMES = ("frames", "number", "median", "95 % interval", "p90", "p99", "max")
LAYERS = ("layer", "type", "median", "share")
TYPES = ("type", "share")
SLOWEST = 10  # layers that are shown of each graph


def schedule_tables(schedules: Mapping[str, ScheduleRun]) -> Iterator[Table]:
    for name, run in schedules.items():
        yield numeric_table(schedule_title(name, run), FRAMES, schedule_rows(run))


def schedule_title(name: str, run: ScheduleRun) -> str:
    pace = f"at {run.fps:g} frames a second" if run.fps else "one right after the other"
    title = f"{name}: frames in ms, one key frame in {run.interval}, {pace}"
    return f"{title}; mean {show_ms(run.mean_ms)}{deadlines(run)}"


def deadlines(run: ScheduleRun) -> str:
    if run.missed is None or run.lateness is None:
        return ""
    late_ms = run.lateness
    return (
        f"; {run.missed} of {len(run.frames)} missed their deadline, {run.lost} frames lost; "
        f"done {late_ms.p50_ms:+.2f} ms from it at p50, {late_ms.p99_ms:+.2f} at p99"
    )


def schedule_rows(run: ScheduleRun) -> list[tuple[str, ...]]:
    return [
        (
            role,
            str(timing.frames),
            show_ms(timing.median_ms),
            " .. ".join(map(show_ms, timing.ci95_ms)),
            show_ms(timing.p90_ms),
            show_ms(timing.p99_ms),
            show_ms(timing.max_ms),
        )
        for role, timing in run.roles.items()
    ]


def profile_tables(profiles: Mapping[str, GraphProfile]) -> Iterator[Table]:
    for name, profile in profiles.items():
        yield numeric_table(profile_title(name, profile), LAYERS, slowest_layers(profile))
        types = [(kind, f"{share:.1%}") for kind, share in shares_by_type(profile).items()]
        yield numeric_table(f"{name}: by type", TYPES, types)


def profile_title(name: str, profile: GraphProfile) -> str:
    return (
        f"{name}: the slowest of {len(profile.layers)} layers in ms; together "
        f"{show_ms(profile.sum_ms)}, {profile.overhead:+.1%} on the whole graph's "
        f"{show_ms(profile.whole_ms)}"
    )


def slowest_layers(profile: GraphProfile) -> list[tuple[str, ...]]:
    slowest = sorted(profile.layers, key=lambda layer: -layer.median_ms)[:SLOWEST]
    return [(one.name, one.type, show_ms(one.median_ms), f"{one.share:.1%}") for one in slowest]
