"""Weights in and out: what is loaded is what was saved, and anything else is one clear line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from models import zoo
from models.checkpoint import load_weights, save_weights
from models.errors import CheckpointError
from models.mobileinst.network import MobileInst

BIAS = "heads.classify.bias"


def build(name: str = "mobileinst-topformer-t", seed: int = 0) -> MobileInst:
    return zoo.build(zoo.find(name), seed)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with seed 1, not to be changed."""
    path = tmp_path_factory.mktemp("weights") / "one.safetensors"
    save_weights(build(seed=1), path)
    return path


def test_round_trip(saved: Path):
    network, wanted = build(seed=0), build(seed=1).state_dict()
    load_weights(network, saved)
    got = network.state_dict()
    assert list(got) == list(wanted)
    assert all(torch.equal(got[key], wanted[key]) for key in wanted)


def test_half_precision_is_widened(saved: Path, tmp_path: Path):
    path = tmp_path / "half.safetensors"
    save_file({key: value.half() for key, value in load_file(saved).items()}, path)
    network = build(seed=0)
    load_weights(network, path)
    weight = network.heads.classify.weight
    assert weight.dtype == torch.float32
    assert torch.equal(weight, load_file(saved)["heads.classify.weight"].half().float())


def missing(source: Path, path: Path) -> None:
    pass


def a_folder(source: Path, path: Path) -> None:
    path.mkdir()


def empty(source: Path, path: Path) -> None:
    path.write_bytes(b"")


def cut_in_the_header(source: Path, path: Path) -> None:
    path.write_bytes(source.read_bytes()[:1000])


def cut_at_the_end(source: Path, path: Path) -> None:
    path.write_bytes(source.read_bytes()[:-1])


def text(source: Path, path: Path) -> None:
    path.write_text("epoch 12\nloss 0.5\n" * 100)


def pickled(source: Path, path: Path) -> None:
    torch.save(load_file(source), path)


def of_an_unknown_type(source: Path, path: Path) -> None:
    header = json.dumps({"x": {"dtype": "XX", "shape": [1], "data_offsets": [0, 1]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0")


BROKEN = {
    missing: "no such file",
    a_folder: "expected weights as a safetensors state dict",
    empty: "header too small",
    cut_in_the_header: "invalid header length",
    cut_at_the_end: "is not a safetensors file, or was cut off",
    text: "header too large",
    pickled: "is not a safetensors file",
    of_an_unknown_type: "unknown variant `XX`",
}


def complaint(path: Path) -> str:
    """What loading that file says; fails the test where it says it in more than one line."""
    network = build()
    before = network.heads.classify.weight.clone()
    with pytest.raises(CheckpointError) as caught:
        load_weights(network, path)
    message = str(caught.value)
    assert "\n" not in message
    assert torch.equal(network.heads.classify.weight, before)
    return message


@pytest.mark.parametrize("spoil", BROKEN, ids=lambda spoil: spoil.__name__)
def test_a_broken_file_is_one_clear_line(saved: Path, tmp_path: Path, spoil: Callable):
    path = tmp_path / "broken.safetensors"
    spoil(saved, path)
    message = complaint(path)
    assert str(path) in message
    assert BROKEN[spoil] in message


def test_a_name_that_is_too_long_is_one_clear_line(tmp_path: Path):
    assert "aaa" in complaint(tmp_path / ("a" * 300))


def lacking(state: dict[str, Tensor]) -> None:
    del state[BIAS]


def with_another(state: dict[str, Tensor]) -> None:
    state["head.weight"] = torch.zeros(1)


def of_another_shape(state: dict[str, Tensor]) -> None:
    state[BIAS] = torch.zeros(40)


def with_nan(state: dict[str, Tensor]) -> None:
    state[BIAS][7] = torch.nan


def with_infinity(state: dict[str, Tensor]) -> None:
    state["backbone.stem.0.bn.running_var"][0] = torch.inf


def lacking_many(state: dict[str, Tensor]) -> None:
    for key in [key for key in state if key.startswith("heads.")]:
        del state[key]


def in_float8(state: dict[str, Tensor]) -> None:
    state[BIAS] = state[BIAS].to(torch.float8_e4m3fn)


def in_complex_numbers(state: dict[str, Tensor]) -> None:
    state[BIAS] = state[BIAS].to(torch.complex64)


def with_a_line_break(state: dict[str, Tensor]) -> None:
    state["two\nlines"] = torch.zeros(1)


FOREIGN = {
    lacking: f"it lacks {BIAS}",
    with_another: "it has the foreign head.weight",
    of_another_shape: f"it has another shape in {BIAS} [40], expected [80]",
    with_nan: f"it has NaN or infinity in {BIAS}",
    with_infinity: "it has NaN or infinity in backbone.stem.0.bn.running_var",
    lacking_many: "heads.objectness.weight and 5 more",
    in_float8: BIAS,
    in_complex_numbers: BIAS,
    with_a_line_break: "it has the foreign",
}


@pytest.mark.parametrize("spoil", FOREIGN, ids=lambda spoil: spoil.__name__)
def test_a_foreign_tensor_is_named(saved: Path, tmp_path: Path, spoil: Callable):
    state = load_file(saved)
    spoil(state)
    path = tmp_path / "foreign.safetensors"
    save_file(state, path)
    message = complaint(path)
    assert message.startswith(f"{path} is not a checkpoint of this network: ")
    assert FOREIGN[spoil] in message


def test_another_networks_checkpoint_is_refused(tmp_path: Path):
    path = tmp_path / "sea.safetensors"
    save_weights(build("mobileinst-seaformer-t"), path)
    message = complaint(path)
    assert "it lacks backbone.pyramid" in message
    assert "it has the foreign backbone.stages" in message
    assert "more" in message


def test_the_video_checkpoint_is_refused_for_its_classes(tmp_path: Path):
    path = tmp_path / "ytvis.safetensors"
    save_weights(build("mobileinst-topformer-t-ytvis"), path)
    assert "heads.classify.weight [40, 256], expected [80, 256]" in complaint(path)
