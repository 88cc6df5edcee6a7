"""An exponential moving average of a network's weights."""

import copy

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from models.mobileinst.network import MobileInst


class AveragedNetwork:
    """Its own copy of the network. Statistics of batch norms are averaged too; counters are not."""

    def __init__(self, network: MobileInst, decay: float) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network: MobileInst, iteration: int) -> None:
        """A short memory at first: (1 + i) / (10 + i) where that is below the decay."""
        decay = min(self.decay, (1 + iteration) / (10 + iteration))
        blended, copied = by_type(self.network), by_type(network)
        blend = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
        blend(blended[True], copied[True], None)
        for own, new in zip(blended[False], copied[False], strict=True):
            own.copy_(new)


def by_type(network: nn.Module) -> dict[bool, list[Tensor]]:
    """Parameters and buffers; True: those of floating point."""
    tensors = [*network.parameters(), *network.buffers()]
    return {kind: [x for x in tensors if x.is_floating_point() == kind] for kind in (True, False)}
