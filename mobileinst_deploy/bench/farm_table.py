"""What went into a zip for a device farm, as a table or as JSON."""

from pathlib import Path

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from android_bench.farm.archive import RUNNER, Farm

MIB = 2**20
SHOWN = 12  # characters of a hash


def render(path: Path, farm: Farm) -> RenderableType:
    title = Text(f"{path}: {path.stat().st_size / MIB:.1f} MiB")
    table = Table(title=title, title_justify="left")
    table.add_column("in the zip")
    table.add_column("what", overflow="fold")
    table.add_column("MiB", justify="right")
    for name, what, size in contents(farm):
        table.add_row(name, Text(what), f"{size / MIB:.2f}")
    keys = ", ".join(graph.key for graph in farm.plan.graphs)
    return Group(table, Text(f"Runs: {', '.join(farm.plan.commands)}"), Text(f"Graphs: {keys}"))


def contents(farm: Farm) -> list[tuple[str, str, int]]:
    """The name in the zip, what people call it, and its bytes."""
    runner, *files = farm.plan.files
    texts = farm.texts()
    return [
        (RUNNER, f"{farm.runner.target}, ncnn {farm.runner.ncnn_version}", runner.size),
        *((f"files/{file.sha256[:SHOWN]}…", file.name, file.size) for file in files),
        (f"{len(texts)} texts", "scripts, jobs, plan, schema", sum(map(len, texts.values()))),
    ]


def as_json(path: Path, farm: Farm) -> str:
    said = {"path": str(path), "bytes": path.stat().st_size, "plan": farm.plan}
    return msgspec.json.format(msgspec.json.encode(said), indent=2).decode()
