"""Checkpoints: whole, in their place, of this network, or refused in a line."""

import os
from pathlib import Path
from unittest import mock

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.errors import CheckpointError, TrainingError
from models.training.averaging import AveragedNetwork
from models.training.config import Optimiser
from models.training.optimising import build_optimiser
from models.training.saving import (
    TrainingState,
    find_checkpoint,
    load_checkpoint,
    read_progress,
    save_checkpoint,
)
from models.zoo import MobileInstConfig, build
from tests.models.training.runs import SMALL


def state(config: MobileInstConfig = SMALL, seed: int = 0) -> TrainingState:
    """Behind one step towards nothing."""
    network = build(config, seed)
    optimiser = build_optimiser(network, Optimiser())
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimiser.step()
    return TrainingState(network, optimiser, AveragedNetwork(network, 0.9))


@pytest.fixture(scope="module")
def begun() -> TrainingState:
    return state()


@pytest.fixture
def checkpoint(tmp_path: Path, begun: TrainingState) -> Path:
    save_checkpoint(tmp_path, begun, 7)
    return tmp_path / "checkpoint"


def test_there_and_back(checkpoint: Path, begun: TrainingState):
    other = state(seed=1)
    assert load_checkpoint(checkpoint.parent, other) == 7
    for one, same in zip(other.network.parameters(), begun.network.parameters(), strict=True):
        assert torch.equal(one, same)
        got, expected = (s.optimiser.state[p] for s, p in ((other, one), (begun, same)))
        assert all(torch.equal(got[name], expected[name]) for name in expected)


def test_none_is_the_beginning(tmp_path: Path, begun: TrainingState):
    assert load_checkpoint(tmp_path, begun) == 0
    assert find_checkpoint(tmp_path) is None


@pytest.mark.parametrize("end", [".old", ".part"])
def test_stopped_between_two_renames(checkpoint: Path, begun: TrainingState, end: str):
    """The one before is found, and goes only when the next is whole."""
    left = checkpoint.rename(checkpoint.with_name(f"checkpoint{end}"))
    if end == ".part":
        left = Path(left.rename(checkpoint))
        (checkpoint.parent / "checkpoint.part").mkdir()
    assert find_checkpoint(checkpoint.parent) == left
    full = mock.patch.object(os, "replace", side_effect=OSError(28, "No space left on device"))
    with full, pytest.raises(TrainingError, match=r"can't write .*checkpoint: .*No space left"):
        save_checkpoint(checkpoint.parent, begun, 8)
    assert read_progress(left) == 7
    save_checkpoint(checkpoint.parent, begun, 9)
    assert [path.name for path in checkpoint.parent.iterdir()] == ["checkpoint"]
    assert read_progress(checkpoint) == 9


@pytest.mark.parametrize(
    "file", ["weights.safetensors", "optimiser.safetensors", "average.safetensors", "progress.json"]
)
@pytest.mark.parametrize("share", [0, 0.5, None], ids=["empty", "half", "none"])
def test_damage_is_named(checkpoint: Path, begun: TrainingState, file: str, share: float | None):
    path = checkpoint / file
    whole = path.read_bytes()
    path.unlink()
    if share is not None:
        path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(CheckpointError, match=file) as caught:
        load_checkpoint(checkpoint.parent, begun)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["{}", "[]", '{"iteration": 0}', '{"iteration": "3"}', "\xff"])
def test_progress_of_another_kind(checkpoint: Path, begun: TrainingState, text: str):
    (checkpoint / "progress.json").write_text(text, "latin-1")
    with pytest.raises(CheckpointError, match="to begin again"):
        load_checkpoint(checkpoint.parent, begun)


def test_optimiser_of_another_network(checkpoint: Path, begun: TrainingState):
    path = checkpoint / "optimiser.safetensors"
    tensors = load_file(path)
    tensors.pop("0.exp_avg")
    save_file(tensors, path)
    with pytest.raises(CheckpointError, match="another network's optimiser"):
        load_checkpoint(checkpoint.parent, begun)
