"""What `mobileinst models` prints: the zoo, and MACs beside the paper's."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from mobileinst_deploy.trained import find_network
from models.trained import trained_runs
from models.zoo import MOBILEINST, ZOO, MobileInstConfig, architecture_of

if TYPE_CHECKING:
    from models.complexity import CountedRow
    from models.peers.published import CountedPeer, CountedPublished

SHOWN = ("mask_decoder", "stages", "pool", "num_queries", "num_classes")


def model_rows() -> list[dict[str, Any]]:
    return [
        {"name": name, "architecture": architecture_of(config), **asdict(config)}
        for name, config in ZOO.items()
    ]


def model_tables() -> tuple[Table, ...]:
    return trained_table(), mobileinst_table(), peer_table()


def trained_rows() -> list[dict[str, Any]]:
    """Networks with weights: what size their pictures are made to be, and what they tell apart."""
    found = [find_network(name) for name in trained_runs()]
    return [
        {
            "name": network.name,
            "height": network.preprocessing.height,
            "width": network.preprocessing.width,
            "categories": [category.name for category in network.categories],
        }
        for network in found
    ]


def trained_table() -> Table:
    table = Table(title="Come with weights")
    for column in ("name", "input", "categories"):
        table.add_column(column, no_wrap=column == "name")
    for row in trained_rows():
        size = f"{row['height']}x{row['width']}"
        table.add_row(row["name"], size, ", ".join(row["categories"]))
    return table


def peer_table() -> Table:
    table = Table(title="What the paper compares it with")
    for column in ("name", "architecture", "backbone"):
        table.add_column(column, no_wrap=True)
    table.add_column("classes", justify="right")
    for name, config in ZOO.items():
        if not isinstance(config, MobileInstConfig):
            architecture = architecture_of(config)
            table.add_row(name, architecture, config.backbone, str(config.num_classes))
    return table


def mobileinst_table() -> Table:
    table = Table(title="Networks that `mobileinst export` takes")
    table.add_column("name", no_wrap=True)
    for column in SHOWN:
        table.add_column(column.replace("num_", "").replace("_", " "))
    for row in (row for row in model_rows() if row["architecture"] == MOBILEINST):
        if row["semantic_enhancer"] and row["mask_decoder"] == "mobileinst":
            row["mask_decoder"] += " + SE"
        if row["mask_decoder"] in ("fpn", "sparseinst"):
            row["mask_decoder"] += f", {row['mask_convs']} conv"
        if row["pool"] != "none":
            row["pool"] += f" {row['pool_size']}x{row['pool_size']}"
        row["stages"] = ", ".join(row["stages"])
        table.add_row(row["name"], *(str(row[column]) for column in SHOWN))
    return table


def mac_table(rows: Sequence["CountedRow"]) -> Table:
    table = Table(title="Multiply-adds at 320x640, counted by fvcore, beside the paper's")
    table.add_column("Tab.")
    table.add_column("row")
    for column in ("paper G", "ours G", "error", "params M"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(
            row.table,
            row.row,
            f"{row.paper_gmacs:.2f}",
            f"{row.gmacs:.3f}",
            f"{row.error:.2%}",
            f"{row.params / 1e6:.2f}",
        )
    return table


def counted_peers(rows: Sequence["CountedPeer"]) -> Table:
    table = Table(title="The networks it is compared with, at 320x640; masks of 100 instances")
    table.add_column("network", no_wrap=True)
    for column in ("G", "of it masks", "params M"):
        table.add_column(column, justify="right")
    for row in rows:
        masks = f"{row.masks_gmacs:.2f}" if row.masks_gmacs else ""
        table.add_row(row.model, f"{row.gmacs:.2f}", masks, f"{row.mparams:.2f}")
    return table


def published_table(rows: Sequence["CountedPublished"]) -> Table:
    """The error is of ours with what the last column names."""
    table = Table(title="What others published; the papers of the five print neither")
    table.add_column("network", no_wrap=True)
    for column in ("G", "ours", "error", "params M", "ours", "error"):
        table.add_column(column, justify="right")
    table.add_column("source, and why ours differs", overflow="fold")
    for row in rows:
        height, width = row.size
        table.add_row(
            row.model,
            *(f"{row.published_gmacs:.2f}", f"{row.gmacs:.2f}", f"{row.gmacs_error:.1%}"),
            *(f"{row.published_mparams:.2f}", f"{row.mparams:.2f}", f"{row.mparams_error:.1%}"),
            f"{row.source}, at {height}x{width}; {row.why}",
        )
        table.add_section()
    return table
