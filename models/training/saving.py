"""A run's folder: its config, checkpoints that a run can be continued from, and the weights.

checkpoint/weights.safetensors, optimiser.safetensors, average.safetensors, progress.json
"""

import json
import os
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from models.checkpoint import load_weights, save_weights
from models.errors import CheckpointError
from models.mobileinst.network import MobileInst
from models.training.averaging import AveragedNetwork

CHECKPOINT = "checkpoint"
WEIGHTS, OPTIMISER, AVERAGE, PROGRESS = (
    "weights.safetensors",
    "optimiser.safetensors",
    "average.safetensors",
    "progress.json",
)


def save_checkpoint(
    folder: Path,
    network: MobileInst,
    optimiser: torch.optim.Optimizer,
    average: AveragedNetwork | None,
    iteration: int,
) -> None:
    """Takes the place of the last one, which stays until this one is whole."""
    part, final, old = (folder / f"{CHECKPOINT}{end}" for end in (".part", "", ".old"))
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    save_weights(network, part / WEIGHTS)
    save_file(optimiser_tensors(optimiser), part / OPTIMISER)
    if average:
        save_weights(average.network, part / AVERAGE)
    (part / PROGRESS).write_text(json.dumps({"iteration": iteration}) + "\n")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        os.replace(final, old)
    os.replace(part, final)
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(
    folder: Path,
    network: MobileInst,
    optimiser: torch.optim.Optimizer,
    average: AveragedNetwork | None,
) -> int:
    """The iteration to go on with; 0 where there is no checkpoint. Raises CheckpointError."""
    final = folder / CHECKPOINT
    if not final.exists() and (folder / f"{CHECKPOINT}.old").exists():
        final = folder / f"{CHECKPOINT}.old"  # stopped between the two renames
    if not final.exists():
        return 0
    load_weights(network, final / WEIGHTS)
    if average:
        load_weights(average.network, final / AVERAGE)
    try:
        restore_optimiser(optimiser, load_file(final / OPTIMISER))
        return int(json.loads((final / PROGRESS).read_text())["iteration"])
    except Exception as error:
        raise CheckpointError(
            f"{final} can't be continued from: {error}; remove it to begin again"
        ) from error


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """`index.name` -> tensor, for the state of every parameter."""
    state = optimiser.state_dict()["state"]
    return {
        f"{index}.{name}": torch.as_tensor(value).contiguous()
        for index, values in state.items()
        for name, value in values.items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Raises ValueError where the tensors are of other parameters."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = value
    whole = optimiser.state_dict()
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    if set(state) - set(range(len(parameters))):
        raise ValueError("the optimiser's state is of another network")
    for place, values in state.items():
        if values["exp_avg"].shape != parameters[place].shape:
            raise ValueError(f"the optimiser's state of parameter {place} has another shape")
    optimiser.load_state_dict({**whole, "state": state})
