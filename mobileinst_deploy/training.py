"""From a config and the user's wishes to a trained network in a folder."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import msgspec
from rich.table import Table

from export.errors import OutputExistsError
from export.staging import check_place
from models.errors import ConfigError
from models.training.config import TrainConfig, read_config, shipped_configs
from models.training.log import Measured, last_row
from models.training.loop import Prepared, Report
from models.training.processes import Processes
from models.training.run_folder import check_owner
from models.training.saving import WEIGHTS, find_checkpoint, read_progress
from models.training.starting import prepare, run


@dataclass(frozen=True)
class TrainWishes:
    """What the user asked for."""

    config: str  # a TOML file, or the name of a shipped config
    output: Path
    resume: bool = False
    data: Path | None = None  # what the config's paths are from; None: its own folder
    weights: Path | None = None  # None: the config's


@dataclass(frozen=True)
class Summary:
    folder: str
    weights: str
    categories: int
    frames: int  # with an object
    iterations: int
    seconds: float  # of this call
    last: dict[str, float]  # the log's last row


def find_config(wishes: TrainWishes) -> tuple[TrainConfig, Path]:
    """The config, and the folder that its paths are from. Raises ConfigError."""
    shipped = shipped_configs()
    path = shipped.get(wishes.config, Path(wishes.config))
    if not path.is_file():
        raise ConfigError(
            f"no config {wishes.config}: expected a TOML file, or one of {', '.join(shipped)}"
        )
    config = read_config(path)
    if wishes.weights:
        config = msgspec.structs.replace(config, weights=str(wishes.weights.resolve()))
    return config, wishes.data or path.parent


def check_folder(folder: Path, config: TrainConfig, resume: bool) -> None:
    """Raises OutputExistsError unless a checkpoint is there if, and only if, it is to be resumed.

    ConfigError for another run's folder, CheckpointError for a damaged checkpoint.
    """
    check_place(folder)
    check_owner(folder, config)
    checkpoint = find_checkpoint(folder)
    done = read_progress(checkpoint) if checkpoint else 0
    if done and not resume:
        raise OutputExistsError(
            f"{folder} has a checkpoint of iteration {done}: give --resume to go on from it, or "
            "another folder"
        )
    if resume and not done:
        raise OutputExistsError(f"{folder} has no checkpoint to resume from: leave out --resume")


def prepare_training(wishes: TrainWishes, processes: Processes) -> Prepared:
    """Reads and checks everything, and writes nothing.

    Raises the errors of `models.errors`, and OutputExistsError.
    """
    config, root = find_config(wishes)
    processes.first_does(lambda: check_folder(wishes.output, config, wishes.resume))
    return prepare(config, root, begins=not wishes.resume)


def train(prepared: Prepared, folder: Path, processes: Processes, report: Report) -> Summary:
    """Raises the errors of `models.errors`; the last checkpoint stays then."""
    begun_s = perf_counter()
    run(prepared, folder, processes, report)
    return Summary(
        str(folder),
        str(folder / WEIGHTS),
        len(prepared.categories.ids),
        len(prepared.samples.frames),
        prepared.plan.iterations,
        round(perf_counter() - begun_s, 1),
        last_row(folder),
    )


def describe(prepared: Prepared) -> str:
    """What is going to be trained, in a line."""
    plan, categories = prepared.plan, len(prepared.categories.ids)
    return (
        f"{len(prepared.samples.frames)} labelled frames, {categories} categories; "
        f"{plan.iterations} iterations of {plan.batch_size} samples"
    )


def summary_table(summary: Summary) -> Table:
    """The log's last row: only the total is weighted."""
    table = Table(title=f"Loss at the end of {summary.iterations} iterations")
    losses = [name for name in Measured._fields if name != "objects"]
    for name in losses:
        table.add_column(name.replace("_", " "), justify="right")
    known = summary.last  # empty where the log of a run that was over is gone
    table.add_row(*(f"{known[name]:.3f}" if known else "-" for name in losses))
    return table
