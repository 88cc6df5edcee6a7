"""Pages of real results: what is on them, and how they look in a browser."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from mobileinst_deploy.bench.cells import show_ms
from tests.browser import measure, open_page
from tests.command import run
from tests.mobileinst_deploy.report.conftest import Results

SECTIONS = ("exported", "parity", "latency", "curve", "accuracy", "tradeoff", "bounds")
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
PHONE, DESK = 390, 1200  # px
DARK = "--blink-settings=preferredColorScheme=0"


@pytest.fixture(scope="module")
def page(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("page") / "report.html"
    ran = run("report", *results.all, "-o", output)
    assert ran.code == 0, ran.err
    assert [line.partition(":")[0] for line in ran.out.splitlines()] == [
        *("What was exported", "Parity with PyTorch", "Latency", "Over the keyframe interval"),
        *("Accuracy", "Speed and accuracy", "Lower bounds"),
    ]
    assert ran.err == f"Saved {output}\n"
    return output


class Outline(HTMLParser):
    """The texts of an article's conditions, and how many figures it has, in the page's order."""

    def __init__(self) -> None:
        super().__init__()
        self.articles: list[tuple[list[str], list[str]]] = []
        self.stray_figures = 0
        self.inside: list[str] = []
        self.sections: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "article":
            self.articles.append(([], []))
        if tag == "section":
            self.sections.append(given["id"] or "")
        if tag == "figure" and "article" in self.inside:
            self.articles[-1][1].append("figure")
        elif tag == "figure":
            self.stray_figures += 1
        if tag in ("article", "dd"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("article", "dd"):
            self.inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if self.inside == ["article", "dd"] and data.strip():
            self.articles[-1][0].append(data.strip())


def outline(page: Path) -> Outline:
    found = Outline()
    found.feed(page.read_text())
    return found


def test_every_figure_stands_beside_its_conditions(page: Path):
    found = outline(page)
    assert tuple(found.sections) == SECTIONS
    assert found.stray_figures == 0
    assert sum(len(figures) for _, figures in found.articles) >= 8
    for conditions, figures in found.articles:
        assert len(conditions) >= 3 or not figures, conditions


def test_figures_are_those_of_the_results(page: Path, results: Results):
    shown = page.read_text()
    bench = json.loads(results.bench.read_text())
    for graph in bench["graphs"].values():
        assert f"{show_ms(graph['median_ms'])} ms" in shown
        assert show_ms(graph["p99_ms"]) in shown
    conditions = bench["conditions"]
    for known in ("cpu_model", "runtime_version", "inputs", "order", "kernel"):
        assert conditions[known] in shown
    curve = json.loads(results.curve.read_text())
    for point in curve["runtimes"]["onnxruntime"]["points"].values():
        assert f"{point['total']['ratio']:.3f}" in shown
    manifest = json.loads((results.bundle / "manifest.json").read_text())
    assert manifest["model"]["weights"]["reference"]["sha256"] in shown


def test_measured_points_join_latency_and_ap_of_one_bundle(page: Path, results: Results):
    """T = 2: a keyframe with its fold, then a folded frame, in every round."""
    graphs = json.loads(results.bench.read_text())["graphs"]
    series = {name: np.array(graph["samples_ms"]) for name, graph in graphs.items()}
    both = (series["keyframe"] + series["fold"] + series["reuse_folded"]) / 2
    rows = json.loads(results.eval.read_text())["rows"]
    shown = page.read_text()
    table = shown[shown.index('id="tradeoff"') :]
    for row, cost_ms in zip(rows, (series["keyframe"], both), strict=True):
        ap, ms = 100 * row["scores"]["ap"], float(np.median(cost_ms))
        assert re.search(
            rf"measured</td>\s*<td[^>]*>{re.escape(show_ms(ms))}</td>\s*<td[^>]*>{ap:.1f}<", table
        )
    assert "Snapdragon 778G, one core, TNN" in table


def test_the_same_inputs_give_the_same_bytes(page: Path, results: Results, tmp_path: Path):
    again = tmp_path / "again.html"
    assert run("report", *results.all, "-o", again).code == 0
    assert again.read_bytes() == page.read_bytes()


def test_a_failure_is_told_without_colour(results: Results, tmp_path: Path):
    report = json.loads(results.parity.read_text())
    one = next(c for c in report["comparisons"] if c["runtime"] == "onnxruntime")
    one.update(passed=False, relative=0.5, sentence="differs by half")
    report["verdict"] = "fail"
    total = len(report["comparisons"]) + len(report["sequence"])
    worse, output = tmp_path / "worse.json", tmp_path / "report.html"
    worse.write_text(json.dumps(report))
    ran = run("report", worse, "-o", output)
    assert (ran.code, ran.out) == (
        0,
        f"Parity with PyTorch: small: 1 of {total} comparisons fail\n",
    )
    shown = output.read_text()
    assert shown.count("✗ 0.5") == 1
    assert "fails at fp32" in shown
    assert f"onnxruntime {one['graph']}/{one['output']} on {one['frame']} differs by half" in shown


def test_names_are_text_and_never_markup(results: Results, tmp_path: Path):
    hostile = "<script>alert(1)</script>\"'&"
    bench = json.loads(results.bench.read_text())
    bench["bundle"] = bench["conditions"]["cpu_model"] = hostile
    bench["graphs"] = {**bench["graphs"], f"x/{hostile}": bench["graphs"]["fold"]}
    file, output = tmp_path / f"{'<b>'}.json", tmp_path / "report.html"
    file.write_text(json.dumps(bench))
    assert run("report", file, "-o", output).code == 0
    shown = output.read_text()
    assert "<script" not in shown
    assert "<b>" not in shown
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4


def test_it_opens_without_a_word(page: Path, tmp_path: Path):
    opened = open_page(page, tmp_path)
    assert opened.console == ()
    assert opened.dom.count("<figure>") == page.read_text().count("<figure>")


def test_a_faulty_page_is_found_out(tmp_path: Path):
    """So that the tests beside this one can fail."""
    faulty = tmp_path / "faulty.html"
    faulty.write_text('<script>nothing()</script><img src="http://127.0.0.1:9/x.png">')
    assert any("nothing is not defined" in line for line in open_page(faulty, tmp_path).console)
    wide = f'{faulty.read_text()}<div style="width:900px">.</div>'
    (measured,) = measure(wide, (PHONE,), tmp_path)
    assert measured.overflow > 500
    assert measured.requests == ("http://127.0.0.1:9/x.png",)


@pytest.mark.parametrize("flags", [(), (DARK,)], ids=["light", "dark"])
def test_it_fits_a_phone_and_asks_for_nothing(page: Path, tmp_path: Path, flags: tuple[str, ...]):
    """Even where nothing forbids it to."""
    unguarded = POLICY.sub("", page.read_text())
    assert "Content-Security-Policy" not in unguarded
    phone, desk = measure(unguarded, (PHONE, DESK), tmp_path, *flags)
    figures = unguarded.count("<figure>")
    for measured in (phone, desk):
        assert (measured.overflow, measured.requests) == (0, ())
        assert measured.pictures == figures
    dark = sum(map(int, re.findall(r"\d+", phone.background)[:3])) < 3 * 128
    assert dark == bool(flags)
