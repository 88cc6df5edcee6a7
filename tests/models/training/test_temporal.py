"""Query passing as in Fig. 4: whose queries, whose features, whose targets."""

import pytest
import torch
from torch import Tensor

from models.mobileinst.network import MobileInst, apply_kernels
from models.training.criterion import image_terms, of_later, pair_terms
from models.training.losses import LossWeights
from models.training.matcher import Matches, match
from models.training.targets import Targets
from models.training.temporal import predict_pairs
from models.zoo import MobileInstConfig, build

SIZE = (64, 96)


@pytest.fixture(scope="module")
def network() -> MobileInst:
    return build(MobileInstConfig("topformer-tiny", num_queries=6, num_classes=3, dim=64))


def frames(seed: int) -> Tensor:
    return torch.rand(2, 3, *SIZE, generator=torch.Generator().manual_seed(seed))


def objects(seed: int) -> list[Targets]:
    torch.manual_seed(seed)
    return [Targets(torch.randint(3, (2,)), (torch.rand(2, *SIZE) > 0.5).float()) for _ in range(2)]


def test_own_predictions_are_the_networks(network: MobileInst):
    with torch.inference_mode():
        pairs = predict_pairs(network, frames(0), frames(1))
        alone = network(torch.cat([frames(0), frames(1)]))
    for got, expected in zip(pairs.both, alone, strict=True):
        torch.testing.assert_close(got, expected)


def test_passed_queries_meet_the_later_features(network: MobileInst):
    """Written out, stage by stage."""
    with torch.inference_mode():
        got = predict_pairs(network, frames(0), frames(1)).passed_mask_logits
        first, second = (network.backbone(frames(seed)) for seed in (0, 1))
        mask_features = network.mask_decoder(second)
        decoder = network.instance_decoder
        queries = decoder.queries.weight.expand(2, -1, -1)
        queries = decoder.stages[0](queries, first.x6)
        queries = decoder.stages[1](queries, decoder.pool(mask_features))
        expected = apply_kernels(network.heads(queries).kernels, mask_features)
    torch.testing.assert_close(got, expected)


def test_of_one_frame_twice_passing_changes_nothing(network: MobileInst):
    with torch.inference_mode():
        pairs = predict_pairs(network, frames(0), frames(0))
    torch.testing.assert_close(pairs.passed_mask_logits, pairs.both.mask_logits[2:])


def test_of_one_frame_twice_the_passed_losses_are_its_own(network: MobileInst):
    wanted = objects(0)
    with torch.inference_mode():
        single = image_terms(network, frames(0), wanted, 4.0)
        double = pair_terms(network, frames(0), frames(0), [*wanted, *wanted], 8.0)
    torch.testing.assert_close(double.own, single.own)
    torch.testing.assert_close(double.passed_dice, single.own.dice)
    torch.testing.assert_close(double.passed_pixels, single.own.pixels)


def test_targets_are_those_of_the_later_frames():
    index = torch.tensor([0, 1, 2, 3, 3])
    got = of_later(Matches(index, index, index, torch.arange(5.0)[:, None, None]), 2)
    assert got.images.tolist() == [0, 1, 1]
    assert got.masks.flatten().tolist() == [2, 3, 4]


def test_passing_trains_the_earlier_frame(network: MobileInst):
    """The passed masks' losses reach the frame that the queries came from."""
    first, second = frames(0).requires_grad_(), frames(1)
    terms = pair_terms(network, first, second, [Targets(o.labels[:0], o.masks[:0]) for o in
                                                objects(0)] + objects(1), 4.0)  # fmt: skip
    (terms.passed_dice + terms.passed_pixels).backward()
    assert first.grad is not None
    assert first.grad.any()


def test_no_parameters_are_added(network: MobileInst):
    network.zero_grad()
    terms = pair_terms(network, frames(0), frames(1), objects(0) + objects(1), 8.0)
    terms.total(LossWeights()).backward()
    without = [name for name, p in network.named_parameters() if p.grad is None]
    assert without == []


def test_matches_of_the_later_frames_are_their_own(network: MobileInst):
    """Not those of the frames before, whose objects may be others."""
    with torch.inference_mode():
        pairs = predict_pairs(network, frames(0), frames(1))
    together = of_later(match(pairs.both, objects(0) + objects(1)), 2)
    later = type(pairs.both)(*(x[2:] for x in pairs.both))
    assert together.queries.tolist() == match(later, objects(1)).queries.tolist()
