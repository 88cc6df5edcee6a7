"""What `mobileinst bench` does: measure, save, print."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from android_bench.measurement import results
from android_bench.measurement.results import BenchResult
from android_bench.remote.fleet import Outcome, Stop, on_all
from android_bench.remote.session import Session, open_session
from export.manifest import Bundle, open_bundle
from mobileinst_deploy.bench.host import bench_host
from mobileinst_deploy.bench.phone import PhoneSettings, Watch, bench_phone
from mobileinst_deploy.bench.phone_runner import runner_for
from mobileinst_deploy.bench.phone_runs import ScheduleSettings
from mobileinst_deploy.bench.plan import BenchSettings
from mobileinst_deploy.bench.table import render
from mobileinst_deploy.bench.tnn_phone import bench_tnn
from mobileinst_deploy.cli.bars import progress_bars
from mobileinst_deploy.cli.bench_options import Asked
from mobileinst_deploy.cli.bench_tnn import tnn_settings
from mobileinst_deploy.cli.main import report
from mobileinst_deploy.cli.output import note, stdout_console
from mobileinst_deploy.cli.runtimes import measurable, note_wheel, on_phone
from mobileinst_deploy.errors import exit_code

NUMBER = re.compile("[0-9]{1,9}")  # of a core of this machine

PhoneBench = Callable[[Session, PhoneSettings, Watch], BenchResult]


def measure_host(path: Path, asked: Asked, output: Path | None, output_format: str) -> None:
    bundle = open_bundle(path)
    settings = round_settings(bundle, asked, host_core(asked.core))
    names = "onnxruntime" if asked.runtime is None else asked.runtime
    runtimes = measurable(names)
    with progress_bars() as bar:
        result = bench_host(bundle, runtimes, settings, bar("measuring"))
    save(result, output)  # first, since printing fails where a pipe is closed
    note_wheel(names)
    PRINTERS[output_format]([result])


def measure_phones(
    path: Path, asked: Asked, outputs: Mapping[str, Path | None], output_format: str
) -> None:
    """All at once; what one phone found is saved whatever becomes of the others.

    Raises the worst of their errors, after the results are printed.
    """
    bundle = open_bundle(path)
    settings = phone_settings(bundle, asked)
    bench = phone_bench(bundle, asked)
    with progress_bars() as bar:
        watches = {
            serial: Watch(bar(f"{serial}: measuring"), bar(f"{serial}: pushing"))
            for serial in asked.serials
        }

        def measure(serial: str, stop: Stop) -> BenchResult:
            with open_session(
                serial,
                asked.keys,
                remove_files=asked.remove_files,
                check=stop.check,
                notify=tell,
            ) as session:
                result = bench(session, settings, watches[serial])
            save(result, outputs[serial])
            return result

        outcomes = on_all(asked.serials, measure)
    found = [outcome.result for outcome in outcomes if outcome.result]
    printers = PRINTERS_OF_SEVERAL if len(outcomes) > 1 else PRINTERS
    printers[output_format](found)
    report_failures(outcomes)


def phone_bench(bundle: Bundle, asked: Asked) -> PhoneBench:
    """With the native runner, or in the user's own TNNTest. Raises UsageError, BenchError."""
    if tnn := tnn_settings(asked):
        return lambda session, settings, watch: bench_tnn(session, bundle, tnn, settings, watch)
    runtimes = on_phone("ncnn" if asked.runtime is None else asked.runtime)
    return lambda session, settings, watch: bench_phone(
        session, runner_for(session.facts), bundle, runtimes, settings, watch
    )


def tell(line: str) -> None:
    note(f"Warning: {line}")


def phone_settings(bundle: Bundle, asked: Asked) -> PhoneSettings:
    schedule = asked.interval and ScheduleSettings(asked.interval, asked.frames, asked.fps)
    return PhoneSettings(
        rounds=round_settings(bundle, asked),
        core=asked.core,
        schedule=schedule or None,
        profile=asked.profile,
        max_temperature_c=asked.max_temperature,
        cool_down_s=asked.cool_down,
    )


def report_failures(outcomes: Sequence[Outcome[BenchResult]]) -> None:
    """Raises the error of a phone alone; of several, ends with the highest code of theirs."""
    errors = {outcome.serial: outcome.error for outcome in outcomes if outcome.error}
    for error in errors.values():
        if len(outcomes) == 1 or exit_code(error) is None:  # None: a defect of ours
            raise error
    for serial, error in errors.items():
        report(f"{serial}: {error}")
    if errors:
        raise SystemExit(max(exit_code(error) or 0 for error in errors.values()))


def round_settings(bundle: Bundle, asked: Asked, core: int | None = None) -> BenchSettings:
    return BenchSettings(core, asked.warmup, asked.iterations, split_graphs(bundle, asked.graphs))


def host_core(asked: str) -> int | None:
    if not asked:
        return None
    if not NUMBER.fullmatch(asked):
        raise click.BadParameter(
            f"{asked!r} is no core of this machine: expected a number; prime, big and little are "
            "a phone's, given by --serial",
            param_hint="--core",
        )
    return int(asked)


def split_graphs(bundle: Bundle, names: str | None) -> tuple[str, ...]:
    asked = tuple(name.strip() for name in names.split(",")) if names is not None else ()
    if unknown := [name for name in asked if name not in bundle.manifest.graphs]:
        raise click.BadParameter(
            f"no graph {unknown[0]!r}; the bundle has {', '.join(bundle.manifest.graphs)}",
            param_hint="--graphs",
        )
    return asked


def save(result: BenchResult, output: Path | None) -> None:
    if output is not None:
        results.save(result, output)
        note(f"Saved {output}")


def print_tables(found: Sequence[BenchResult]) -> None:
    for result in found:
        stdout_console().print(render(result))


def print_json(found: Sequence[BenchResult]) -> None:
    """As it is saved."""
    for result in found:
        click.echo(results.encode(result), nl=False)


def print_json_list(found: Sequence[BenchResult]) -> None:
    """Of several phones, also where only one of them has a result."""
    click.echo(results.encode_all(found), nl=False)


PRINTERS = {"table": print_tables, "json": print_json}
PRINTERS_OF_SEVERAL = {**PRINTERS, "json": print_json_list}
