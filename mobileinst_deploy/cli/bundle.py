"""`mobileinst bundle`: one zip that measures a bundle on any device with a shell."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.bench_options import FOR_SCHEDULES, Finite
from mobileinst_deploy.cli.export import Names
from mobileinst_deploy.cli.output import check_output, format_option, note, stdout_console

if TYPE_CHECKING:
    from android_bench.building import Runner

TARGETS = ("aarch64-android", "x86_64-linux")


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The zip.",
)
@click.option(
    "--precisions",
    type=Names("PRECISION", ("fp32", "fp16-storage", "fp16")),
    default="fp32",
    show_default=True,
    help="What is measured, in one interleaved run; ratios are to the first one's keyframe graph.",
)
@click.option(
    "--graphs",
    metavar="NAME,NAME",
    help="Only these; the keyframe graph always comes along, for the ratios.",
)
@click.option(
    "--interval",
    metavar="T",
    type=click.IntRange(min=1),
    help="Also run frame after frame, one in T being a key frame.",
)
@click.option(
    "--frames",
    type=click.IntRange(min=2),
    default=120,
    show_default=True,
    help="Frames of that run.",
)
@click.option("--fps", type=Finite(min=0.001, max=1e6), help="The camera's rate in it.")
@click.option("--profile", is_flag=True, help="Also time every layer.")
@click.option(
    "--golden",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="The golden frame whose tensors are the inputs.",
)
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    default=TARGETS[0],
    show_default=True,
    help="The machine that it is for.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@format_option
def bundle(
    bundle: Path,
    output: Path,
    precisions: tuple[str, ...],
    graphs: str | None,
    interval: int | None,
    frames: int,
    fps: float | None,
    profile: bool,
    golden: int,
    target: str,
    overwrite: bool,
    output_format: str,
) -> None:
    """Pack BUNDLE as one zip that measures itself on any device with a POSIX shell.

    In it are the native runner, ncnn's files, a frame's tensors, a script and the schema of what
    that writes: one JSON document with every sample, which `mobileinst summarise` turns into what
    `bench --serial` would have written. The same zip comes out each time, byte for byte.

    \b
    Example: float32 beside float16, and one key frame in 6 at the camera's rate.
      mobileinst bundle out/topformer -o farm.zip --precisions fp32,fp16 --interval 6 --fps 30
    """
    from export.manifest import open_bundle
    from mobileinst_deploy.bench.farm import FarmSettings, pack
    from mobileinst_deploy.bench.farm_table import as_json, render
    from mobileinst_deploy.bench.phone_runs import ScheduleSettings
    from mobileinst_deploy.bench.plan import BenchSettings
    from mobileinst_deploy.cli.bench_runs import split_graphs
    from mobileinst_deploy.cli.runtimes import on_phone

    check_output(output, overwrite)
    check_schedule(interval)
    opened = open_bundle(bundle)
    settings = FarmSettings(
        BenchSettings(graphs=split_graphs(opened, graphs), golden=golden),
        ScheduleSettings(interval, frames, fps) if interval else None,
        profile,
    )
    runtimes = on_phone(",".join(map(runtime_name, precisions)))
    farm = pack(output, opened, needed_runner(target), runtimes, settings)
    if output_format == "json":
        click.echo(as_json(output, farm))
    else:
        stdout_console().print(render(output, farm))
    note(f"Next: {next_command(output)}")


def check_schedule(interval: int | None) -> None:
    """Raises UsageError where an option of the schedule is given without one."""
    context = click.get_current_context()
    for name in FOR_SCHEDULES:
        source = context.get_parameter_source(name)
        if interval is None and source is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name} needs --interval", context)


def runtime_name(precision: str) -> str:
    """
    >>> runtime_name("fp32"), runtime_name("fp16")
    ('ncnn', 'ncnn:fp16')
    """
    return "ncnn" if precision == "fp32" else f"ncnn:{precision}"


def needed_runner(target: str) -> "Runner":
    """Raises DeviceError where it is not built."""
    from android_bench.building import built_runner
    from android_bench.errors import DeviceError

    if runner := built_runner(target):
        return runner
    raise DeviceError(
        f"the runner for {target} is not built; build it with "
        f"'mobileinst runner build --target {target}'"
    )


def next_command(output: Path) -> str:
    """By adb, which is what most have at hand."""
    from android_bench.farm.archive import FOLDER

    name, place = shlex.quote(output.name), "/data/local/tmp"
    script = f"cd {place} && unzip -o {name} && sh {FOLDER}/run.sh"
    return (
        f"adb push {shlex.quote(str(output))} {place}/ && adb shell {shlex.quote(script)} && "
        f"adb pull {place}/{FOLDER}/result.json && mobileinst summarise result.json"
    )
