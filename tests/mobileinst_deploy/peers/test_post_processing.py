"""What every family gives finds its post-processing, by the names of its tensors."""

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from export.errors import BundleError
from mobileinst_deploy.peers.post_processing import (
    NUMPY,
    STEPS,
    PostProcessing,
    post_inputs,
    row_of,
)
from mobileinst_deploy.sample_frames import sample_frames
from models import zoo
from models.preprocessing import Preprocessing, preprocess
from tests.mobileinst_deploy.toy_bundle import write_bundle

SIZE = (64, 96)
INSTANCES = 5
STRIDES = {  # of the masks
    "mobileinst-topformer-t": 8,
    "sparseinst-topformer-b": 4,
    "yolact-topformer-b": 4,
    "condinst-topformer-b": 4,
    "crossvis-topformer-b": 4,
    "solov2-lite-resnet18": 4,
}


@cache
def run_network(name: str) -> dict[str, Any]:
    """The tensors of a golden file, as PyTorch gives them."""
    network = zoo.build(zoo.find(name))
    image = preprocess(sample_frames()[0].picture, Preprocessing(*SIZE, resize="stretch"))
    with torch.inference_mode():
        outputs = network(torch.from_numpy(image))
        tensors = {f"keyframe/{key}": value for key, value in outputs._asdict().items()}
        if head := getattr(network, "mask_head", None):
            tensors["masks/mask_logits"] = head(**network.select(outputs, INSTANCES))
    return {key: value.numpy() for key, value in tensors.items()}


@pytest.mark.parametrize("name", STRIDES)
def test_a_networks_outputs_become_instances(name):
    tensors = run_network(name)
    row = row_of(tensors)
    assert [*STEPS].count(row) == 1
    found = PostProcessing(STEPS[row], SIZE).run({key: tensors[key] for key in row})
    scores, classes, masks = found["scores"], found["classes"], found["masks"]
    assert len(scores) == len(classes) == len(masks) <= 100
    assert masks.shape[1:] == tuple(side // STRIDES[name] for side in SIZE)
    assert masks.dtype == bool
    assert (np.diff(scores) <= 0).all()
    assert ((scores >= 0) & (scores <= 1)).all()
    assert set(classes.tolist()) <= set(range(zoo.find(name).num_classes))


def test_every_row_of_the_table_is_some_networks():
    assert {row_of(run_network(name)) for name in STRIDES} == STEPS.keys()


def test_outputs_that_nobody_knows_have_none(tmp_path):
    bundle = write_bundle(tmp_path / "toy")
    assert post_inputs(bundle) == {}
    with pytest.raises(BundleError, match="no post-processing is known"):
        NUMPY.load(bundle, "keyframe")
