"""Whether the files compute what PyTorch computes: a heat strip, and every output."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mobileinst_deploy.report.blocks import (
    Block,
    Cell,
    Facts,
    Made,
    Note,
    Part,
    Section,
    Table,
)
from mobileinst_deploy.report.conditions import base_name, bundle_row
from mobileinst_deploy.report.inputs import Inputs, Loaded
from mobileinst_deploy.report.numbers import count, listed, short_hash
from mobileinst_deploy.report.sections.heat import heat_table
from mobileinst_deploy.report.sections.sifting import sifted

if TYPE_CHECKING:
    from mobileinst_deploy.parity.report import Comparison, ParityReport, PhoneUsed

MARKS = {True: Cell("pass", "pass"), False: Cell("FAIL", "fail")}
EXPLANATION = (
    "Each output of each graph, on real frames, against the paper's literal network in PyTorch: "
    "the largest difference over the reference's largest value."
)


def make(inputs: Inputs) -> Made:
    shown, left_out = sifted(inputs.of("parity"), "parity", obstacle)
    if not shown:
        return Made(None, left_out)
    finding = "; ".join(headline(one.content) for one in shown)
    parts = [part(one, inputs) for one in shown]
    return Made(Section("parity", "Parity with PyTorch", finding, EXPLANATION, parts), left_out)


def obstacle(report: "ParityReport") -> str | None:
    if not report.comparisons:
        return "nothing was compared"
    if not report.versions and not report.phones:
        return "the runtimes' versions are not known"
    return None


def verdict(report: "ParityReport") -> str:
    runtimes = {one.runtime for one in report.comparisons}
    failed = sum(not one.passed for one in report.comparisons)
    failed += sum(not drift.comparison.passed for drift in report.sequence)
    total = len(report.comparisons) + len(report.sequence)
    if failed:
        return f"{failed} of {total} comparisons fail"
    return f"all {total} comparisons pass, in {count(len(runtimes - {'preprocessing'}), 'runtime')}"


def headline(report: "ParityReport") -> str:
    return f"{base_name(report.bundle)}: {verdict(report)}"


def part(loaded: Loaded, inputs: Inputs) -> Part:
    report: ParityReport = loaded.content
    return Part(
        headline(report),
        Facts([*conditions(report, inputs)]),
        [*blocks(report)],
        MARKS[report.verdict == "pass"],
    )


def conditions(report: "ParityReport", inputs: Inputs) -> Iterator[tuple[str, str]]:
    yield bundle_row(report.bundle, report.manifest_sha256, inputs.bundles)
    yield "tolerance", tolerance_text(report)
    yield "frames", listed(dict.fromkeys(one.frame for one in report.comparisons))
    if report.versions:
        yield "versions", listed(f"{name} {version}" for name, version in report.versions.items())
    for phone in report.phones:
        yield "phone", phone_text(phone)
        yield from ((f"left out {runtime}", why) for runtime, why in phone.left_out.items())


def tolerance_text(report: "ParityReport") -> str:
    """With the limits of the difference, of the precisions that were judged by."""
    from mobileinst_deploy.parity.tolerances import TOLERANCES, short

    names = dict.fromkeys(one.tolerance for one in report.comparisons)
    limits = ((name, TOLERANCES[name].relative) for name in names)
    told = (
        f"{name} by masks" if limit is None else f"{name} {short(limit)}" for name, limit in limits
    )
    return f"{report.tolerance}: {listed(told)}"


def phone_text(phone: "PhoneUsed") -> str:
    known = (phone.manufacturer, phone.model, phone.soc, phone.abi)
    emulated = "; emulated: correctness only" if phone.emulated else ""
    return (
        f"{phone.serial}, {listed(filter(None, known)) or 'of no known make'}, core {phone.core}, "
        f"ncnn {phone.ncnn}, runner {phone.runner} for {phone.target}, "
        f"sha256 {short_hash(phone.runner_sha256)}{emulated}"
    )


def blocks(report: "ParityReport") -> Iterator[Block]:
    from mobileinst_deploy.parity.table import conclusion

    yield heat_table(report.comparisons)
    yield from (Note(line) for line in conclusion(report))
    yield output_table(report.comparisons)
    if report.sequence:
        yield drift_table(report)
    if report.culprits:
        columns = ("tensor", "operation", "runtime", "graph", "frame", "what")
        rows = [tuple(getattr(c, n) for n in (*columns[:-1], "sentence")) for c in report.culprits]
        yield Table("The first tensor that differs", columns, rows, words=range(6))


def output_table(comparisons: Sequence["Comparison"]) -> Table:
    """One row an output and runtime: the worst frame."""
    from mobileinst_deploy.parity.table import score_text, worst_frames
    from mobileinst_deploy.parity.tolerances import short

    rows = [
        (
            f"{one.graph}/{one.output}",
            one.runtime,
            one.frame,
            short(one.relative),
            score_text(one) or "-",
            MARKS[one.passed],
            one.sentence,
        )
        for one in worst_frames(comparisons)
    ]
    columns = ("output", "runtime", "worst frame", "difference", "score below 1", "", "in words")
    return Table("Every output, its worst frame", columns, rows, words=(0, 1, 2, 5, 6), folded=True)


def drift_table(report: "ParityReport") -> Table:
    from mobileinst_deploy.parity.tolerances import short

    rows = [
        (
            f"{drift.comparison.runtime} {drift.comparison.graph}",
            drift.comparison.frame,
            str(drift.since_keyframe),
            short(drift.comparison.relative),
            f"{drift.comparison.terms['mask_iou_min']:.4f}",
            MARKS[drift.comparison.passed],
        )
        for drift in report.sequence
    ]
    columns = ("runtime, graph", "frame", "frames since keyframe", "difference", "worst IoU", "")
    title = "A sequence: state handed over inside the runtime since the keyframe"
    return Table(title, columns, rows, words=(0, 1, 5), folded=True)
