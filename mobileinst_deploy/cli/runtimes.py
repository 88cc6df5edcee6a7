"""Runtimes as options have them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.output import note

if TYPE_CHECKING:
    from export.manifest import Bundle
    from mobileinst_deploy.runtimes.base import Runtime

NCNN = ("ncnn", "ncnn:fp16-storage", "ncnn:fp16")  # which of two runs it, the machine decides


def named(names: str, option: str, known: "Mapping[str, Runtime]") -> "tuple[Runtime, ...]":
    """With commas between.

    Raises BadParameter, which lists the known ones; DeviceError where one can't be used here.
    """
    from android_bench.errors import DeviceError
    from mobileinst_deploy.runtimes.base import is_installed

    asked = names.split(",")
    if unknown := [name for name in asked if name not in known]:
        raise click.BadParameter(
            f"unknown runtime {unknown[0]!r}: known are {', '.join(known)}", param_hint=option
        )
    runtimes = tuple(dict.fromkeys(known[name] for name in asked))
    for runtime in runtimes:
        there = runtime.native or is_installed(runtime.package)
        if there and (reason := runtime.obstacle()):
            raise DeviceError(f"{runtime.name} can't be used here: {reason}")
    return runtimes


def measurable(names: str) -> "tuple[Runtime, ...]":
    """On this machine; ncnn is the native runner where that is built, and else ncnn's wheel.

    Raises BadParameter for one whose latency would mean nothing.
    """
    from mobileinst_deploy.runtimes import RUNTIMES
    from mobileinst_deploy.runtimes.native import NCNN_RUNNERS, built

    wheels = tuple(wheel(RUNTIMES[name]) for name in NCNN)
    chosen = NCNN_RUNNERS if built() else wheels
    known = {
        **RUNTIMES,
        **dict(zip(NCNN, chosen, strict=True)),
        **{runtime.name: runtime for runtime in wheels},
    }
    runtimes = named(names, "--runtime", known)
    for runtime in runtimes:
        if not runtime.measurable:
            raise click.BadParameter(
                f"{runtime.name} is there to compare numbers, its latency means nothing",
                param_hint="--runtime",
            )
    return runtimes


def note_wheel(names: str) -> None:
    """Says so where the native runner was meant and ncnn's wheel was measured."""
    from mobileinst_deploy.runtimes.native import built, not_built

    if not {*NCNN}.isdisjoint(names.split(",")) and not built():
        note(f"Note: ncnn's wheel was measured, since {not_built()}")


def wheel(runtime: "Runtime") -> "Runtime":
    """ncnn's wheel under a name that says so."""
    return replace(runtime, name=runtime.name.replace("ncnn", "ncnn-wheel"))


def on_phone(names: str) -> "tuple[Runtime, ...]":
    """Raises BadParameter, which lists those that a phone can have."""
    from mobileinst_deploy.runtimes.native import phone_runtimes

    known = phone_runtimes()
    return named(names, "--runtime", known)


def comparable(bundle: "Bundle", names: str) -> "tuple[Runtime, ...]":
    """With "all": those that the bundle has files for, and that can be used here."""
    from mobileinst_deploy.runtimes import RUNTIMES, usable

    if names != "all":
        return named(names, "--runtimes", RUNTIMES)
    found, skipped = usable(bundle)
    for reason in dict.fromkeys(skipped.values()):
        names = ", ".join(name for name, own in skipped.items() if own == reason)
        note(f"Skipped {names}: {reason}")
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
