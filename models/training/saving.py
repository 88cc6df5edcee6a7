"""Checkpoints that a run can be continued from, to the bit.

checkpoint/weights.safetensors, optimiser.safetensors, average.safetensors, progress.json
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import torch
from msgspec import Meta
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from models.checkpoint import load_weights, save_weights
from models.errors import CheckpointError
from models.mobileinst.network import MobileInst
from models.training.averaging import AveragedNetwork
from models.training.writing import becoming

CHECKPOINT = "checkpoint"
WEIGHTS, OPTIMISER, AVERAGE, PROGRESS = (
    "weights.safetensors",
    "optimiser.safetensors",
    "average.safetensors",
    "progress.json",
)


@dataclass(frozen=True)
class TrainingState:
    """What an iteration changes."""

    network: MobileInst
    optimiser: torch.optim.Optimizer
    average: AveragedNetwork | None

    @property
    def result(self) -> MobileInst:
        """What the run is for: the averaged network where there is one."""
        return self.average.network if self.average else self.network


class Progress(msgspec.Struct, frozen=True):
    iteration: Annotated[int, Meta(ge=1)]  # so many are done


def find_checkpoint(folder: Path) -> Path | None:
    """The last whole one."""
    final, old = folder / CHECKPOINT, folder / f"{CHECKPOINT}.old"
    return next((path for path in (final, old) if path.exists()), None)


def save_checkpoint(folder: Path, state: TrainingState, iteration: int) -> None:
    """Takes the place of the last one, which stays until this one is whole.

    Raises TrainingError where it can't be written.
    """
    final, old = folder / CHECKPOINT, folder / f"{CHECKPOINT}.old"
    with becoming(final) as part:
        part.mkdir()
        save_weights(state.network, part / WEIGHTS)
        save_file(optimiser_tensors(state.optimiser), part / OPTIMISER)
        if state.average:
            save_weights(state.average.network, part / AVERAGE)
        (part / PROGRESS).write_bytes(msgspec.json.encode(Progress(iteration)) + b"\n")
        if final.exists():  # it does not where a run was stopped behind the next two lines
            shutil.rmtree(old, ignore_errors=True)
            os.replace(final, old)
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(folder: Path, state: TrainingState) -> int:
    """How many iterations are done; 0 where there is no checkpoint. Raises CheckpointError."""
    path = find_checkpoint(folder)
    if path is None:
        return 0
    done = read_progress(path)
    load_weights(state.network, path / WEIGHTS)
    if state.average:
        load_weights(state.average.network, path / AVERAGE)
    try:
        restore_optimiser(state.optimiser, load_file(path / OPTIMISER))
    except (OSError, SafetensorError, ValueError) as error:
        raise CheckpointError(damage(path / OPTIMISER, error)) from error
    return done


def read_progress(path: Path) -> int:
    """Of the checkpoint at that path. Raises CheckpointError."""
    try:
        return msgspec.json.decode((path / PROGRESS).read_bytes(), type=Progress).iteration
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CheckpointError(damage(path / PROGRESS, error)) from error


def damage(file: Path, error: Exception) -> str:
    return f"{file} can't be read: {error}; remove {file.parent} to begin again"


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """`index.name` -> tensor, for the state of every parameter."""
    state = optimiser.state_dict()["state"]
    return {
        f"{index}.{name}": torch.as_tensor(value).contiguous()
        for index, values in state.items()
        for name, value in values.items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Raises ValueError where the tensors are of other parameters, or not all of a parameter's.

    A parameter that the loss does not reach has none: x6's where all stages are local.
    """
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = value
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    for place, values in state.items():
        shape = parameters[place].shape if place < len(parameters) else None
        expected = {"step": torch.Size(), "exp_avg": shape, "exp_avg_sq": shape}
        if {name: value.shape for name, value in values.items()} != expected:
            raise ValueError("it is the state of another network's optimiser")
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
