"""Results of the small bundle, each made by its own command; small, so that all take seconds."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import run
from tests.mobileinst_deploy.test_cli_curve import OPEN, dataset


@dataclass(frozen=True)
class Results:
    bundle: Path
    parity: Path
    bench: Path
    curve: Path
    eval: Path
    estimate: Path

    @property
    def all(self) -> tuple[Path, ...]:
        return tuple(vars(self).values())


def printed(path: Path, *arguments: object) -> Path:
    """What the command prints, as the shell's > would keep it."""
    ran = run(*arguments, "--format", "json")
    assert ran.code == 0, ran.err
    path.write_text(ran.out)
    return path


@pytest.fixture(scope="session")
def results(small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Not to be changed."""
    folder = tmp_path_factory.mktemp("results")
    clips = dataset(folder / "clips")
    truth = ("--ground-truth", clips / "instances.json", "--pictures", clips / "JPEGImages")
    tracked = (small_bundle, *truth, "--videos", 1, *OPEN[:-2], "-T", "1,2")
    bench = folder / "bench.json"
    ran = run("bench", small_bundle, "--iterations", 6, "--warmup", 1, "-o", bench)
    assert ran.code == 0, ran.err
    compared = ("--device-profile", "snapdragon-778g", "--result", bench)
    runtimes = ("--runtimes", "onnxruntime", "--frames", 1, "--sequence", 2)
    return Results(
        small_bundle,
        printed(folder / "parity.json", "parity", small_bundle, *runtimes),
        bench,
        printed(folder / "curve.json", "curve", *tracked, "--warmup", 1),
        printed(folder / "eval.json", "eval", *tracked),
        printed(folder / "estimate.json", "estimate", small_bundle, *compared),
    )
