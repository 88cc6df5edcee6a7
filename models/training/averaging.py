"""An exponential moving average of a network's weights."""

import copy

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from models.mobileinst.network import MobileInst


class AveragedNetwork:
    """Its own copy of a network. Statistics of batch norms are averaged too; counters are not."""

    def __init__(self, network: MobileInst, decay: float) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False)
        self.decay = decay
        self.pairs = list(zip(tensors(self.network), tensors(network), strict=True))

    @torch.no_grad()
    def update(self, iteration: int) -> None:
        """A short memory at first: (1 + i) / (10 + i) where that is below the decay."""
        decay = min(self.decay, (1 + iteration) / (10 + iteration))
        blend = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
        blend(
            *zip(*(pair for pair in self.pairs if pair[0].is_floating_point()), strict=True), None
        )
        for own, new in self.pairs:
            if not own.is_floating_point():
                own.copy_(new)


def tensors(network: nn.Module) -> tuple[Tensor, ...]:
    return (*network.parameters(), *network.buffers())
