"""The losses of a batch of images or of pairs of frames, from the network to one number."""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from models.mobileinst.network import MobileInst
from models.training.losses import Losses, LossWeights, compute_losses, mask_losses
from models.training.matcher import Matches, match
from models.training.targets import Targets
from models.training.temporal import predict_pairs


class Terms(NamedTuple):
    """Scalars, not yet weighted. The passed ones are 0 where images are trained, not pairs."""

    own: Losses
    passed_dice: Tensor
    passed_pixels: Tensor

    def total(self, weights: LossWeights) -> Tensor:
        return self.own.total(weights) + weights.mask * (self.passed_dice + self.passed_pixels)


def image_terms(
    network: MobileInst, images: Tensor, targets: Sequence[Targets], num_objects: float
) -> Terms:
    """Images [B, 3, H, W] with their objects; `num_objects` as `compute_losses` takes it."""
    prediction = network(images)
    losses = compute_losses(prediction, match(prediction, targets), num_objects)
    nothing = losses.dice.detach() * 0
    return Terms(losses, nothing, nothing)


def pair_terms(
    network: MobileInst,
    first: Tensor,
    second: Tensor,
    targets: Sequence[Targets],
    num_objects: float,
) -> Terms:
    """Pairs of frames, [B, 3, H, W] twice; targets of the B frames t, then of the B frames t+δ.

    The passed masks are of half of the frames, and so taken to be of half of the objects.
    """
    pairs = predict_pairs(network, first, second)
    matches = match(pairs.both, targets)
    passed = of_later(matches, len(first))
    return Terms(
        compute_losses(pairs.both, matches, num_objects),
        *mask_losses(pairs.passed_mask_logits, passed, max(1.0, num_objects / 2)),
    )


def of_later(matches: Matches, pairs: int) -> Matches:
    """The matches of the frames t+δ, counted from 0: the passed masks share their targets."""
    later = matches.images >= pairs
    return Matches(
        matches.images[later] - pairs,
        matches.queries[later],
        matches.labels[later],
        matches.masks[later],
    )
