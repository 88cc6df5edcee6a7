"""SOLOv2's cells, coordinates and masks against the literal ones."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from models.errors import ConfigError
from models.peers.coordinates import coordinates
from models.peers.solov2 import (
    GRIDS,
    Masks,
    Solov2,
    Solov2Config,
    Solov2Prediction,
    build_solov2,
    lite,
    to_head,
)
from models.peers.solov2_heads import CellHead, MaskFeatures, resize

SMALL = Solov2Config("resnet18", 5, dim=32, head_convs=2, head_dim=32, mask_dim=32, kernel_dim=32)


def slow_resize(x: Tensor, height: int, width: int) -> Tensor:
    """Bilinear, the pixels' centres at halves, beyond the border the border: one pixel a time."""
    _, _, h, w = x.shape
    y = torch.empty(*x.shape[:2], height, width)

    def neighbours(place: int, length: int, new_length: int) -> tuple[int, int, float]:
        at = max((place + 0.5) * length / new_length - 0.5, 0)
        low = min(int(at), length - 1)
        return low, min(low + 1, length - 1), at - low

    for row in range(height):
        top, bottom, down = neighbours(row, h, height)
        for column in range(width):
            left, right, across = neighbours(column, w, width)
            upper = x[..., top, left] * (1 - across) + x[..., top, right] * across
            lower = x[..., bottom, left] * (1 - across) + x[..., bottom, right] * across
            y[..., row, column] = upper * (1 - down) + lower * down
    return y


@pytest.mark.parametrize("grid", [5, 12])
def test_levels_are_sampled_bilinearly(grid: int):
    x = torch.rand(1, 2, 6, 10)
    torch.testing.assert_close(resize(x, grid, grid), slow_resize(x, grid, grid))


def test_first_and_last_level_come_to_the_head_resized():
    levels = tuple(torch.rand(1, 2, *hw) for hw in ((24, 40), (12, 20), (6, 10), (3, 5), (2, 3)))
    p2, p3, p4, p5, p6 = to_head(levels)
    assert (p3, p4, p5) == levels[1:4]
    torch.testing.assert_close(p2, slow_resize(levels[0], 12, 20))
    torch.testing.assert_close(p6, slow_resize(levels[4], 3, 5))


def test_both_branches_see_the_level_and_one_of_them_its_coordinates():
    head, x = CellHead(32, 1, 32, num_classes=5, kernel_dim=32), torch.rand(1, 32, 4, 6)
    with torch.inference_mode():
        category, kernels = head(x, 5)
        cells = slow_resize(torch.cat((x, coordinates(4, 6)), dim=1), 5, 5)
        torch.testing.assert_close(kernels, head.kernel(cells), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(category, head.category(cells[:, :32]), rtol=1e-4, atol=1e-5)


def test_cells_lie_grid_by_grid_and_row_by_row(network: Solov2):
    image = torch.rand(1, 3, 64, 96)
    with torch.inference_mode():
        outputs = network(image)
        levels = to_head(network.fpn(network.backbone(image)))
        cell = 0
        for level, grid in zip(levels, GRIDS, strict=True):
            logits, kernels = network.cells(level, grid)
            for row in range(grid):
                for column in range(grid):
                    assert torch.equal(outputs.category_logits[0, cell], logits[0, :, row, column])
                    assert torch.equal(outputs.kernels[0, cell], kernels[0, :, row, column])
                    cell += 1
    assert cell == outputs.kernels.shape[1] == 3872


def test_mask_features_add_all_levels():
    torch.manual_seed(0)
    branch = MaskFeatures(32, 32, 64)
    levels = tuple(torch.rand(1, 32, *hw) for hw in ((24, 40), (12, 20), (6, 10), (3, 5)))
    with torch.inference_mode():
        total = branch.levels[0](levels[0])
        for index, x in enumerate(levels[1:], start=1):
            if index == 3:
                x = torch.cat((x, coordinates(3, 5)), dim=1)
            for conv in branch.levels[index][::2]:
                y = conv(x)
                x = F.interpolate(y, tuple(2 * side for side in y.shape[2:]), mode="bilinear")
            total = total + x
        torch.testing.assert_close(branch(levels), branch.project(total))


def test_masks_are_a_convolution_with_each_kernel():
    features, kernels = torch.randn(2, 6, 4, 5), torch.randn(2, 3, 6)
    masks = Masks()(features, kernels)
    for image in range(2):
        for n in range(3):
            expected = F.conv2d(features[image][None], kernels[image, n].reshape(1, 6, 1, 1))
            torch.testing.assert_close(masks[image, n], expected[0, 0], rtol=1e-5, atol=1e-5)


def test_the_likeliest_cells_are_chosen(network: Solov2):
    logits, kernels = torch.zeros(2, 4, 3), torch.rand(2, 4, 6)
    logits[0, 2, 1], logits[0, 3, 0], logits[1, 0, 2], logits[1, 1, 0] = 5, 9, 7, 3
    features = torch.rand(2, 6, 4, 5)
    chosen = network.select(Solov2Prediction(logits, kernels, features), 2)
    assert chosen["mask_features"] is features
    expected = torch.stack([kernels[0, [3, 2]], kernels[1, [0, 1]]])
    assert torch.equal(chosen["kernels"], expected)


@pytest.fixture(scope="module")
def network() -> Solov2:
    torch.manual_seed(0)
    return build_solov2(SMALL).eval()


@pytest.mark.parametrize(
    ("config", "kernel_dim"),
    [(lite("resnet18"), 128), (lite("resnet50"), 128), (Solov2Config("mobilenet-v2"), 256)],
)
def test_outputs_have_the_published_sizes(config: Solov2Config, kernel_dim: int):
    network = build_solov2(config).eval()
    with torch.inference_mode():
        outputs = network(torch.rand(1, 3, 64, 96))
    assert [tuple(x.shape) for x in outputs] == [
        (1, 3872, 80),
        (1, 3872, kernel_dim),
        (1, kernel_dim, 16, 24),
    ]
    assert all(torch.isfinite(x).all() for x in outputs)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (lite("topformer-base"), "topformer-base starts at stride 8"),
        (replace(SMALL, kernel_dim=48), "kernel_dim is 48, expected a multiple of 32"),
    ],
)
def test_what_is_no_solov2_is_refused(config: Solov2Config, reason: str):
    with pytest.raises(ConfigError, match=reason):
        build_solov2(config)


def test_untrained_categories_start_at_a_hundredth(network: Solov2):
    assert network.cells.category[-1].bias.sigmoid().tolist() == pytest.approx([0.01] * 5)
