"""`mobileinst bench`: how long each graph of a bundle takes on one core."""

import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.output import (
    check_output,
    format_option,
    is_terminal,
    stdout_console,
)

if TYPE_CHECKING:  # what these import takes longer than `--help` should
    from android_bench.results import BenchResult
    from export.manifest import Bundle

REFRESH_S = 0.2


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--device",
    type=click.Choice(["host"]),
    default="host",
    show_default=True,
    expose_value=False,
    help="Where to measure; host is this machine.",
)
@click.option(
    "--runtime",
    default="onnxruntime",
    show_default=True,
    help="What runs the graphs: onnxruntime[:int8], ncnn[:fp16-storage], torch. Several with "
    "commas between take turns; ratios are to the first one's keyframe graph.",
)
@click.option(
    "--core",
    type=click.IntRange(min=0),
    show_default="the last one allowed",
    help="The core to measure on.",
)
@click.option(
    "--warmup",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Rounds before those that count.",
)
@click.option(
    "--iterations",
    type=click.IntRange(min=2),
    default=50,
    show_default=True,
    help="Rounds that count; every graph runs once a round.",
)
@click.option(
    "--graphs",
    metavar="NAME,NAME",
    help="Measure only these; the keyframe graph always comes along, for the ratios.",
)
@format_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the result with every sample, as JSON.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
def bench(
    bundle: Path,
    runtime: str,
    core: int | None,
    warmup: int,
    iterations: int,
    graphs: str | None,
    output_format: str,
    output: Path | None,
    overwrite: bool,
) -> None:
    """Measure how long each graph of BUNDLE takes on one core.

    The graphs take turns, so that whatever slows the machine slows all of them. The keyframe graph
    takes part twice: what lies between the two is the noise floor, below which no difference
    means anything.

    \b
    Example: 50 rounds on core 1, kept with every sample.
      mobileinst bench out/topformer --core 1 --iterations 50 -o bench.json
    ncnn beside ONNX Runtime, in one interleaved run:
      mobileinst bench out/topformer --runtime ncnn,onnxruntime
    """
    from export.manifest import open_bundle
    from mobileinst_deploy.bench.host import BenchSettings, bench_host
    from mobileinst_deploy.cli.runtimes import measurable

    check_output(output, overwrite)
    opened = open_bundle(bundle)
    settings = BenchSettings(core, warmup, iterations, split_graphs(opened, graphs))
    runtimes = measurable(runtime)
    with progress_bar() as progress:
        result = bench_host(opened, runtimes, settings, progress)
    save_result(result, output)  # first, since printing fails where a pipe is closed
    PRINTERS[output_format](result)
    click.echo(f"Next: {next_command(bundle, output)}", err=True)


def split_graphs(bundle: "Bundle", names: str | None) -> tuple[str, ...]:
    asked = tuple(name.strip() for name in names.split(",")) if names is not None else ()
    if unknown := [name for name in asked if name not in bundle.manifest.graphs]:
        raise click.BadParameter(
            f"no graph {unknown[0]!r}; the bundle has {', '.join(bundle.manifest.graphs)}",
            param_hint="--graphs",
        )
    return asked


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """Drawn on stderr if that is a terminal, and by no thread of its own: it would be measured."""
    from rich.console import Console
    from rich.progress import Progress

    hidden = not is_terminal(sys.stderr)
    with Progress(
        console=Console(stderr=True), auto_refresh=False, transient=True, disable=hidden
    ) as bar:
        task, drawn_s = bar.add_task("measuring", total=None), 0.0

        def show(done: int, total: int) -> None:
            nonlocal drawn_s
            if done == total or time.monotonic() - drawn_s > REFRESH_S:
                drawn_s = time.monotonic()
                bar.update(task, completed=done, total=total, refresh=True)

        yield show


def print_table(result: "BenchResult") -> None:
    from mobileinst_deploy.bench.table import render

    stdout_console().print(render(result))


def print_json(result: "BenchResult") -> None:
    from android_bench.results import encode

    click.echo(encode(result), nl=False)


PRINTERS = {"table": print_table, "json": print_json}


def save_result(result: "BenchResult", output: Path | None) -> None:
    from android_bench.results import save

    if output is not None:
        save(result, output)
        click.echo(f"Saved {output}", err=True)


def next_command(bundle: Path, output: Path | None) -> str:
    """Keep the figures; or, when they are kept, see that the graphs compute the right thing."""
    command = ["parity", str(bundle)] if output else ["bench", str(bundle), "-o", "bench.json"]
    return shlex.join(["mobileinst", *command])
