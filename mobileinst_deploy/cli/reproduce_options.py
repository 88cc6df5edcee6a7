"""What `mobileinst reproduce` can be told, and which of it makes sense together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mobileinst_deploy.cli.bench_options import (
    all_of,
    core_option,
    keys_option,
    waiting_options,
)
from mobileinst_deploy.cli.export import Names, Size

TABLES = tuple("1234567")
# Options that say nothing without --serial, and those that say nothing with --macs-only.
FOR_PHONES = ("max_temperature", "cool_down", "keys", "remove_files")
FOR_RUNS = ("bundles", "runtime", "serial", "core", "warmup", "iterations", *FOR_PHONES)


@dataclass(frozen=True)
class Asked:
    """The options as they came; each is called as its flag."""

    tables: tuple[str, ...]
    rows: str | None
    size: tuple[int, int]
    macs_only: bool
    skip_macs: bool
    bundles: Path | None
    runtime: str | None
    serial: str | None
    core: str
    warmup: int
    iterations: int
    max_temperature: float
    cool_down: float
    keys: Path | None
    remove_files: bool


table_options = all_of(
    click.option(
        "--tables",
        type=Names("TABLE", TABLES),
        default=",".join(TABLES),
        show_default=True,
        help="Tables of the paper, with commas between; all are measured in one run.",
    ),
    click.option(
        "--rows",
        metavar="MODEL,MODEL",
        help="Only the rows of these networks; a table's reference always comes along.",
    ),
    click.option(
        "--size",
        type=Size(),
        default="320x640",
        show_default=True,
        help="The networks' input size; the paper's figures are of 320x640.",
    ),
    click.option("--macs-only", is_flag=True, help="Measure nothing: count MACs."),
    click.option("--skip-macs", is_flag=True, help="Count no MACs."),
)

run_options = all_of(
    click.option(
        "--bundles",
        metavar="DIR",
        type=click.Path(file_okay=False, path_type=Path),
        help="Take each network's bundle from DIR/MODEL, and export to there what is missing, with "
        "drawn weights. Without it everything is exported anew, and removed at the end.",
    ),
    click.option(
        "--runtime",
        show_default="onnxruntime; on a phone ncnn",
        help="What runs the graphs: onnxruntime, ncnn, ncnn-runner, ncnn-wheel.",
    ),
    click.option("--serial", metavar="SERIAL", help="Measure on that phone, not on this machine."),
    core_option,
    click.option(
        "--warmup",
        type=click.IntRange(min=0),
        default=5,
        show_default=True,
        help="Rounds before those that count.",
    ),
    click.option(
        "--iterations",
        type=click.IntRange(min=2),
        default=40,
        show_default=True,
        help="Rounds that count; every graph of every network runs once a round.",
    ),
    waiting_options,
    keys_option,
    click.option("--remove-files", is_flag=True, help="Leave nothing on the phone."),
)


def asked_for(options: dict[str, Any]) -> Asked:
    """Raises UsageError where one option makes no sense beside another."""
    context = click.get_current_context()
    asked = Asked(**options)

    def refuse(names: tuple[str, ...], why: str) -> None:
        for name in names:
            source = context.get_parameter_source(name)
            if source is click.core.ParameterSource.COMMANDLINE:
                raise click.UsageError(f"--{name.replace('_', '-')} {why}", context)

    if asked.macs_only:
        refuse((*FOR_RUNS, "skip_macs"), "makes no sense with --macs-only")
    if asked.serial is None:
        refuse(FOR_PHONES, "needs a phone: give --serial")
    return asked
