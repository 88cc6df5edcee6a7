"""The page: sections from results, and the HTML from sections. The same inputs, the same bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from mobileinst_deploy.report.blocks import LeftOut, Made, Section
from mobileinst_deploy.report.inputs import Inputs, Loaded
from mobileinst_deploy.report.numbers import listed
from mobileinst_deploy.report.sections import (
    accuracy,
    bounds,
    curve,
    exported,
    latency,
    layers,
    parity,
    tables,
    tradeoff,
)

UNNAMED = "Results"  # the title of a page without a bundle
# In the order of the page.
MAKERS: tuple[Callable[[Inputs], Made], ...] = (
    exported.make,
    parity.make,
    latency.make,
    curve.make,
    accuracy.make,
    tradeoff.make,
    tables.make,
    layers.make,
    bounds.make,
)


@dataclass(frozen=True)
class Page:
    title: str
    sections: tuple[Section, ...]
    left_out: tuple[LeftOut, ...]
    sources: tuple[Loaded, ...]
    version: str  # of this toolkit


def make_page(inputs: Inputs, title: str | None = None) -> Page:
    """Without a title it has the bundles' names."""
    made = [make(inputs) for make in MAKERS]
    return Page(
        title or listed(inputs.bundles.values()) or UNNAMED,
        tuple(one.section for one in made if one.section),
        tuple(dict.fromkeys(left_out for one in made for left_out in one.left_out)),
        inputs.loaded,
        version("mobileinst-deploy"),
    )


def render(page: Page) -> str:
    """HTML that needs nothing else: no script, no font, no picture from elsewhere."""
    style = Markup(read("page.css"))  # ours, so that nothing in it is escaped
    return environment().from_string(read("page.html.j2")).render(page=page, style=style)


@cache
def environment() -> Environment:
    return Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def read(name: str) -> str:
    return files("mobileinst_deploy.report").joinpath(name).read_text(encoding="utf-8")
