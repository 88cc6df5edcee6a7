"""The whole network: shapes, reuse, and sizes that it does not take."""

import pytest
import torch

from models import zoo
from models.complexity import count_macs
from models.errors import InputSizeError
from models.mobileinst.network import MobileInst, Prediction, apply_kernels, check_size


@pytest.fixture(scope="module")
def network() -> MobileInst:
    return zoo.build(zoo.find("mobileinst-topformer-t"))


def images(count: int, height: int = 96, width: int = 160) -> torch.Tensor:
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(0))


def predict(network: MobileInst, image: torch.Tensor) -> Prediction:
    with torch.inference_mode():
        return network(image)


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("mobileinst-topformer-t", 80),
        ("mobileinst-topformer-t-ytvis", 40),
        ("mobileinst-seaformer-t", 80),
    ],
)
@pytest.mark.parametrize("size", [(32, 32), (64, 96), (96, 160)])
def test_prediction_shapes(name: str, classes: int, size: tuple[int, int]):
    height, width = size
    prediction = predict(zoo.build(zoo.find(name)), images(2, height, width))
    assert {key: tuple(value.shape) for key, value in prediction._asdict().items()} == {
        "class_logits": (2, 100, classes),
        "objectness": (2, 100, 1),
        "kernels": (2, 100, 256),
        "mask_logits": (2, 100, height // 8, width // 8),
    }


def test_reuse_of_a_frames_own_kernels_gives_its_masks(network: MobileInst):
    image = images(2)
    prediction = predict(network, image)
    with torch.inference_mode():
        masks = network.reuse(image, prediction.kernels)
    assert torch.equal(masks, prediction.mask_logits)


def test_reuse_takes_any_number_of_kernels(network: MobileInst):
    image = images(1)
    prediction = predict(network, image)
    chosen = [3, 99, 3]
    with torch.inference_mode():
        masks = network.reuse(image, prediction.kernels[:, chosen])
    assert torch.allclose(masks, prediction.mask_logits[:, chosen], atol=1e-3)


def test_images_of_a_batch_do_not_mix(network: MobileInst):
    both = images(2)
    together, alone = predict(network, both), predict(network, both[1:])
    for name, value in together._asdict().items():
        difference = (value[1:] - getattr(alone, name)).abs().max()
        assert difference < 1e-4 * value.abs().max(), name


def test_apply_kernels_is_a_product_at_each_pixel():
    kernels, features = torch.rand(2, 5, 8), torch.rand(2, 8, 3, 4)
    masks = apply_kernels(kernels, features)
    assert masks.shape == (2, 5, 3, 4)
    assert torch.allclose(masks[1, 2, 0, 3], kernels[1, 2] @ features[1, :, 0, 3])


@pytest.mark.parametrize("size", [(32, 32), (320, 640), (64, 32)])
def test_multiples_of_32_pass(size: tuple[int, int]):
    check_size(*size)


@pytest.mark.parametrize(
    ("height", "width"),
    [(0, 64), (64, 0), (0, 0), (-32, 64), (64, -32), (33, 64), (64, 33), (100, 100), (1, 1)],
)
def test_wrong_sizes_are_named(height: int, width: int):
    with pytest.raises(InputSizeError, match=f"size {height}x{width} can't be used"):
        check_size(height, width)


@pytest.mark.parametrize("size", [(33, 64), (100, 100), (0, 32)])
def test_the_network_refuses_wrong_sizes(network: MobileInst, size: tuple[int, int]):
    message = "size {}x{} can't be used: expected a height and a width that".format(*size)
    image = torch.zeros(1, 3, *size)
    with pytest.raises(InputSizeError, match=message):
        network(image)
    with pytest.raises(InputSizeError, match=message):
        network.reuse(image, torch.zeros(1, 1, 256))
    with pytest.raises(InputSizeError, match=message):
        count_macs(network, *size)
