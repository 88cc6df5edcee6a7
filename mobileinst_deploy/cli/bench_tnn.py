"""What `mobileinst bench` can be told about the user's own TNN for a phone."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.bench_options import Asked, all_of

if TYPE_CHECKING:  # NumPy takes longer to import than `--help` should
    from mobileinst_deploy.bench.tnn_plan import TnnMode, TnnSettings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TNN = "tnn"

tnn_options = all_of(
    click.option(
        "--tnn-test",
        metavar="FILE",
        type=FILE,
        help="Your TNNTest for the phone, to measure the runtime tnn in.",
    ),
    click.option(
        "--tnn-lib",
        metavar="FILE",
        multiple=True,
        type=FILE,
        help="The libTNN.so it needs, and any other library of yours.",
    ),
    click.option(
        "--tnn-runs",
        metavar="K",
        type=click.IntRange(min=1),
        default=8,
        show_default=True,
        help="TNNTest prints nothing but means: a sample is the mean of so many runs.",
    ),
    click.option(
        "--tnn-warmup-runs",
        metavar="N",
        type=click.IntRange(min=0),
        default=3,
        show_default=True,
        help="Each process of TNNTest runs a graph so many times before.",
    ),
)


def tnn_settings(asked: Asked) -> "TnnSettings | None":
    """None where TNN was not asked for.

    Raises UsageError where options contradict each other, BenchError where the program can't run on
    a phone.
    """
    from android_bench.tnn.program import check_program
    from mobileinst_deploy.bench.tnn_plan import TnnSettings

    usual = TNN if asked.tnn_test else ""
    names = (usual if asked.runtime is None else asked.runtime).split(",")
    if not any(name.partition(":")[0] == TNN for name in names):
        refuse_tnn_options(asked)
        return None
    modes = tnn_modes(names)
    if asked.tnn_test is None:
        raise click.UsageError(
            "--runtime tnn needs --tnn-test, the program that TNN is built with; see docs/tnn.md",
            click.get_current_context(),
        )
    for flag, given in (("--interval", asked.interval), ("--profile", asked.profile)):
        if given:
            raise click.UsageError(
                f"{flag} needs the native runner: TNNTest can't do that; leave it out, or measure "
                "ncnn",
                click.get_current_context(),
            )
    program = check_program(asked.tnn_test, asked.tnn_lib)
    return TnnSettings(program, modes, asked.tnn_runs, asked.tnn_warmup_runs)


def tnn_modes(names: list[str]) -> "tuple[TnnMode, ...]":
    """Raises BadParameter for others than TNN's."""
    from mobileinst_deploy.bench.tnn_plan import MODES

    for name in names:
        if name.partition(":")[0] != TNN:
            raise click.BadParameter(
                f"{name!r} can't take turns with TNN, which runs in processes of its own; measure "
                "one after the other, and give both results to 'mobileinst compare'",
                param_hint="--runtime",
            )
        if name not in MODES:
            raise click.BadParameter(
                f"unknown runtime {name!r}: of TNN there are {', '.join(MODES)}",
                param_hint="--runtime",
            )
    return tuple(MODES[name] for name in dict.fromkeys(names))


def refuse_tnn_options(asked: Asked) -> None:
    for flag, given in (("--tnn-test", asked.tnn_test), ("--tnn-lib", asked.tnn_lib)):
        if given:
            raise click.UsageError(
                f"{flag} needs --runtime tnn, with --serial", click.get_current_context()
            )
