"""A parity report for people."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Group
from rich.table import Table
from rich.text import Text

from mobileinst_deploy.parity.report import (
    PREPROCESSING,
    PYTORCH,
    Comparison,
    Culprit,
    Drift,
    ParityReport,
    PhoneUsed,
)
from mobileinst_deploy.parity.tolerances import short

EMULATED = "emulated: correctness only"
NEARLY_ONE = 0.9995  # what a score is shown below
MARKS = {True: Text("pass", "green"), False: Text("FAIL", "bold red")}


def render(report: ParityReport) -> Group:
    parts: list[Table | Text] = [comparison_table(report.comparisons)]
    if report.sequence:
        parts.append(drift_table(report.sequence))
    if report.culprits:
        parts.append(culprit_table(report.culprits))
    parts += [Text(line) for line in conclusion(report)]
    parts += [Text(line) for phone in report.phones for line in phone_lines(phone)]
    return Group(*parts)


def comparison_table(comparisons: Sequence[Comparison]) -> Table:
    """One row an output, one column a runtime: the worst frame's difference."""
    runtimes = list(dict.fromkeys(c.runtime for c in comparisons if c.runtime != PREPROCESSING))
    cells = {(c.graph, c.output, c.runtime): cell(c) for c in worst_frames(comparisons)}
    title = "Against PyTorch: the largest difference of the worst frame, over the largest value"
    table = Table(title=title)
    table.add_column("graph", no_wrap=True)
    table.add_column("output", no_wrap=True)
    for runtime in runtimes:
        table.add_column(column_title(runtime), justify="right")
    for graph, output in dict.fromkeys((c.graph, c.output) for c in comparisons):
        shown = [PREPROCESSING] if graph == PREPROCESSING else runtimes
        row = (cells.get((graph, output, runtime), Text("-")) for runtime in shown)
        table.add_row(graph, output, *row)
    return table


def column_title(runtime: str) -> str:
    """What PyTorch is held against here are the golden outputs of the export."""
    if runtime == PYTORCH:
        return "golden"
    name, _, serial = runtime.partition("@")
    return "\n".join([*name.split(":"), *filter(None, [serial])])


def cell(comparison: Comparison) -> Text:
    """The difference, and the score that says most about this output, where it is below 1."""
    text = Text(nonfinite_text(comparison) or short(comparison.relative))
    if score := score_text(comparison):
        text.append(f" {score}", "dim" if comparison.passed else "")
    if not comparison.passed:
        text = Text.assemble(("FAIL ", "bold red"), text)
    return text


def worst_frames(comparisons: Sequence[Comparison]) -> list[Comparison]:
    def key(c: Comparison) -> tuple[str, str, str]:
        return c.runtime, c.graph, c.output

    order = {k: i for i, k in enumerate(dict.fromkeys(map(key, comparisons)))}
    grouped = groupby(sorted(comparisons, key=lambda c: order[key(c)]), key)
    return [max(group, key=badness) for _, group in grouped]


def badness(comparison: Comparison) -> tuple[bool, int, float]:
    """NaN and Inf are worse than any difference between numbers."""
    relative = float("inf") if comparison.relative is None else comparison.relative
    return not comparison.passed, comparison.nan + comparison.inf, relative


def nonfinite_text(comparison: Comparison) -> str:
    counts = {"NaN": comparison.nan, "Inf": comparison.inf}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)


def score_text(comparison: Comparison) -> str:
    labels = {
        "mask_iou_min": "IoU",
        "top5_agreement": "top 5",
        "kernel_cosine_min": "cos",
    }
    shown = [(labels[k], v) for k, v in comparison.terms.items() if k in labels and v < NEARLY_ONE]
    return ", ".join(f"{label} {value:.3f}" for label, value in shown)


def drift_table(drifts: Sequence[Drift]) -> Table:
    table = Table(title="A sequence: state handed over inside the runtime since the keyframe")
    for column in ("runtime", "graph", "frame"):
        table.add_column(column)
    for column in ("frames since keyframe", "relative", "mask IoU, mean", "worst", ""):
        table.add_column(column, justify="right")
    for drift in drifts:
        c = drift.comparison
        iou = (f"{c.terms[k]:.4f}" for k in ("mask_iou_mean", "mask_iou_min"))
        table.add_row(
            c.runtime,
            c.graph,
            c.frame,
            str(drift.since_keyframe),
            short(c.relative),
            *iou,
            MARKS[c.passed],
        )
    return table


def culprit_table(culprits: Sequence[Culprit]) -> Table:
    table = Table(title="The first tensor that differs")
    for column in ("runtime", "graph", "frame", "tensor", "operation", "what"):
        table.add_column(column, overflow="fold")
    for c in culprits:
        table.add_row(c.runtime, c.graph, c.frame, c.tensor, c.operation, c.sentence)
    return table


def conclusion(report: ParityReport) -> list[str]:
    """One sentence for each failing output, and one for each precision in which none fails."""
    failed = [c for c in worst_frames(report.comparisons) if not c.passed]
    failed += [d.comparison for d in report.sequence if not d.comparison.passed][:1]
    fails = {c.tolerance for c in failed}
    return [
        *(f"{c.runtime} {c.graph}/{c.output} on {c.frame} {c.sentence}" for c in failed),
        *passes([c for c in report.comparisons if c.tolerance not in fails]),
    ]


def passes(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """One sentence a precision, about its worst output."""
    order = list(dict.fromkeys(c.tolerance for c in comparisons))
    for name in order:
        worst = max((c for c in comparisons if c.tolerance == name), key=badness)
        yield (
            f"pass at {name}: the worst output, {worst.runtime} {worst.graph}/{worst.output}, "
            f"{worst.sentence}"
        )


def phone_lines(phone: PhoneUsed) -> Iterator[str]:
    """What ran where, and what it means."""
    known = [phone.manufacturer, phone.model, phone.soc, phone.abi]
    android = [f"Android {phone.android_version}"] if phone.android_version else []
    yield ", ".join(
        [
            f"{phone.serial}: {' '.join(filter(None, known[:2])) or 'of no known make'}",
            *filter(None, known[2:]),
            *android,
            f"core {phone.core}",
            *([EMULATED] if phone.emulated else []),
        ]
    )
    yield (
        f"  runner {phone.runner} for {phone.target}, sha256 {phone.runner_sha256}, "
        f"ncnn {phone.ncnn}; CPU features: {', '.join(phone.features) or 'none'}"
    )
    for runtime, reason in phone.left_out.items():
        yield f"  left out {runtime}: {reason}"
