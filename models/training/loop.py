"""The training loop."""

import csv
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader

from models.errors import TrainingError
from models.mobileinst.network import MobileInst
from models.training.averaging import AveragedNetwork
from models.training.config import TrainConfig
from models.training.criterion import Terms, image_terms, pair_terms
from models.training.data.samples import Batch, Samples, collate
from models.training.optimising import build_optimiser, rate_factor, set_rate
from models.training.processes import Processes
from models.training.saving import load_checkpoint, save_checkpoint
from models.training.targets import Targets, count_objects

LOG = "log.csv"
FIELDS = ("iteration", "learning_rate", "total", "classes", "dice", "pixels", "objectness",
          "passed_dice", "passed_pixels", "objects", "seconds")  # fmt: skip

Report = Callable[[int, float], None]  # iterations done, the loss


class Step(nn.Module):
    """From a batch to its loss, so that several processes can share it."""

    def __init__(self, network: MobileInst, config: TrainConfig) -> None:
        super().__init__()
        self.network = network
        self.config = config

    def forward(
        self, images: tuple[Tensor, ...], targets: tuple[Targets, ...], num_objects: float
    ) -> tuple[Tensor, Terms]:
        if len(images) == 2:
            terms = pair_terms(self.network, images[0], images[1], targets, num_objects)
        else:
            terms = image_terms(self.network, images[0], targets, num_objects)
        return terms.total(self.config.losses), terms


def train(
    network: MobileInst,
    samples: Samples,
    config: TrainConfig,
    folder: Path,
    processes: Processes,
    report: Report,
) -> MobileInst:
    """The network, or its average, behind the last iteration, in evaluation mode.

    Goes on from the folder's checkpoint where there is one, and ends with one.
    Raises TrainingError where the loss is no number any more, CheckpointError, DataError.
    """
    check_shares(config.schedule.batch_size, processes.count)
    network.to(processes.device)
    optimiser = build_optimiser(network, config.optimiser)
    average = AveragedNetwork(network, config.run.ema) if config.run.ema else None
    done = load_checkpoint(folder, network, optimiser, average)
    step: nn.Module = Step(network, config)
    if processes.count > 1:
        step = DistributedDataParallel(step, broadcast_buffers=not config.run.freeze_batch_norm)
    network.train()
    if config.run.freeze_batch_norm:
        freeze_batch_norm(network)
    log = open_log(folder, done) if processes.first else None
    started = perf_counter()
    for iteration, batch in enumerate(batches(samples, config, processes, done), start=done):
        rate = config.optimiser.learning_rate * rate_factor(config.schedule, iteration)
        set_rate(optimiser, rate)
        total, terms, objects = update(step, optimiser, batch, config, processes)
        if average:
            average.update(network, iteration)
        report(iteration + 1, total)
        last = iteration + 1 == config.schedule.iterations
        if log and (last or (iteration + 1) % config.run.log_every == 0):
            values = (terms.own._asdict().values(), (terms.passed_dice, terms.passed_pixels))
            numbers = [value.item() for group in values for value in group]
            log(iteration + 1, rate, total, *numbers, objects, perf_counter() - started)
        if processes.first and (last or (iteration + 1) % config.run.checkpoint_every == 0):
            save_checkpoint(folder, network, optimiser, average, iteration + 1)
    return (average.network if average else network).eval()


def update(
    step: nn.Module,
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    config: TrainConfig,
    processes: Processes,
) -> tuple[float, Terms, float]:
    """One iteration: the loss, its terms and the number of objects."""
    images = tuple(image.to(processes.device) for image in batch.images)
    targets = tuple(one.to(processes.device) for one in batch.targets)
    objects = max(1.0, processes.mean(count_objects(targets)))
    with precision(config, processes):
        total, terms = step(images, targets, objects)
    if not torch.isfinite(total):
        raise TrainingError(
            f"the loss is {total.item()}: lower the learning rate or clip gradients"
        )
    optimiser.zero_grad()
    total.backward()
    if config.optimiser.largest_gradient:
        nn.utils.clip_grad_norm_(step.parameters(), config.optimiser.largest_gradient)
    optimiser.step()
    return total.item(), terms, objects


def precision(config: TrainConfig, processes: Processes) -> AbstractContextManager[object]:
    if config.run.mixed_precision and processes.device.type == "cuda":
        return torch.autocast("cuda", torch.bfloat16)
    return nullcontext()


def batches(
    samples: Samples, config: TrainConfig, processes: Processes, done: int
) -> Iterator[Batch]:
    """This process's share of every batch behind the first `done`."""
    size = config.schedule.batch_size
    own = [
        list(range(start + processes.rank, start + size, processes.count))
        for start in range(done * size, config.schedule.iterations * size, size)
    ]
    loader: DataLoader[Any] = DataLoader(
        samples,
        batch_sampler=own,
        collate_fn=collate,
        num_workers=config.run.workers,
        persistent_workers=False,
    )
    yield from loader


def check_shares(batch_size: int, processes: int) -> None:
    if batch_size % processes:
        raise TrainingError(
            f"a batch of {batch_size} can't be shared by {processes} processes; "
            "give a batch_size that is a multiple of them"
        )


def freeze_batch_norm(network: nn.Module) -> None:
    """Statistics stay as they are, as SparseInst's backbones have them."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def open_log(folder: Path, done: int) -> Callable[..., None]:
    """Rows behind iteration `done`, of a run that was interrupted, are dropped."""
    path = folder / LOG
    rows = []
    if path.exists():
        with path.open(newline="") as file:
            rows = [row for row in csv.reader(file) if row[0].isdigit() and int(row[0]) <= done]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([FIELDS, *rows])

    def log(*values: float) -> None:
        with path.open("a", newline="") as file:
            csv.writer(file).writerow([f"{value:.6g}" for value in values])

    return log
