"""The training loop."""

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch.utils.data import DataLoader, Sampler

from models.errors import DataError
from models.mobileinst.network import MobileInst
from models.training.averaging import AveragedNetwork
from models.training.config import TrainConfig
from models.training.data.records import Categories
from models.training.data.samples import Batch, Samples, collate, use_one_thread
from models.training.log import TrainingLog
from models.training.optimising import build_optimiser, set_rate
from models.training.processes import Processes
from models.training.saving import TrainingState, load_checkpoint, save_checkpoint
from models.training.schedule import Plan, rate_factor
from models.training.step import build_loss, update

Report = Callable[[int, float], None]  # iterations done, the batch's loss


@dataclass(frozen=True)
class Prepared:
    """A run before its first iteration."""

    config: TrainConfig
    plan: Plan
    network: MobileInst
    samples: Samples
    categories: Categories
    notes: tuple[str, ...] = ()  # what is worth knowing


def train(prepared: Prepared, folder: Path, processes: Processes, report: Report) -> MobileInst:
    """The network, or its average, behind the last iteration, in evaluation mode.

    Goes on from the folder's checkpoint where there is one, and ends with one.
    Raises TrainingError where the loss is no number any more, CheckpointError, DataError.
    """
    config, plan = prepared.config, prepared.plan
    network = prepared.network.to(processes.device)
    average = AveragedNetwork(network, config.run.ema) if config.run.ema else None
    state = TrainingState(network, build_optimiser(network, config.optimiser), average)
    done = load_checkpoint(folder, state)
    loss = build_loss(network, config, processes)
    log = TrainingLog(folder, done) if processes.first else None
    for iteration, batch in enumerate(batches(prepared, processes, done), start=done):
        rate = config.optimiser.learning_rate * rate_factor(plan, iteration)
        set_rate(state.optimiser, rate)
        measured = update(loss, state.optimiser, batch.to(processes.device), config, processes)
        if average:
            average.update(iteration)
        behind = iteration + 1
        if log:
            log.add(measured, rate)
            record(prepared, folder, state, log, behind)
        report(behind, measured.total)
    return state.result.eval()


def record(
    prepared: Prepared, folder: Path, state: TrainingState, log: TrainingLog, behind: int
) -> None:
    """What is due behind that iteration: a row of the log, a checkpoint."""
    run, plan = prepared.config.run, prepared.plan
    if due(behind, run.log_every, plan):
        log.write(behind)
    if due(behind, run.checkpoint_every, plan):
        save_checkpoint(folder, state, behind)


def due(behind: int, every: int, plan: Plan) -> bool:
    return behind % every == 0 or behind == plan.iterations


@dataclass(frozen=True)
class Shares(Sampler[list[int]]):
    """The numbers of this process's samples of every batch behind the first `done`."""

    plan: Plan
    processes: Processes
    done: int

    def __iter__(self) -> Iterator[list[int]]:
        size = self.plan.batch_size
        for start in range(self.done * size, self.plan.iterations * size, size):
            yield list(range(start + self.processes.rank, start + size, self.processes.count))

    def __len__(self) -> int:
        return max(0, self.plan.iterations - self.done)


def batches(prepared: Prepared, processes: Processes, done: int) -> Iterator[Batch]:
    """This process's share of each. Raises DataError."""
    loader: DataLoader[Any] = DataLoader(
        prepared.samples,
        batch_sampler=Shares(prepared.plan, processes, done),
        collate_fn=collate,
        num_workers=prepared.config.run.workers,
        worker_init_fn=quieten,
        pin_memory=processes.device.type == "cuda",
    )
    try:
        yield from loader
    except DataError as error:  # a worker's comes with the worker's whole traceback
        line = str(error).rstrip().rpartition("\n")[2]
        raise DataError(line.removeprefix(f"{DataError.__module__}.DataError: ")) from error


def quieten(worker: int) -> None:
    """Ctrl-C and SIGTERM are the main process's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    use_one_thread(worker)
