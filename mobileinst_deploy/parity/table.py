"""A parity report for people."""

from collections.abc import Sequence
from itertools import groupby

from rich.console import Group
from rich.table import Table
from rich.text import Text

from mobileinst_deploy.parity.report import Comparison, Culprit, Drift, ParityReport
from mobileinst_deploy.parity.tolerances import short

MARKS = {True: Text("pass", "green"), False: Text("FAIL", "bold red")}


def render(report: ParityReport) -> Group:
    parts: list[Table | Text] = [comparison_table(report.comparisons)]
    if report.sequence:
        parts.append(drift_table(report.sequence))
    if report.culprits:
        parts.append(culprit_table(report.culprits))
    parts += [Text(line) for line in conclusion(report)]
    return Group(*parts)


def comparison_table(comparisons: Sequence[Comparison]) -> Table:
    """One row an output, the worst frame's."""
    table = Table(title="Against PyTorch, the worst frame of each output")
    for column in ("runtime", "graph", "output"):
        table.add_column(column)
    for column in ("max abs", "relative", "cosine", "SNR dB", "in the user's terms", ""):
        table.add_column(column, justify="right")
    for worst in worst_frames(comparisons):
        table.add_row(
            worst.runtime,
            worst.graph,
            worst.output,
            short(worst.max_abs),
            short(worst.relative),
            cosine_text(worst.cosine),
            "∞" if worst.snr_db is None else f"{worst.snr_db:.0f}",
            terms_text(worst),
            MARKS[worst.passed],
        )
    return table


def worst_frames(comparisons: Sequence[Comparison]) -> list[Comparison]:
    def key(c: Comparison) -> tuple[str, str, str]:
        return c.runtime, c.graph, c.output

    order = {k: i for i, k in enumerate(dict.fromkeys(map(key, comparisons)))}
    grouped = groupby(sorted(comparisons, key=lambda c: order[key(c)]), key)
    return [max(group, key=badness) for _, group in grouped]


def badness(comparison: Comparison) -> tuple[bool, float]:
    relative = comparison.relative
    return not comparison.passed, float("inf") if relative is None else relative


def cosine_text(cosine: float | None) -> str:
    return "none" if cosine is None else f"{cosine:.7f}"


def terms_text(comparison: Comparison) -> str:
    """The one score that says most about this output."""
    labels = {
        "mask_iou_min": "mask IoU",
        "top5_agreement": "same top 5",
        "kernel_cosine_min": "kernel cosine",
    }
    shown = [(labels[k], v) for k, v in comparison.terms.items() if k in labels]
    return ", ".join(f"{label} {value:.4f}" for label, value in shown)


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
    for column in ("graph", "frame", "tensor", "operation", "what"):
        table.add_column(column, overflow="fold")
    for c in culprits:
        table.add_row(c.graph, c.frame, c.tensor, c.operation, c.sentence)
    return table


def conclusion(report: ParityReport) -> list[str]:
    """One sentence for each failing output, or one for them all."""
    failed = [c for c in worst_frames(report.comparisons) if not c.passed]
    failed += [d.comparison for d in report.sequence if not d.comparison.passed][:1]
    if failed:
        return [f"{c.runtime} {c.graph}/{c.output} on {c.frame} {c.sentence}" for c in failed]
    worst = max(report.comparisons, key=badness)
    return [
        f"pass at {report.tolerance}: the worst output, {worst.graph}/{worst.output}, "
        f"{worst.sentence}"
    ]
