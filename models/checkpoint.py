"""Weights in and out of a network: safetensors state dicts, never pickled objects."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from models.errors import CheckpointError

SHOWN = 3  # names of tensors that an error spells out


def save_weights(network: nn.Module, path: Path) -> None:
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, path)
    path.chmod(0o644)  # safetensors makes it readable by its owner alone


def load_weights(network: nn.Module, path: Path) -> None:
    """Loads a state dict into the network, all of it and nothing else.

    Raises CheckpointError where the file is missing, broken, another network's or not finite.
    """
    state = read_state(path)
    check_state(network.state_dict(), state, path)
    network.load_state_dict(state)


def read_state(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; expected weights as a safetensors state dict")
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{path} is not a safetensors file, or was cut off ({error}); "
            "save the weights with safetensors.torch.save_file(network.state_dict(), path)"
        ) from error


def check_state(expected: dict[str, Tensor], got: dict[str, Tensor], path: Path) -> None:
    """Raises CheckpointError, naming the first tensors that do not fit."""
    complaints = {
        "lacks": [name for name in expected if name not in got],
        "has the foreign": [name for name in got if name not in expected],
        "has another shape in": [
            f"{name} {list(got[name].shape)}, expected {list(expected[name].shape)}"
            for name in expected
            if name in got and got[name].shape != expected[name].shape
        ],
        "has NaN or infinity in": [
            name for name, value in got.items() if not torch.isfinite(value).all()
        ],
    }
    lines = [f"{what} {shorten(names)}" for what, names in complaints.items() if names]
    if lines:
        raise CheckpointError(
            f"{path} is not a checkpoint of this network: it {'; it '.join(lines)}"
        )


def shorten(names: list[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
