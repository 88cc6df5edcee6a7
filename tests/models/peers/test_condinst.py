"""CondInst and CrossVIS: shapes, what is chosen for the masks, and what the two share."""

import pytest
import torch
from torch import Tensor

from models.peers.condinst import CondInst, CondInstConfig, CondInstPrediction, build_condinst
from models.peers.crossvis import CrossVisConfig, build_crossvis
from models.peers.fcos_locations import locations

SIZE = (96, 160)
PLACES = len(locations(*SIZE).points)
SMALL = CondInstConfig("resnet18", 5, dim=32, mask_dim=32)
SMALL_VIS = CrossVisConfig("topformer-tiny", 5, dim=32, mask_dim=32, embedding_dim=12)


@pytest.fixture(scope="module")
def image() -> Tensor:
    return torch.randn(1, 3, *SIZE, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def network() -> CondInst:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return build_condinst(SMALL).eval()


@pytest.fixture(scope="module")
def prediction(network: CondInst, image: Tensor) -> CondInstPrediction:
    with torch.inference_mode():
        return network(image)


def shapes(prediction: object) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in prediction._asdict().items()}


SHAPES = {
    "class_logits": (1, PLACES, 5),
    "boxes": (1, PLACES, 4),
    "centerness": (1, PLACES, 1),
    "controllers": (1, PLACES, 169),
    "mask_features": (1, 8, SIZE[0] // 8, SIZE[1] // 8),
}


def test_condinst(prediction: CondInstPrediction):
    assert shapes(prediction) == SHAPES
    assert prediction.boxes.min() == 0
    assert prediction.boxes.max() > 0


def test_crossvis_is_condinst_with_embeddings(image: Tensor):
    network = build_crossvis(SMALL_VIS).eval()
    with torch.inference_mode():
        found, plain = network(image), network.condinst(image)
    assert shapes(found) == SHAPES | {"embeddings": (1, PLACES, 12)}
    for name, value in plain._asdict().items():
        torch.testing.assert_close(getattr(found, name), value)


def test_the_best_places_are_chosen(network: CondInst, prediction: CondInstPrediction):
    inputs = network.select(prediction, 7)
    probability = prediction.class_logits.sigmoid()[0]
    centre = prediction.centerness.sigmoid()[0]
    scores = [float(probability[i].max() * centre[i]) for i in range(PLACES)]
    best = sorted(range(PLACES), key=lambda i: -scores[i])[:7]
    places = locations(*SIZE)
    for row, place in enumerate(best):
        assert torch.equal(inputs["parameters"][0, row], prediction.controllers[0, place])
        assert inputs["points"][0, row].tolist() == places.points[place].tolist()
        assert inputs["sizes"][0, row].tolist() == [places.sizes[place]]
    assert network.mask_head is not None
    assert network.mask_head(**inputs).shape == (1, 7, SIZE[0] // 4, SIZE[1] // 4)


def test_the_controller_reads_the_box_tower(network: CondInst, image: Tensor):
    """Not the class tower, as dynamic parameters describe where and not what."""
    with torch.inference_mode():
        levels = network.levels(image)
        expected = network.controller(network.head.box_tower(levels[0]))
        found = network(image).controllers[:, : expected[0, 0].numel()]
    torch.testing.assert_close(found, expected.flatten(2).transpose(1, 2))


def test_parameters_of_the_published_widths():
    """Controller 256·169·9 + 169; towers 2·4·(256·256·9 + 256 + 512); the outputs' 3×3."""
    network = build_condinst(CondInstConfig())
    head = sum(p.numel() for p in network.head.parameters())
    assert sum(p.numel() for p in network.controller.parameters()) == 256 * 169 * 9 + 169
    assert head == 8 * (256 * 256 * 9 + 256 + 512) + 85 * (256 * 9 + 1) + 5
