"""TNN's own benchmark program, TNNTest: what it is told, and what may be believed of what it says.

Its exit status is often 0 after a failure, since a status of TNN has its reason in the upper byte:
it has run if it printed its line, once, for that model (TNN f0cb081, test/test.cc, test/timer.cc).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from android_bench.errors import BenchError

DEVICE = "ARM"  # TNN's name for the CPU's kernels
PRECISIONS = {  # of -pr; LOW, bfloat16, fails at the first change of layout
    "HIGH": "float32",
    "NORMAL": "float16 where the CPU and the build of TNN have it",
    "AUTO": "as NORMAL, with approximate functions",
}
MARK = "TNN Benchmark time cost"
LINE = re.compile(
    r"(?P<model>\S+) - (?P<device>\S+)\s+"
    + MARK
    + r": min =\s*(?P<shortest>\S+)\s*ms\s*\|\s*max =\s*(?P<longest>\S+)\s*ms"
    + r"\s*\|\s*avg =\s*(?P<mean>\S+)\s*ms"
)
# "E/tnn: function [File source][Line n] text"; on Android the function comes with its arguments.
TNN_ERROR = re.compile(r"^E/tnn: .*?\[Line \d+\]\s*(?P<text>.*\S)")
ROUNDING_MS = 0.002  # it prints three decimals, and sums up in float32
SHOWN = 200  # characters of a line that a message repeats
LOADER = ("CANNOT LINK EXECUTABLE", "error while loading shared libraries")  # bionic's, glibc's
SIGNALS = {  # by 128 + the number, as shells have it
    132: "it met an instruction that this CPU lacks (SIGILL): build TNN for this CPU",
    134: "it aborted itself (SIGABRT)",
    135: "it read memory that is not there (SIGBUS)",
    136: "it divided by zero (SIGFPE)",
    137: "it was killed (SIGKILL), most likely for memory: close other programs",
    139: "it read memory that is not its own (SIGSEGV)",
    159: "it made a system call that is forbidden here (SIGSYS)",
}


@dataclass(frozen=True)
class Timing:
    """Of the runs of one process, in ms."""

    shortest: float
    longest: float
    mean: float


@dataclass(frozen=True)
class Said:
    """What came of one process."""

    out: Sequence[str]  # lines
    err: Sequence[str]
    code: int  # not to be believed where it is 0


def options(core: int) -> tuple[str, ...]:
    """One thread on one core, float32 input in NCHW order."""
    return ("-mt", "TNN", "-dt", DEVICE, "-th", "1", "-it", "0", "-dl", str(core))


def read_timing(said: Said, model: str, device: str = DEVICE) -> Timing:
    """`model`: the proto's file name. Raises BenchError, with TNN's own reason where it has one."""
    lines = [line for line in said.out if MARK in line]
    if not lines:
        raise BenchError(f"TNNTest has not measured {model}: {failure(said)}")
    if len(lines) > 1:
        raise BenchError(f"TNNTest printed {len(lines)} results for one run of {model}")
    found = LINE.search(lines[0])
    timing = as_timing(found) if found else None
    if not found or not timing:
        raise BenchError(f"TNNTest printed a result that can't be read: {shown(lines[0])}")
    if (found["model"], found["device"]) != (model, device):
        raise BenchError(
            f"TNNTest measured {found['model']} on {found['device']}, expected {model} on {device}"
        )
    return checked(timing)


def as_timing(found: re.Match[str]) -> Timing | None:
    """None where one of them is no number."""
    try:
        return Timing(*(float(found[name]) for name in ("shortest", "longest", "mean")))
    except ValueError:
        return None


def checked(timing: Timing) -> Timing:
    """Raises BenchError for what can't be: TNNTest reads a clock that can be set meanwhile."""
    shortest, longest, mean = timing.shortest, timing.longest, timing.mean
    in_order = shortest - ROUNDING_MS <= mean <= longest + ROUNDING_MS
    if not (all(map(isfinite, (shortest, longest, mean))) and shortest > 0 and in_order):
        raise BenchError(
            f"TNNTest says that runs took {shortest:g} to {longest:g} ms, {mean:g} on average, "
            "which can't be; was the device's clock set meanwhile? Measure again"
        )
    return timing


def failure(said: Said) -> str:
    """TNN's first error; or what the loader, a signal or the program's last line says."""
    errors = (found["text"] for line in said.err if (found := TNN_ERROR.search(line)))
    loader = (line.strip() for line in said.err if any(words in line for words in LOADER))
    reasons = (
        next(errors, None),
        next(loader, None),
        SIGNALS.get(said.code),
        last(said.err) or last(said.out),
    )
    return shown(next(filter(None, reasons), f"it said nothing, exit status {said.code}"))


def last(lines: Iterable[str]) -> str | None:
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else None


def shown(line: str) -> str:
    """Printable, and cut."""
    plain = "".join(c if c.isprintable() else "?" for c in line[:SHOWN])
    return plain + ("…" if len(line) > SHOWN else "")
