"""Blocks: runs of TNNTest in a process of its own each, watched by a script on the device."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from time import monotonic

from android_bench.errors import BenchError, DeviceError
from android_bench.tnn.benchmark import Said, Timing, read_timing, shown

FIRST, BLOCK = "first", "block"
UNKNOWN = "-"


@dataclass(frozen=True)
class Planned:
    """One process."""

    kind: str  # first: a single run with nothing before it, whose outputs are looked at; or block
    model: str  # the proto's file name
    inputs: str  # the file name of the text that its inputs are read from
    precision: str  # HIGH, NORMAL, AUTO
    warmup: int  # runs before those that count
    runs: int


@dataclass(frozen=True)
class Watched:
    """A look at the process while it ran; None: not known."""

    core: int | None
    allowed: str  # cores, as in 0-3,7
    frequency_khz: int | None
    frequency_limit_khz: int | None
    peak_rss_kib: int | None


@dataclass
class Block:
    """What came of a process."""

    kind: str
    model: str
    watched: list[Watched] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    outputs: tuple[int, int] | None = None  # lines of what it computed, and those with no number
    code: int | None = None
    end_s: float = 0.0  # since the first line that the device said

    @property
    def over(self) -> bool:
        return self.code is not None

    def timing(self) -> Timing:
        """Raises BenchError where it has not measured."""
        return read_timing(Said(self.out, self.err, self.code or 0), self.model)


@cache
def script() -> bytes:
    return files("android_bench.tnn").joinpath("tnn_blocks.sh").read_bytes()


def plan_text(planned: Iterable[Planned]) -> str:
    return "".join(
        f"{p.kind} {p.model} {p.inputs} {p.precision} {p.warmup} {p.runs}\n" for p in planned
    )


def core_mask(cores: Iterable[int]) -> str:
    """As taskset takes it; - for no core.

    >>> core_mask([0, 7])
    '81'
    """
    mask = sum(1 << core for core in {*cores})
    return f"{mask:x}" if mask else UNKNOWN


class BlockReader:
    """Takes the script's lines as they come."""

    def __init__(
        self, on_block: Callable[[Block], None] = lambda block: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:  # fmt: skip
        self.blocks: list[Block] = []
        self.heat: list[tuple[float, str, int | None]] = []  # seconds, sensor, thousandths of °C
        self.failed: str | None = None
        self.done = False
        self._on_block = on_block
        self._clock = clock
        self._start_s: float | None = None

    def read(self, line: str) -> None:
        """Raises BenchError for a line that the script does not print."""
        word, _, rest = line.partition(" ")
        if not word:
            return
        if word not in READERS or self.done:
            raise BenchError(f"the device printed what was not expected: {shown(line)}")
        try:
            READERS[word](self, rest)
        except (ValueError, IndexError) as error:
            raise BenchError(f"the device printed a broken line: {shown(line)}") from error

    def elapsed_s(self) -> float:
        now_s = self._clock()
        self._start_s = now_s if self._start_s is None else self._start_s
        return now_s - self._start_s

    def latest(self) -> Block:
        """Raises ValueError where none has begun, or the last one is over."""
        if not self.blocks or self.blocks[-1].over:
            raise ValueError("no process runs")
        return self.blocks[-1]

    def begin(self, rest: str) -> None:
        if self.blocks and not self.blocks[-1].over:
            raise ValueError("one process runs already")
        kind, model = rest.split(" ")
        self.blocks.append(Block(kind, model))

    def watch(self, rest: str) -> None:
        core, allowed, frequency, limit, peak = rest.split(" ")
        self.latest().watched.append(
            Watched(number(core), allowed, number(frequency), number(limit), number(peak))
        )

    def out(self, rest: str) -> None:
        self.latest().out.append(rest)

    def err(self, rest: str) -> None:
        self.latest().err.append(rest)

    def outputs(self, rest: str) -> None:
        lines, odd = map(int, rest.split(" "))
        self.latest().outputs = (lines, odd)

    def heated(self, rest: str) -> None:
        path, value = rest.rsplit(" ", 1)
        self.heat.append((self.elapsed_s(), path, number(value)))

    def end(self, rest: str) -> None:
        block = self.latest()
        block.code, block.end_s = int(rest), self.elapsed_s()
        self._on_block(block)

    def fail(self, rest: str) -> None:
        self.failed = self.failed or rest

    def finish(self, rest: str) -> None:
        self.done = True


READERS: dict[str, Callable[[BlockReader, str], None]] = {
    "begin": BlockReader.begin,
    "watch": BlockReader.watch,
    "out": BlockReader.out,
    "err": BlockReader.err,
    "outputs": BlockReader.outputs,
    "heat": BlockReader.heated,
    "end": BlockReader.end,
    "fail": BlockReader.fail,
    "done": BlockReader.finish,
}


def number(text: str) -> int | None:
    return None if text == UNKNOWN else int(text)


def complete(reader: BlockReader, planned: Sequence[Planned], where: str) -> list[Block]:
    """The blocks in the plan's order. Raises DeviceError where the core could not be had."""
    if reader.failed is not None:
        raise DeviceError(f"{where} can't pin TNNTest to a core: {shown(reader.failed)}")
    got = [(block.kind, block.model) for block in reader.blocks if block.over]
    if not reader.done or got != [(one.kind, one.model) for one in planned]:
        raise BenchError(
            f"the script on {where} stopped after {len(got)} of {len(planned)} processes; "
            "measure again"
        )
    return reader.blocks


def check_core(block: Block, core: int) -> None:
    """Raises BenchError unless each look found it on that core, and bound to it."""
    if not block.watched:
        raise BenchError(
            f"TNNTest was over before anyone could see on which core it ran ({block.model}); "
            "let a sample be the mean of more runs"
        )
    for look in block.watched:
        if (look.core, look.allowed) != (core, str(core)):
            raise BenchError(
                f"TNNTest ran {block.model} on core {look.core} and may run on {look.allowed}, but "
                f"core {core} was asked for, so the result is refused; stop what moved it, or "
                "choose another core"
            )
