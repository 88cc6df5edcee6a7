"""Two processes with gloo, as torchrun starts them, and one without it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from torch import Tensor

from models.errors import ConfigError, TrainingError
from models.training.config import Schedule, read_config
from models.training.processes import Processes, joined
from models.training.starting import start
from tests.models.training.conftest import DataSet
from tests.models.training.runs import ALONE, ignore, small_config, weights

PROCESS = """
import sys
from pathlib import Path
import torch
from models.training.config import read_config
from models.training.processes import joined
from models.training.starting import start
torch.set_num_threads(1)
root = Path(sys.argv[1])
with joined() as processes:
    start(read_config(root / "run.toml"), root, root / "two", processes, lambda i, l: None)
"""
TOML = """
data = { layout = "ytvis", document = "ytvis.json", pictures = ".", reach = 2 }
model = { backbone = "topformer-tiny", num_queries = 4, num_classes = 2, dim = 32, num_heads = 2 }
preprocessing = { height = 64, width = 96 }
augmentation = { short_sides = [48], longest = 96 }
optimiser = { learning_rate = 1e-3 }
schedule = { iterations = 1, batch_size = 4, warmup = 0 }
run = { freeze_batch_norm = true, log_every = 1 }
"""


def in_two_processes(root: Path) -> list[tuple[int, str]]:
    """Exit code and stderr of each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, root],
            env={**os.environ, **settings, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    errors = [process.communicate(timeout=120)[1] for process in started]
    return [(process.returncode, err) for process, err in zip(started, errors, strict=True)]


def test_two_processes_are_one(data_set: DataSet):
    """With the same batch between them. Sums are in another order: 1e-6 of a step of 1e-3.

    AdamW's first step is the gradient's sign times the rate, whatever its size, so that a parameter
    whose gradient is rounding noise may go either way: of those there are few.
    """
    root = data_set.folder
    (root / "run.toml").write_text(TOML)
    start(read_config(root / "run.toml"), root, root / "one", ALONE, ignore)
    codes = [code for code, _ in in_two_processes(root)]
    assert codes == [0, 0]
    assert share_apart(weights(root / "one"), weights(root / "two"), 1e-6) < 1e-3
    logs = [(root / name / "log.csv").read_text().splitlines() for name in ("one", "two")]
    one, two = ([float(x) for x in rows[1].split(",")[:9]] for rows in logs)
    assert two == pytest.approx(one, rel=1e-4)


def share_apart(one: dict[str, Tensor], other: dict[str, Tensor], tolerance: float) -> float:
    """Of all numbers, those that differ by more."""
    apart = total = 0
    for name, value in one.items():
        apart += int(((value.double() - other[name].double()).abs() > tolerance).sum())
        total += value.numel()
    return apart / total


def test_all_leave_where_one_fails(data_set: DataSet):
    """The first can't make the run's folder; the other hears of it."""
    (data_set.folder / "run.toml").write_text(TOML)
    (data_set.folder / "two").write_text("a file")
    (first, said), (second, heard) = in_two_processes(data_set.folder)
    assert (first, second) == (1, 1)
    assert "ConfigError" in said
    assert "TrainingError: the first process could not go on" in heard


def test_batch_that_can_not_be_shared(data_set: DataSet):
    config = small_config(schedule=Schedule(iterations=1, batch_size=3))
    folder = data_set.folder / "x"
    with pytest.raises(TrainingError, match="can't be shared by 2"):
        start(config, data_set.folder, folder, Processes(0, 2), ignore)
    assert not folder.exists()


def test_alone_without_torchrun():
    with joined() as processes:
        assert (processes.rank, processes.count, processes.means([3.0])) == (0, 1, [3.0])


def test_alone_the_first_does_it_and_fails():
    def fail() -> None:
        raise ConfigError("no")

    with pytest.raises(ConfigError, match="no"):
        ALONE.first_does(fail)


def test_other_errors_are_not_taken_for_a_lost_process(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(RuntimeError, match="shapes"), joined():
        raise RuntimeError("shapes do not fit")
