"""`mobileinst estimate`: what a bundle can't be faster than on a device's core."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.output import format_option, note, stdout_console

if TYPE_CHECKING:  # what these import takes longer than `--help` should
    from android_bench.device.profiles import Profile
    from android_bench.measurement.results import BenchResult
    from mobileinst_deploy.estimate.machine import Precision
    from mobileinst_deploy.estimate.roofline import Convolution

FILE = click.Path(path_type=Path)
PROFILE_SUFFIX = ".toml"


@click.command()
@click.argument("bundle", type=FILE)
@click.option(
    "--device-profile",
    required=True,
    metavar="NAME",
    help="The device: snapdragon-778g and the like, or a .toml file of your own.",
)
@click.option(
    "--precision",
    type=click.Choice(["fp32", "fp16"]),
    default="fp32",
    show_default=True,
    help="Of numbers and arithmetic.",
)
@click.option(
    "--convolution",
    type=click.Choice(["direct", "winograd"]),
    default="winograd",
    show_default=True,
    help="How 3x3 convolutions may multiply; winograd allows both, as most runtimes do.",
)
@click.option(
    "--core",
    type=click.Choice(["prime", "big", "little"]),
    default="prime",
    show_default=True,
    help="The cluster that the core is of.",
)
@click.option("--layers", is_flag=True, help="Bound each layer, and say what rules it.")
@click.option(
    "--result",
    "result_file",
    type=FILE,
    metavar="FILE",
    help="Compare a result of 'mobileinst bench -o' with its bound.",
)
@format_option
def estimate(
    bundle: Path,
    device_profile: str,
    precision: "Precision",
    convolution: "Convolution",
    core: str,
    layers: bool,
    result_file: Path | None,
    output_format: str,
) -> None:
    """Bound BUNDLE's latency on one core from below, by arithmetic and bandwidth: its roofline.

    It is a bound and no measurement. Published figures of the same network on the same chip are
    set against it, and so is a result of your own.

    \b
    Example: what the paper's phone can do at best, layer by layer.
      mobileinst estimate out/base --device-profile snapdragon-778g --layers
    """
    from export.manifest import open_bundle
    from mobileinst_deploy.estimate import estimating, table
    from mobileinst_deploy.estimate.settings import Setting

    profile = find_profile(device_profile, core)
    result = read_result(result_file) if result_file else None
    setting = Setting(precision, convolution)
    found = estimating.estimate(open_bundle(bundle), profile, core, setting, result)
    if not layers:
        found = estimating.without_layers(found)
    if output_format == "json":
        click.echo(table.as_json(found))
    else:
        stdout_console().print(table.render(found))
    if uncounted := sorted({kind for one in found.graphs.values() for kind in one.uncounted}):
        note(f"Counted as bytes alone, their arithmetic is not known: {', '.join(uncounted)}")


def find_profile(name: str, core: str) -> "Profile":
    """One that has such a core.

    Raises BadParameter for an unknown name, InputError for a file that is no profile or lacks it.
    """
    from android_bench.device.profiles import load_profile, read_profile
    from android_bench.errors import BenchError
    from mobileinst_deploy.errors import InputError
    from mobileinst_deploy.estimate.machine import make_machine

    if not name.endswith(PROFILE_SUFFIX):
        try:
            return load_profile(name)
        except BenchError as error:
            raise click.BadParameter(str(error), param_hint="--device-profile") from error
    try:
        profile = read_profile(Path(name))
        make_machine(profile, core, "fp32")
    except BenchError as error:
        raise InputError(str(error)) from error
    return profile


def read_result(path: Path) -> "BenchResult":
    """Raises InputError for what is not a result."""
    from android_bench.errors import BenchError
    from android_bench.farm.reading import load_result
    from mobileinst_deploy.errors import InputError

    try:
        return load_result(path)
    except BenchError as error:
        raise InputError(str(error)) from error
