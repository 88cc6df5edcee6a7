"""The paper's Tab. 3, 4 and 7 in small, on the synthetic clips of scripts/training-data.

    python -m mobileinst_deploy.ablations DATA FOLDER --iterations 2600 --seeds 2

Every run is trained, exported and evaluated by the commands themselves; what is in FOLDER already
is kept, so that a run that was stopped goes on. The table goes to stdout, as Markdown.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import click

from mobileinst_deploy.ablations.rows import ROWS, Row, runs
from mobileinst_deploy.ablations.running import Study, settle
from mobileinst_deploy.ablations.table import Scores, markdown, read_aps
from mobileinst_deploy.cli.main import run
from mobileinst_deploy.cli.output import note
from models.training.config import read_config, shipped_configs

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("data", type=FOLDER)
@click.argument("folder", type=FOLDER)
@click.option("--iterations", type=click.IntRange(10), default=2600, show_default=True)
@click.option("--seeds", type=click.IntRange(1), default=2, show_default=True, help="How many.")
@click.option("--rows", help="Names with commas between; all if not given.")
@click.option("--videos", type=click.IntRange(1), help="Evaluate on the first N alone.")
def main(
    data: Path, folder: Path, iterations: int, seeds: int, rows: str | None, videos: int | None
) -> None:
    """Train what the paper's Tab. 3, 4 and 7 compare, on DATA, in FOLDER."""
    names = [row.name for row in ROWS] if rows is None else rows.split(",")
    chosen = [row for row in ROWS if row.name in names]
    if unknown := set(names) - {row.name for row in ROWS}:
        known = ", ".join(row.name for row in ROWS)
        raise click.UsageError(f"unknown rows {', '.join(sorted(unknown))}: known are {known}")
    study = Study(read_config(shipped_configs()["emoji"]), data, folder, iterations, videos)
    click.echo(markdown(chosen, measure(study, chosen, seeds)), nl=False)


def measure(study: Study, rows: Sequence[Row], seeds: int) -> Scores:
    scores: dict[str, list[dict[int, float]]] = defaultdict(list)
    for row, seed in runs(rows, range(seeds)):
        note(row.run(seed))
        scores[row.name].append(read_aps(settle(study, row, seed)))
    return scores


if __name__ == "__main__":
    run(main)
