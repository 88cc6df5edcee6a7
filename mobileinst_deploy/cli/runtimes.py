"""Runtimes as options have them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from export.manifest import Bundle
    from mobileinst_deploy.runtimes.base import Runtime


def named(names: str, option: str) -> "tuple[Runtime, ...]":
    """With commas between.

    Raises BadParameter, which lists the known ones; DeviceError where one can't be used here.
    """
    from android_bench.errors import DeviceError
    from mobileinst_deploy.runtimes import RUNTIMES
    from mobileinst_deploy.runtimes.base import is_installed

    asked = dict.fromkeys(names.split(","))
    if unknown := [name for name in asked if name not in RUNTIMES]:
        raise click.BadParameter(
            f"unknown runtime {unknown[0]!r}: known are {', '.join(RUNTIMES)}", param_hint=option
        )
    runtimes = tuple(RUNTIMES[name] for name in asked)
    for runtime in runtimes:
        if is_installed(runtime.package) and (reason := runtime.obstacle()):
            raise DeviceError(f"{runtime.name} can't be used here: {reason}")
    return runtimes


def measurable(names: str) -> "tuple[Runtime, ...]":
    """Raises BadParameter for one whose latency would mean nothing."""
    runtimes = named(names, "--runtime")
    for runtime in runtimes:
        if not runtime.measurable:
            raise click.BadParameter(
                f"{runtime.name} is there to compare numbers, its latency means nothing",
                param_hint="--runtime",
            )
    return runtimes


def comparable(bundle: "Bundle", names: str) -> "tuple[Runtime, ...]":
    """With "all": those that the bundle has files for, and that can be used here."""
    from mobileinst_deploy.runtimes import usable

    if names != "all":
        return named(names, "--runtimes")
    found, skipped = usable(bundle)
    for reason in dict.fromkeys(skipped.values()):
        names = ", ".join(name for name, own in skipped.items() if own == reason)
        click.echo(f"Skipped {names}: {reason}", err=True)
    return found


@contextmanager
def in_environment(variable: str, value: str) -> Iterator[None]:
    before = os.environ.get(variable)
    os.environ[variable] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


def choose_tnn(context: click.Context, parameter: click.Parameter, library: Path | None) -> None:
    """Until the command ends; the runtime reads the rest of its settings there too."""
    if library:
        context.with_resource(in_environment("TNN_LIBRARY", str(library)))


tnn_option = click.option(
    "--tnn-lib",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=choose_tnn,
    expose_value=False,
    show_default="what TNN_LIBRARY says",
    help="Your libTNN.so or libTNN.a, for the runtime tnn.",
)
