"""An exponential moving average of a network's weights."""

import copy

import torch

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
        for own, new in zip(
            self.network.state_dict().values(), network.state_dict().values(), strict=True
        ):
            if own.is_floating_point():
                own.lerp_(new, 1 - decay)
            else:
                own.copy_(new)
