"""Weights in and out of a network: safetensors state dicts, never pickled objects."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from models.errors import CheckpointError

SHOWN = 3  # names of tensors that an error spells out
FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)  # what weights may come as


def save_weights(network: nn.Module, path: Path) -> None:
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, path)


def load_weights(network: nn.Module, path: Path) -> None:
    """Loads a state dict into the network, all of it and nothing else.

    Raises CheckpointError where the file is missing, broken, another network's or not finite.
    """
    state = read_state(path)
    check_state(network.state_dict(), state, path)
    network.load_state_dict(state)


def read_state(path: Path) -> dict[str, Tensor]:
    try:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "no such file"
            raise CheckpointError(f"{path}: {found}; expected weights as a safetensors state dict")
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
        "has another type in": [
            f"{name} {value.dtype}"
            for name, value in got.items()
            if name in expected and not fits_type(value, expected[name])
        ],
        "has NaN or infinity in": [
            name
            for name, value in got.items()
            if value.dtype in FLOATS and not torch.isfinite(value).all()
        ],
    }
    lines = [f"{what} {shorten(names)}" for what, names in complaints.items() if names]
    if lines:
        complaint = " ".join("; it ".join(lines).splitlines())  # names may have line breaks
        raise CheckpointError(f"{path} is not a checkpoint of this network: it {complaint}")


def fits_type(got: Tensor, expected: Tensor) -> bool:
    """Whether it can be loaded without a change of meaning: weights from floats alone."""
    if got.is_floating_point() or got.is_complex() or expected.is_floating_point():
        return got.dtype in FLOATS
    return True  # batch norm's counter, as any integer


def shorten(names: list[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
