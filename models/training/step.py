"""One iteration: from a batch to new weights."""

import math
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from models.errors import TrainingError
from models.mobileinst.network import MobileInst
from models.training.config import TrainConfig
from models.training.criterion import Terms, image_terms, pair_terms
from models.training.data.samples import Batch
from models.training.log import Measured
from models.training.losses import LossWeights
from models.training.matcher import ADVICE
from models.training.processes import Processes
from models.training.targets import Targets, count_objects


class Loss(nn.Module):
    """From a batch to its loss: one module, so that several processes can share it."""

    def __init__(self, network: MobileInst, weights: LossWeights) -> None:
        super().__init__()
        self.network = network
        self.weights = weights

    def forward(
        self, images: tuple[Tensor, ...], targets: tuple[Targets, ...], num_objects: float
    ) -> tuple[Tensor, Terms]:
        if len(images) == 2:
            terms = pair_terms(self.network, images[0], images[1], targets, num_objects)
        else:
            terms = image_terms(self.network, images[0], targets, num_objects)
        return terms.total(self.weights), terms


def build_loss(network: MobileInst, config: TrainConfig, processes: Processes) -> nn.Module:
    """In training mode. With several processes each normalises by its own share's statistics."""
    network.train()
    if config.run.freeze_batch_norm:
        freeze_batch_norm(network)
    loss = Loss(network, config.losses)
    if processes.count == 1:
        return loss
    return DistributedDataParallel(
        loss,
        broadcast_buffers=not config.run.freeze_batch_norm,
        find_unused_parameters="global" not in config.network().stages,  # x6's may be
    )


def freeze_batch_norm(network: nn.Module) -> None:
    """Statistics stay as they are, as SparseInst's backbones have them."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def update(
    loss: nn.Module,
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    config: TrainConfig,
    processes: Processes,
) -> Measured:
    """Changes the weights; the batch is on the processes' device.

    Raises TrainingError where the loss is no number any more.
    """
    images, targets = batch.images, batch.targets
    (objects,) = processes.means([count_objects(targets)])
    with precision(config, processes):
        total, terms = loss(images, targets, max(1.0, objects))
    scalars = torch.stack([total, *terms.own, terms.passed_dice, terms.passed_pixels])
    measured = Measured._make([*processes.means(scalars.tolist()), objects])
    if not math.isfinite(measured.total):
        raise TrainingError(f"the loss is {measured.total}: {ADVICE}")
    optimiser.zero_grad()
    total.backward()
    if config.optimiser.largest_gradient:
        nn.utils.clip_grad_norm_(loss.parameters(), config.optimiser.largest_gradient)
    optimiser.step()
    return measured


def precision(config: TrainConfig, processes: Processes) -> AbstractContextManager[object]:
    if config.run.mixed_precision and processes.device.type == "cuda":
        return torch.autocast("cuda", torch.bfloat16)
    return nullcontext()
