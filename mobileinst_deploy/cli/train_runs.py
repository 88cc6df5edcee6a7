"""What `mobileinst train` says while it works, when it is stopped, and at the end."""

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
import msgspec

from mobileinst_deploy.cli.output import is_terminal, note, stdout_console
from mobileinst_deploy.training import (
    Summary,
    TrainWishes,
    describe,
    prepare_training,
    summary_table,
    train,
)
from models.training.loop import Prepared, Report
from models.training.processes import Processes
from models.training.saving import find_checkpoint, read_progress


def run_training(wishes: TrainWishes, processes: Processes) -> Summary:
    """Only the first process says anything."""
    prepared = prepare_training(wishes, processes)
    if not processes.first:
        return train(prepared, wishes.output, processes, lambda iteration, loss: None)
    note(describe(prepared))
    for line in prepared.notes:
        note(f"Note: {line}")
    with resumable(wishes), reporting(prepared) as report:
        return train(prepared, wishes.output, processes, report)


@contextmanager
def resumable(wishes: TrainWishes) -> Iterator[None]:
    """Where it is stopped, says how to go on."""
    try:
        yield
    except (SystemExit, KeyboardInterrupt):
        checkpoint = find_checkpoint(wishes.output)
        if checkpoint:
            kept = f"Kept the checkpoint of iteration {read_progress(checkpoint)}"
            note(f"{kept}: go on with '{resume_command(wishes)}'")
        else:
            note("There was no checkpoint yet: the same command begins again")
        raise


def resume_command(wishes: TrainWishes) -> str:
    """Of one process."""
    words = ["mobileinst", "train", wishes.config, "-o", str(wishes.output), "--resume"]
    for option, path in (("--data", wishes.data), ("--weights", wishes.weights)):
        words += [option, str(path)] if path else []
    return shlex.join(words)


@contextmanager
def reporting(prepared: Prepared) -> Iterator[Report]:
    """A bar on a terminal; elsewhere a line every `log_every` iterations, with the mean loss."""
    total = prepared.plan.iterations
    if is_terminal(sys.stderr):
        with bar(total) as report:
            yield report
    else:
        yield lines(total, prepared.config.run.log_every)


@contextmanager
def bar(total: int) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("train"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.3f}, {task.fields[rate]:.2f} iterations/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("train", total=total, loss=float("nan"), rate=0.0)
        begun_s, first = time.monotonic(), 0

        def report(iteration: int, loss: float) -> None:
            nonlocal first
            first = first or iteration
            rate = (iteration - first + 1) / (time.monotonic() - begun_s)
            progress.update(task, completed=iteration, loss=loss, rate=rate)

        yield report


def lines(total: int, every: int) -> Report:
    losses: list[float] = []
    since_s = time.monotonic()

    def report(iteration: int, loss: float) -> None:
        nonlocal losses, since_s
        losses.append(loss)
        if iteration % every == 0 or iteration == total:
            now_s = time.monotonic()
            rate = len(losses) / (now_s - since_s)
            mean = sum(losses) / len(losses)
            note(f"iteration {iteration} of {total}: loss {mean:.3f}, {rate:.2f} iterations/s")
            losses, since_s = [], now_s

    return report


def show(summary: Summary, output_format: str) -> None:
    if output_format == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(summary), indent=2))
    else:
        stdout_console().print(summary_table(summary))
    note(f"Saved {summary.weights}")
    bundle = f"{summary.folder.rstrip('/')}-bundle"
    note(f"Next: {shlex.join(['mobileinst', 'export', summary.folder, '-o', bundle])}")
