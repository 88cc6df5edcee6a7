"""One process, or several that torchrun started."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
import torch.distributed as dist

from models.errors import TrainingError


@dataclass(frozen=True)
class Processes:
    rank: int = 0
    count: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def first(self) -> bool:
        return self.rank == 0

    def means(self, values: Sequence[float]) -> list[float]:
        """Each over all processes, which get the same bits."""
        if self.count == 1:
            return list(values)
        summed = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.all_reduce(summed)
        means: list[float] = (summed / self.count).tolist()
        return means

    def first_does(self, action: Callable[[], None]) -> None:
        """The first process alone, while the others wait.

        Raises what the action raises, and TrainingError in the others then.
        """
        failure: Exception | None = None
        if self.first:
            try:
                action()
            except Exception as error:  # raised again when the others know
                failure = error
        (failed,) = self.means([float(failure is not None)])
        if failure:
            raise failure
        if failed:
            raise TrainingError("the first process could not go on")


@contextmanager
def joined() -> Iterator[Processes]:
    """As torchrun's environment variables say; alone without them.

    Raises TrainingError where there are more processes than GPUs, or another process has gone.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    device = own_device(int(os.environ.get("LOCAL_RANK", "0")))
    if count == 1:
        yield Processes(device=device)
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Processes(dist.get_rank(), dist.get_world_size(), device)
    except RuntimeError as error:  # torch has no class of its own for gloo's
        if "gloo" not in str(error) and not isinstance(error, dist.DistError):
            raise
        raise TrainingError("another process of this run has gone; see what it said") from error
    finally:
        dist.destroy_process_group()


def own_device(local_rank: int) -> torch.device:
    if not torch.cuda.is_available():
        return torch.device("cpu")
    if local_rank >= torch.cuda.device_count():
        raise TrainingError(
            f"process {local_rank} of this machine has no GPU of its own: there are "
            f"{torch.cuda.device_count()}; give torchrun as many processes"
        )
    device = torch.device("cuda", local_rank)
    torch.cuda.set_device(device)
    return device
