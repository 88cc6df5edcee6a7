"""Coordinates as two channels."""

import torch

from models.peers.coordinates import coordinates, with_coordinates


def test_coordinates_run_from_minus_one_to_one():
    x, y = coordinates(3, 5)[0]
    assert x.tolist() == [[-1, -0.5, 0, 0.5, 1]] * 3
    assert y.tolist() == [[-1] * 5, [0] * 5, [1] * 5]


def test_every_image_gets_the_same_coordinates():
    x = torch.rand(2, 3, 4, 5, dtype=torch.float64)
    y = with_coordinates(x, coordinates(4, 5))
    assert y.dtype == torch.float64
    assert torch.equal(y[:, :3], x)
    assert all(torch.equal(channels, coordinates(4, 5)[0].double()) for channels in y[:, 3:])
