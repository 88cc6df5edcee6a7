"""The reference's tensors as arrays."""

import torch
from safetensors.numpy import load, save

from export.reference import to_arrays


def test_a_view_is_stored_as_it_reads():
    x = torch.arange(6.0).reshape(2, 3)
    stored = load(save(to_arrays({"turned": x.T})))
    assert stored["turned"].tolist() == [[0, 3], [1, 4], [2, 5]]
