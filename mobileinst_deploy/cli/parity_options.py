"""What `mobileinst parity` can be told, and which of it needs a phone."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobileinst_deploy.cli.bench_options import all_of
from mobileinst_deploy.cli.devices import keys_option
from mobileinst_deploy.cli.runtimes import tnn_option

if TYPE_CHECKING:
    from export.manifest import Precision

ON_PHONES = ("fp32", "fp16-storage", "fp16")
FOR_PHONES = ("precisions", "core", "keys", "remove_files")  # options that say nothing without one


@dataclass(frozen=True)
class Asked:
    """The options as they came; each is called as its flag."""

    runtimes: str | None
    video: Path | None
    frames: int | None
    sequence: int
    tolerance: str | None
    bisect: bool
    serials: tuple[str, ...]
    precisions: "tuple[Precision, ...]"
    core: str
    keys: Path | None
    remove_files: bool


comparison_options = all_of(
    click.option(
        "--runtimes",
        show_default="all; with --serial none but the phone's",
        help="With commas between, out of those listed below; 'all' are those that the bundle has "
        "files for.",
    ),
    click.option(
        "--video",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Frames of this video, spread over it; without it the bundle's golden frames.",
    ),
    click.option(
        "--frames",
        type=click.IntRange(1, 1000),
        show_default="4 of a video, or all golden ones",
        help="How many frames to compare.",
    ),
    click.option(
        "--sequence",
        type=click.IntRange(0, 1000),
        default=0,
        show_default=True,
        help="Reuse the first frame's kernels for so many frames, state handed over, and report "
        "drift.",
    ),
    click.option(
        "--tolerance",
        type=click.Choice(["fp32", "fp16-storage", "fp16", "int8"]),
        show_default="each runtime's precision has its own",
        help="The limits to hold every comparison to.",
    ),
    tnn_option,
    click.option("--bisect", is_flag=True, help="Name the first tensor that differs."),
)


def split_precisions(
    context: click.Context, parameter: click.Parameter, names: str | None
) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(names.split(","))) if names is not None else ()
    if unknown := [name for name in asked if name not in ON_PHONES]:
        raise click.BadParameter(
            f"unknown precision {unknown[0]!r}: a phone has {', '.join(ON_PHONES)}",
            context, parameter,
        )  # fmt: skip
    return asked


phone_options = all_of(
    click.option(
        "--serial",
        "serials",
        multiple=True,
        metavar="SERIAL",
        help="A phone that runs the ncnn files: HOST:PORT, or what 'mobileinst devices' lists. "
        "Can be given several times.",
    ),
    click.option(
        "--precisions",
        metavar="NAME,NAME",
        callback=split_precisions,
        show_default="those that the bundle has files for",
        help="On the phone, out of fp32, fp16-storage and fp16.",
    ),
    click.option(
        "--core",
        default="",
        show_default="one of the fastest cluster",
        help="The phone's core to run on, since kernels depend on it: prime, big, little or its "
        "number.",
    ),
    keys_option,
    click.option(
        "--remove-files",
        is_flag=True,
        help="Leave nothing on the phone; else a second run need not push the files again.",
    ),
)


def asked_for(options: dict[str, Any]) -> Asked:
    """Raises UsageError for an option that makes no sense without --serial."""
    context, asked = click.get_current_context(), Asked(**options)
    if len(set(asked.serials)) < len(asked.serials):
        raise click.UsageError("a serial is there twice", context)
    for name in () if asked.serials else FOR_PHONES:
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            flag = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{flag} needs a phone: give --serial", context)
    return asked
