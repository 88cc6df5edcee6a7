"""From samples to the rows of the tables: medians, intervals, ratios to each table's reference."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from android_bench.measurement import statistics
from android_bench.measurement.results import KEYFRAME, GraphSamples
from android_bench.measurement.statistics import Series
from android_bench.measurement.summary import judge_steadiness
from mobileinst_deploy.reproduce.choosing import FRAME, graph_key
from mobileinst_deploy.reproduce.doubts import find_doubts
from mobileinst_deploy.reproduce.measured import POST, Measured
from mobileinst_deploy.reproduce.paper import PaperRow, PaperTable
from mobileinst_deploy.reproduce.result import Macs, Row, Run, Table, Timing

Graphs = Mapping[str, GraphSamples]  # by model/graph


def summarise_run(measured: Measured, reference: str) -> Run:
    """`reference`: the model whose keyframe graph the control is.

    Raises BenchError where the series are not of the same rounds.
    """
    one = measured.measurement
    again = one.graphs[graph_key(reference, KEYFRAME)]
    noise_floor = statistics.noise_floor(one.control.samples_ms, again.samples_ms)
    steadiness = judge_steadiness(one)
    return Run(
        graphs=one.graphs,
        control=one.control,
        noise_floor=noise_floor,
        manifests=measured.manifests,
        peak_rss_mib=one.peak_rss_mib,
        conditions=one.conditions,
        warnings=tuple(find_doubts(one, noise_floor, steadiness)),
        steadiness=steadiness,
        device=one.device,
        emulated=one.device is not None and one.device.emulated,
        cool_down=one.cool_down,
        thermal=one.thermal,
        files=one.files,
    )


def fill_table(
    table: PaperTable, graphs: Graphs, missing: Mapping[str, str], macs: Mapping[str, Macs]
) -> Table:
    """`missing` and `macs` are by model."""
    rows = (fill_row(row, table.base, graphs, missing, macs) for row in table.rows)
    return Table(table.number, table.title, table.ap_of, table.reference, table.rival, tuple(rows))


def fill_row(
    row: PaperRow,
    base: PaperRow,
    graphs: Graphs,
    missing: Mapping[str, str],
    macs: Mapping[str, Macs],
) -> Row:
    measured = {graph_key(model, KEYFRAME) for model in (row.model, base.model)} <= graphs.keys()
    return Row(
        row.row,
        row.model,
        row.latency_ms,
        row.latency_ms / base.latency_ms,
        row.ap,
        macs.get(row.model) if row.interval == 1 else None,
        time_row(row, base, graphs) if measured else None,
        missing.get(row.model, missing.get(base.model, "")),
    )


def time_row(row: PaperRow, base: PaperRow, graphs: Graphs) -> Timing:
    cost_ms = frame_ms(row, graphs)
    ratio = statistics.paired_ratio(cost_ms, frame_ms(base, graphs))
    post = graphs.get(graph_key(row.model, POST))
    return Timing(
        graphs_of(row, graphs),
        statistics.median(cost_ms),
        statistics.median_ci95(cost_ms),
        ratio.value,
        ratio.ci95,
        statistics.median(post.samples_ms) if post and row.interval == 1 else None,
    )


def graphs_of(row: PaperRow, graphs: Graphs) -> tuple[str, ...]:
    if row.interval > 1:
        return (*row.schedule.key, row.schedule.reuse)
    return tuple(name for name in FRAME if graph_key(row.model, name) in graphs)


def frame_ms(row: PaperRow, graphs: Graphs) -> Series:
    """What a frame takes in every round: all of its graphs, or the mean of a schedule's frames."""

    def series(names: Sequence[str]) -> list[NDArray[np.float64]]:
        return [
            statistics.as_series(graphs[graph_key(row.model, name)].samples_ms) for name in names
        ]

    if row.interval == 1:
        return np.asarray(np.sum(series(graphs_of(row, graphs)), axis=0))
    (reuse,) = series((row.schedule.reuse,))
    return statistics.amortised(series(row.schedule.key), reuse, row.interval)
