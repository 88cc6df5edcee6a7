"""A reproduction for a terminal."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from mobileinst_deploy.bench.cells import numeric_table
from mobileinst_deploy.reproduce.cells import cells_of, columns_of, remarks, title_of
from mobileinst_deploy.reproduce.conditions import circumstances
from mobileinst_deploy.reproduce.result import Reproduction


def render(result: Reproduction) -> RenderableType:
    return Group(*sections(result))


def sections(result: Reproduction) -> Iterator[RenderableType]:
    columns = columns_of(result)
    for table in result.tables:
        yield numeric_table(title_of(table), [*columns], cells_of(table, columns))
        yield from map(Text, remarks(table))
        yield Text()
    yield from map(Text, circumstances(result))
    for warning in result.run.warnings if result.run else ():
        yield Text(f"Warning: {warning}", "yellow")
