"""Trains, exports and evaluates what is not there yet, by the commands that a user has."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mobileinst_deploy.ablations.rows import Row, config_of
from mobileinst_deploy.errors import RunError
from models.training.config import TrainConfig
from models.training.run_folder import is_run, write_json
from models.training.saving import WEIGHTS

INTERVALS = "1,3,6"
SCORES = "scores.json"


@dataclass(frozen=True)
class Study:
    base: TrainConfig
    data: Path  # train/ and val/, as scripts/training-data makes them
    folder: Path  # one folder a run
    iterations: int
    videos: int | None = None  # of the validation, for the evaluation; None: all


def settle(study: Study, row: Row, seed: int) -> Path:
    """The file with the run's scores, made where it is missing. Raises RunError."""
    run = study.folder / row.run(seed)
    scores = run / SCORES
    if not (run / WEIGHTS).is_file():
        train(study, row, seed, run)
    if not scores.is_file():
        bundle = run.with_name(f"{run.name}-bundle")
        command("export", run, "-o", bundle, "--targets", "onnx", "--overwrite")
        truth, pictures = study.data / "val/instances.json", study.data / "val/JPEGImages"
        first = () if study.videos is None else ("--videos", study.videos)
        command("eval", bundle, "--ground-truth", truth, "--pictures", pictures, "-T", INTERVALS,
                "--class-agnostic", *first, "-o", scores)  # fmt: skip
    return scores


def train(study: Study, row: Row, seed: int, run: Path) -> None:
    config = run.with_name(f"{run.name}.json")
    study.folder.mkdir(parents=True, exist_ok=True)
    write_json(config, config_of(study.base, row, seed, study.iterations))
    resume = ("--resume",) if is_run(run) else ()
    command("train", config, "--data", study.data, "-o", run, *resume)


def command(*words: object) -> None:
    """`mobileinst` with these words. Raises RunError where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "mobileinst_deploy", *map(str, words)],
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise RunError(f"'mobileinst {words[0]}' ended with {done.returncode}; see what it said")
