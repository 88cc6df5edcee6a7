"""Which rows are measured, and which networks and graphs they need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from android_bench.measurement.results import KEYFRAME
from export.manifest import Bundle
from mobileinst_deploy.bench.plan import Job
from mobileinst_deploy.reproduce.paper import TABLES, PaperRow, PaperTable
from mobileinst_deploy.runtimes.base import Runtime

FRAME = (KEYFRAME, "masks")  # what every frame runs; a network may lack the second


@dataclass(frozen=True)
class Network:
    """A bundle, and those of its graphs that take part."""

    model: str
    bundle: Bundle
    graphs: tuple[str, ...]

    def jobs(self, runtime: Runtime) -> tuple[Job, ...]:
        return tuple(Job(graph_key(self.model, graph), runtime, graph) for graph in self.graphs)


def graph_key(model: str, graph: str) -> str:
    """What a graph is called in a run of several networks."""
    return f"{model}/{graph}"


def choose_tables(numbers: Sequence[int], models: Sequence[str] = ()) -> tuple[PaperTable, ...]:
    """These tables with the rows of these models, or all rows; their references always stay."""
    return tuple(
        replace(table, rows=tuple(choose_rows(table, models)))
        for table in (TABLES[number] for number in numbers)
    )


def choose_rows(table: PaperTable, models: Sequence[str]) -> Iterable[PaperRow]:
    for row in table.rows:
        if not models or row.model in models or row is table.base:
            yield row


def all_rows(tables: Iterable[PaperTable]) -> tuple[PaperRow, ...]:
    return tuple(row for table in tables for row in table.rows)


def models_of(tables: Sequence[PaperTable]) -> tuple[str, ...]:
    """Each once, those first that others are compared with."""
    bases = (table.base.model for table in tables)
    return tuple(dict.fromkeys((*bases, *(row.model for row in all_rows(tables)))))


def make_network(tables: Sequence[PaperTable], model: str, bundle: Bundle) -> Network:
    """With the graphs of every row that the model has."""
    rows = [row for row in all_rows(tables) if row.model == model]
    scheduled = {
        graph
        for row in rows
        if row.interval > 1
        for graph in (*row.schedule.key, row.schedule.reuse)
    }
    there = bundle.manifest.graphs
    wanted = (*FRAME, *(graph for graph in there if graph in scheduled))
    return Network(model, bundle, tuple(dict.fromkeys(graph for graph in wanted if graph in there)))
