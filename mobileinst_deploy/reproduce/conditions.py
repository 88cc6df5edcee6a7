"""Under which circumstances the tables came about, in sentences that stand beside them."""

from collections.abc import Iterator

from mobileinst_deploy.bench.circumstances import (
    clock_line,
    conditions_line,
    cool_down_line,
    runner_line,
    settings_line,
    throttling_line,
)
from mobileinst_deploy.peers.post_processing import NUMPY
from mobileinst_deploy.reproduce.paper import PAPER_DEVICE, PAPER_SIZE
from mobileinst_deploy.reproduce.result import Reproduction, Run

EMULATED = "Emulated: correctness only; no time means anything."


def circumstances(result: Reproduction) -> Iterator[str]:
    yield size_line((result.height, result.width))
    if result.run:
        yield from run_lines(result.run)


def size_line(size: tuple[int, int]) -> str:
    paper = "x".join(map(str, PAPER_SIZE))
    other = "" if size == PAPER_SIZE else f", the paper's {paper}: the two are not of one network"
    return f"Input {size[0]}x{size[1]}{other}."


def run_lines(run: Run) -> Iterator[str]:
    conditions = run.conditions
    if run.emulated:
        yield EMULATED
    yield (
        "Times are of a frame in its graphs alone, in one interleaved run; 'ratio' is to the row "
        f"with 1, and 'paper' the same of the paper's times ({PAPER_DEVICE})."
    )
    if any(graph.runtime == NUMPY.name for graph in run.graphs.values()):
        yield (
            "'NumPy ms': selection, suppression and binary masks behind the graphs, of a fixed "
            "number of candidates, in none of the other times."
        )
    yield conditions_line(conditions)
    yield clock_line(conditions)
    yield load_line(run)
    yield f"Inputs: {conditions.inputs}. Weights as the bundles have them, drawn where none were."
    if conditions.runtime_settings:
        yield f"Told: {settings_line(conditions.runtime_settings)}"
    if conditions.runner:
        yield runner_line(conditions.runner)
    if run.cool_down:
        yield cool_down_line(run.cool_down, conditions.max_temperature_c)
    yield throttling_line(run.steadiness)
    yield noise_line(run)


def load_line(run: Run) -> str:
    load, busy = run.conditions.load_average, run.conditions.busy_elsewhere
    before = "unknown" if load is None else f"{load[0]:.2f} over the minute before"
    beside = "unknown" if busy is None else f"{busy:.0%} of their time"
    return f"Load: {before}; the other cores were busy for {beside} during the run."


def noise_line(run: Run) -> str:
    floor = run.noise_floor
    return (
        f"Noise floor: the first reference, loaded twice, differed by {floor.difference:.1%}; "
        f"differences below {floor.upper:.1%} cannot be told apart here."
    )
