"""A reproduction as Markdown."""

from collections.abc import Iterator, Sequence

from mobileinst_deploy.reproduce.cells import cells_of, columns_of, remarks, title_of
from mobileinst_deploy.reproduce.conditions import circumstances
from mobileinst_deploy.reproduce.result import Reproduction

SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_<>[]|"})


def markdown(result: Reproduction) -> str:
    """Tables, what is to be said of each, and the conditions; ends with a line's end."""
    return "\n".join(lines(result)) + "\n"


def lines(result: Reproduction) -> Iterator[str]:
    columns = columns_of(result)
    for table in result.tables:
        yield f"**{escape(title_of(table))}**"
        yield ""
        yield from table_lines([*columns], cells_of(table, columns))
        yield ""
        for remark in remarks(table):
            yield from (escape(remark), "")
    yield from (f"- {escape(line)}" for line in circumstances(result))
    for warning in result.run.warnings if result.run else ():
        yield f"- Warning: {escape(warning)}"


def table_lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first column is a name, the others are numbers."""
    yield line_of(header)
    yield "|---|" + "---:|" * (len(header) - 1)
    for row in rows:
        yield line_of(row)


def line_of(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(escape, cells))} |"


def escape(text: str) -> str:
    """As it is, whatever names it holds."""
    return " ".join(text.translate(SPECIAL).split())
