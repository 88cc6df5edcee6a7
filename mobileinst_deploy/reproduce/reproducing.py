"""From bundles and samples to a result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from export.errors import ConversionError
from mobileinst_deploy.reproduce.bundles import Found
from mobileinst_deploy.reproduce.choosing import Network, make_network
from mobileinst_deploy.reproduce.measured import Measured
from mobileinst_deploy.reproduce.paper import PaperTable
from mobileinst_deploy.reproduce.result import SCHEMA_VERSION, Macs, Reproduction, Run
from mobileinst_deploy.reproduce.summarising import fill_table, summarise_run


@dataclass(frozen=True)
class TimedRun:
    run: Run
    missing: dict[str, str]  # why a network is not in it, by model


def make_networks(tables: Sequence[PaperTable], found: Found) -> tuple[Network, ...]:
    """In the order of the tables' models. Raises ConversionError where there is none."""
    if not found.bundles:
        model, reason = next(iter(found.missing.items()))
        raise ConversionError(f"no network can be exported; {model}: {reason}")
    return tuple(make_network(tables, model, bundle) for model, bundle in found.bundles.items())


def time_run(networks: Sequence[Network], found: Found, measured: Measured) -> TimedRun:
    """Raises BenchError where the series are not of the same rounds."""
    run = summarise_run(measured, networks[0].model)
    return TimedRun(run, found.missing | measured.failed)


def make_result(
    tables: Sequence[PaperTable],
    size: tuple[int, int],
    timed: TimedRun | None,
    macs: Mapping[str, Macs],
) -> Reproduction:
    """Without a run, MACs alone."""
    graphs = timed.run.graphs if timed else {}
    missing = timed.missing if timed else {}
    return Reproduction(
        SCHEMA_VERSION,
        *size,
        tuple(fill_table(table, graphs, missing, macs) for table in tables),
        timed.run if timed else None,
    )
