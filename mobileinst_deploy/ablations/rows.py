"""What is trained for the paper's Tab. 3, 4 and 7 in small, and with which config."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from models.training.config import TrainConfig
from models.zoo import MobileInstConfig, PoolName, StageName

REACH = 5  # frames between those of a pair, at most: kernels live as long at T = 6


@dataclass(frozen=True)
class Row:
    name: str
    tables: str  # of the paper
    stages: tuple[StageName, ...] = ("global", "local")
    pool: PoolName = "max"
    temporal: bool = False  # pairs of frames with query passing (Fig. 4), not single frames

    def run(self, seed: int) -> str:
        return f"{self.name}-seed{seed}"


LOCAL: tuple[StageName, ...] = ("local", "local")
ROWS = (
    Row("global-local-frames", "3, 4, 7"),
    Row("global-local-pairs", "7", temporal=True),
    Row("local-local-frames", "3, 7", LOCAL),
    Row("local-local-pairs", "7", LOCAL, temporal=True),
    Row("global-frames", "3", ("global",)),
    Row("local-frames", "3", ("local",)),
    Row("no-pooling-frames", "4", pool="none"),
    Row("average-pooling-frames", "4", pool="avg"),
)


def config_of(base: TrainConfig, row: Row, seed: int, iterations: int) -> TrainConfig:
    """`base` with what the row changes; as many frames in a batch with pairs as without.

    Like the paper's ablations, without the semantic enhancer.
    """
    model = base.network()
    assert isinstance(model, MobileInstConfig)
    frames = base.schedule.batch_size
    milestones = (72 * iterations // 100, 92 * iterations // 100)
    return msgspec.structs.replace(
        base,
        model=replace(model, stages=row.stages, pool=row.pool, semantic_enhancer=False),
        data=msgspec.structs.replace(base.data, reach=REACH if row.temporal else 0),
        schedule=msgspec.structs.replace(
            base.schedule,
            iterations=iterations,
            batch_size=frames // 2 if row.temporal else frames,
            milestones=milestones,
            warmup=min(200, iterations),
        ),
        run=msgspec.structs.replace(base.run, seed=seed),
    )


def runs(rows: Sequence[Row], seeds: Sequence[int]) -> Iterator[tuple[Row, int]]:
    """Seed by seed, so that a table with one seed each stands early."""
    return ((row, seed) for seed in seeds for row in rows)
