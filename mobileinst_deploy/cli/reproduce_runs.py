"""What `mobileinst reproduce` does: measure, count, save, print."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from android_bench.files import replace_file
from android_bench.remote.session import open_session
from mobileinst_deploy.bench.phone import PhoneSettings, Watch
from mobileinst_deploy.bench.phone_runner import runner_for
from mobileinst_deploy.bench.plan import BenchSettings
from mobileinst_deploy.cli.bars import progress_bars
from mobileinst_deploy.cli.bench_runs import host_core, tell
from mobileinst_deploy.cli.output import note, stdout_console
from mobileinst_deploy.cli.progress import steps
from mobileinst_deploy.cli.reproduce import is_markdown
from mobileinst_deploy.cli.reproduce_options import Asked
from mobileinst_deploy.cli.runtimes import measurable, note_wheel, on_phone
from mobileinst_deploy.reproduce.bundles import Wanted, collect_bundles
from mobileinst_deploy.reproduce.choosing import Network, choose_tables, models_of
from mobileinst_deploy.reproduce.host import measure_on_host
from mobileinst_deploy.reproduce.markdown import markdown
from mobileinst_deploy.reproduce.measured import Measured
from mobileinst_deploy.reproduce.paper import PaperTable
from mobileinst_deploy.reproduce.phone import measure_on_phone
from mobileinst_deploy.reproduce.reproducing import TimedRun, make_networks, make_result, time_run
from mobileinst_deploy.reproduce.result import Macs, Reproduction, encode
from mobileinst_deploy.reproduce.table import render
from mobileinst_deploy.runtimes.base import Runtime


def reproduce_tables(asked: Asked) -> Reproduction:
    tables = tables_of(asked)
    timed = None if asked.macs_only else time_tables(asked, tables)
    macs = {} if asked.skip_macs else count_macs(asked, models_of(tables))
    return make_result(tables, asked.size, timed, macs)


def tables_of(asked: Asked) -> tuple[PaperTable, ...]:
    """Raises BadParameter for a network that none of the tables has a row of."""
    numbers = sorted(map(int, asked.tables))
    known = models_of(choose_tables(numbers))
    models = tuple(asked.rows.split(",")) if asked.rows is not None else ()
    if unknown := [model for model in models if model not in known]:
        raise click.BadParameter(
            f"no row of {unknown[0]!r} in Tab. {', '.join(map(str, numbers))}: they have "
            f"{', '.join(known)}",
            param_hint="--rows",
        )
    return choose_tables(numbers, models)


def time_tables(asked: Asked, tables: Sequence[PaperTable]) -> TimedRun:
    runtime = one_runtime(asked)
    core = None if asked.serial else host_core(asked.core)
    with bundle_folder(asked.bundles) as folder:
        wanted = Wanted(Path(folder), asked.size, runtime.format or "onnx", runtime.precision)
        models = models_of(tables)
        with steps("bundles", len(models)) as step:
            found = collect_bundles(models, wanted, step)
        networks = make_networks(tables, found)
        settings = BenchSettings(core, asked.warmup, asked.iterations)
        measured = measure(asked, networks, runtime, settings)
    return time_run(networks, found, measured)


def one_runtime(asked: Asked) -> Runtime:
    """Raises BadParameter for several, or one that runs no files of a bundle."""
    if asked.serial:
        runtimes = on_phone(asked.runtime or "ncnn")
    else:
        runtimes = measurable(asked.runtime or "onnxruntime")
    if len(runtimes) > 1 or runtimes[0].format is None:
        raise click.BadParameter(
            f"expected one runtime with files of its own, got {asked.runtime}",
            param_hint="--runtime",
        )
    return runtimes[0]


def bundle_folder(given: Path | None) -> AbstractContextManager[Path | str]:
    """The folder, or one that is gone afterwards."""
    return nullcontext(given) if given else TemporaryDirectory(prefix="mobileinst-bundles-")


def measure(
    asked: Asked, networks: Sequence[Network], runtime: Runtime, settings: BenchSettings
) -> Measured:
    with progress_bars() as bar:
        if asked.serial is None:
            measured = measure_on_host(networks, runtime, settings, bar("measuring"))
            note_wheel(asked.runtime or "")
            return measured
        phone = PhoneSettings(
            settings,
            asked.core,
            max_temperature_c=asked.max_temperature,
            cool_down_s=asked.cool_down,
        )
        watch = Watch(bar("measuring"), bar("pushing"))
        with open_session(
            asked.serial, asked.keys, remove_files=asked.remove_files, notify=tell
        ) as session:
            runner = runner_for(session.facts)
            return measure_on_phone(session, runner, networks, runtime, phone, watch)


def count_macs(asked: Asked, models: Sequence[str]) -> dict[str, Macs]:
    from mobileinst_deploy.reproduce.counting import count_all

    with steps("counting", len(models)) as step:
        return count_all(models, asked.size, step)


def save(result: Reproduction, output: Path | None) -> None:
    if output is not None:
        content = markdown(result).encode() if is_markdown(output) else encode(result)
        replace_file(output, content)
        note(f"Saved {output}")


def print_result(result: Reproduction, output_format: str) -> None:
    if output_format == "table":
        stdout_console().print(render(result))
    else:
        text = markdown(result).encode() if output_format == "markdown" else encode(result)
        click.echo(text, nl=False)
