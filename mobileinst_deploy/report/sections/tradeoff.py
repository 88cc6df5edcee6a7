"""Speed against accuracy, as the paper's Fig. 1: its points, and those that were measured."""

from collections.abc import Sequence

from mobileinst_deploy.bench.cells import show_ms
from mobileinst_deploy.report.blocks import Facts, Figure, LeftOut, Made, Part, Section, Table
from mobileinst_deploy.report.charts.scatter import Axes, Point, scatter_figure
from mobileinst_deploy.report.inputs import Inputs
from mobileinst_deploy.report.measured_points import Measured, find_points
from mobileinst_deploy.report.numbers import TIMES, count, listed
from mobileinst_deploy.reproduce.paper import TABLES, PaperTable

PAPER = f"Snapdragon 778G, one core, TNN, 320{TIMES}640"
OURS = "MobileInst"
PANELS = {"coco": TABLES[1], "youtube-vis": TABLES[2]}
CITATION = "Zhang et al., MobileInst: Video Instance Segmentation on the Mobile, AAAI 2024"
EXPLANATION = (
    "Filled marks are the paper's own figures, hollow diamonds were measured here. They are of "
    "different devices, and of different pictures unless the ground truth is the paper's: places "
    "can be compared within one kind of mark alone."
)


def make(inputs: Inputs) -> Made:
    """A picture for each data set of the paper that there is a measured point for."""
    benches, evaluations = inputs.of("bench"), inputs.of("eval")
    if not benches and not evaluations:
        return Made(None)
    found = list(find_points(benches, evaluations))
    measured = [one for one in found if isinstance(one, Measured)]
    left_out = [one for one in found if isinstance(one, LeftOut)]
    if not evaluations:
        why = "no AP: give what 'mobileinst eval BUNDLE --format json' printed"
        left_out.append(LeftOut("speed and accuracy (the paper's Fig. 1)", why))
    parts = [
        part(table, own)
        for layout, table in PANELS.items()
        if (own := [one for one in measured if one.layout == layout])
    ]
    if not parts:
        return Made(None, left_out)
    devices = listed(dict.fromkeys(one.device for one in measured))
    finding = f"{count(len(measured), 'point')} measured on {devices}, beside the paper's"
    section = Section("tradeoff", "Speed and accuracy", finding, EXPLANATION, parts)
    return Made(section, left_out)


def part(table: PaperTable, measured: Sequence[Measured]) -> Part:
    devices = dict.fromkeys(f"{one.runtime} on {one.device}" for one in measured)
    truths = dict.fromkeys(one.truth for one in measured)
    conditions = Facts(
        [
            ("the paper's", f"{PAPER}; AP on {table.ap_of}; Tab. {table.number} of {CITATION}"),
            ("measured", f"{'; '.join(devices)}; AP on {'; '.join(truths)}"),
            ("latency", "a frame in the graphs alone; with T above 1 amortised, by folded reuse"),
        ]
    )
    return Part(table.title, conditions, [figure(table, measured), point_table(table, measured)])


def figure(table: PaperTable, measured: Sequence[Measured]) -> Figure:
    points = [
        Point(number, row.row, row.latency_ms, row.ap, int(row.row.startswith(OURS)))
        for number, row in enumerate(table.rows, start=1)
        if row.ap is not None
    ]
    points += [
        Point(number, one.name, one.latency_ms, one.ap, 2, hollow=True)
        for number, one in enumerate(measured, start=len(table.rows) + 1)
    ]
    caption = (
        f"Circles: other systems, squares: MobileInst, both as the paper prints them ({PAPER}; "
        f"{table.ap_of}). Hollow diamonds: measured, under the conditions above. Numbers are "
        "those of the table."
    )
    axes = Axes("AP over latency", "latency of a frame, ms, logarithmic", "mask AP, %")
    return scatter_figure(axes, caption, points)


def point_table(table: PaperTable, measured: Sequence[Measured]) -> Table:
    rows: list[tuple[str, ...]] = [
        (str(number), row.row, "paper", f"{row.latency_ms:g}", f"{row.ap}", PAPER, table.ap_of)
        for number, row in enumerate(table.rows, start=1)
        if row.ap is not None
    ]
    rows += [
        (
            str(number),
            one.name,
            "measured",
            show_ms(one.latency_ms),
            f"{one.ap:.1f}",
            f"{one.device}, {one.runtime}",
            one.truth,
        )
        for number, one in enumerate(measured, start=len(table.rows) + 1)
    ]
    columns = ("", "network", "", "ms", "AP", "latency on", "AP on")
    return Table("The points", columns, rows, words=(0, 1, 2, 5, 6))
