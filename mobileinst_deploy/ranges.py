"""What float16 would do to a bundle: the range of every tensor on real frames, as a report."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import onnx
from numpy.typing import NDArray
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from export.golden_io import golden_inputs
from export.half_range import find_islands, half_ranges
from export.half_verdict import HALF_MAX, Range, Verdict
from export.manifest import Artifact, Bundle
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.feeding import frame_name

ROWS = 5  # of a graph in the table, where no more are in danger

Feeds = dict[str, NDArray[Any]]
FeedsOf = Callable[[str], Sequence[Feeds]]  # a graph's name -> its inputs on every frame

# The most dangerous first.
MARKS: dict[Verdict, Text] = {
    "overflows": Text("OVERFLOWS", "bold red"),
    "vanishes": Text("VANISHES", "bold red"),
    "near": Text("near", "yellow"),
    "fine": Text("fine", "green"),
}


@dataclass(frozen=True)
class GraphRanges:
    tensors: tuple[Range, ...]
    islands: tuple[str, ...]  # the tensors whose layers have to stay in float32


@dataclass(frozen=True)
class RangeReport:
    verdict: Literal["pass", "fail"]  # fail: something overflows
    bundle: str
    frames: tuple[str, ...]  # source#index
    graphs: dict[str, GraphRanges]


def find_ranges(
    bundle: Bundle,
    graphs: Sequence[str],
    video: Path | None,
    count: int | None,
    progress: Callable[[str], None],
) -> RangeReport:
    """Of those graphs, on `count` frames of the video, or on the first golden ones.

    Raises InputError where there are too few frames, BundleError where a graph has no ONNX file in
    float32, ConversionError where ONNX Runtime refuses it.
    """
    models = {graph: load_model(bundle, graph) for graph in graphs}
    progress("reading frames")
    names, feeds_of = video_feeds(bundle, video, count) if video else golden_feeds(bundle, count)
    found = {}
    for graph, (model, artifact) in models.items():
        progress(graph)
        feeds = [{artifact.names[k]: x for k, x in feed.items()} for feed in feeds_of(graph)]
        ranges = half_ranges(model, feeds)
        found[graph] = GraphRanges(tuple(ranges), tuple(sorted(find_islands(ranges))))
    overflow = any(r.verdict == "overflows" for g in found.values() for r in g.tensors)
    return RangeReport("fail" if overflow else "pass", str(bundle.path), names, found)


def load_model(bundle: Bundle, graph: str) -> tuple[onnx.ModelProto, Artifact]:
    artifact = bundle.artifact(graph, "onnx")
    return onnx.load(bundle.locate(artifact.files[0])), artifact


def golden_feeds(bundle: Bundle, count: int | None) -> tuple[tuple[str, ...], FeedsOf]:
    """The names of the first golden frames, and what they give every graph. Needs no torch."""
    golden = bundle.manifest.golden
    if count is not None and count > len(golden):
        raise InputError(
            f"{count} frames were asked for, but {bundle.path} has {len(golden)} golden ones: "
            "ask for fewer, or give a --video"
        )
    used = golden[:count]
    return (
        tuple(f"{one.source}#{one.frame}" for one in used),
        lambda graph: [golden_inputs(bundle, graph, index) for index in range(len(used))],
    )


def video_feeds(bundle: Bundle, video: Path, count: int | None) -> tuple[tuple[str, ...], FeedsOf]:
    """The same of frames spread over a video; the reference network makes the live kernels."""
    from export.threads import one_thread
    from mobileinst_deploy.parity.cases import make_cases
    from mobileinst_deploy.parity.frames import choose_frames
    from mobileinst_deploy.reference import open_reference

    frames = choose_frames(bundle, video, count)
    with one_thread():
        cases = list(make_cases(bundle, open_reference(bundle), frames))
    return (
        tuple(map(frame_name, frames)),
        lambda graph: [case.inputs(bundle, graph) for case in cases],
    )


def render(report: RangeReport) -> Group:
    return Group(range_table(report), *(Text(line) for line in conclusion(report)))


def range_table(report: RangeReport) -> Table:
    """All tensors in danger, and of every graph those of the largest values."""
    table = Table(title=f"Ranges against float16; frames: {len(report.frames)}")
    for column in ("graph", "tensor", "operation", ""):
        table.add_column(column, overflow="fold")
    table.add_column("what float16 makes of it", overflow="fold")
    for graph, ranges in report.graphs.items():
        for one in riskiest(ranges.tensors):
            name = escape(one.tensor if one.kind == "activation" else f"{one.tensor} ({one.kind})")
            table.add_row(graph, name, one.operation, MARKS[one.verdict], one.sentence)
        table.add_section()
    return table


def riskiest(ranges: Sequence[Range]) -> list[Range]:
    ordered = sorted(ranges, key=risk)
    return ordered[: max(ROWS, sum(one.verdict != "fine" for one in ordered))]


def risk(one: Range) -> tuple[int, float]:
    """Ascending: the most dangerous first."""
    return list(MARKS).index(one.verdict), -max(one.largest, one.inner_sum or 0)


def conclusion(report: RangeReport) -> Iterator[str]:
    """One line for each graph that needs float32 somewhere, or one for them all."""
    for graph, ranges in report.graphs.items():
        if ranges.islands:
            yield f"{graph}: keep these layers in float32: {', '.join(ranges.islands)}"
    if not any(ranges.islands for ranges in report.graphs.values()):
        graph, one = min(
            ((name, one) for name, ranges in report.graphs.items() for one in ranges.tensors),
            key=lambda item: risk(item[1]),
        )
        yield (
            f"{report.verdict}: nothing leaves float16's range, which ends at {HALF_MAX:.0f}; "
            f"the riskiest, {graph}/{one.tensor}, {one.sentence}"
        )
