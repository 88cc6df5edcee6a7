"""Pin a measurement to one core of this machine, and read the state the core is in."""

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from android_bench.errors import DeviceError

CPU_FOLDER = Path("/sys/devices/system/cpu")
CPU_INFO = Path("/proc/cpuinfo")
PROCESS_STATUS = Path("/proc/self/status")
# The fields of /proc/cpuinfo that name a processor: x86, older ARM kernels, POWER and RISC-V.
CPU_NAME_FIELDS = ("model name", "Hardware", "cpu", "uarch")


@dataclass(frozen=True)
class CoreState:
    """What the system says about a core; None where it does not say."""

    governor: str | None
    frequency_khz: int | None


def allowed_cores() -> tuple[int, ...]:
    """The cores this process may run on, ascending. Raises DeviceError where nobody can tell."""
    if not hasattr(os, "sched_getaffinity"):
        raise DeviceError("this system can't pin a process to a core; measure on Linux")
    return tuple(sorted(os.sched_getaffinity(0)))


def choose_core(asked: int | None) -> int:
    """The core asked for, or else the last of the allowed ones.

    Raises DeviceError where the process may not run on it.
    """
    allowed = allowed_cores()
    if asked is None:
        return allowed[-1]
    if asked not in allowed:
        raise DeviceError(
            f"core {asked} was asked for, but this process may run on "
            f"{describe_cores(allowed)} only; choose one of these, or let go of the limit (taskset)"
        )
    return asked


def describe_cores(cores: tuple[int, ...]) -> str:
    return f"core{'s' if len(cores) > 1 else ''} {', '.join(map(str, cores))}"


@contextmanager
def pinned(asked: int | None) -> Iterator[int]:
    """Keeps the calling thread, and what it starts, on one core; yields its number.

    The old mask is restored. Raises DeviceError where the core is not allowed or pinning failed.
    """
    core, before = choose_core(asked), allowed_cores()
    try:
        pin(core)
        yield core
    finally:
        os.sched_setaffinity(0, before)


def pin(core: int) -> None:
    """Raises DeviceError unless the thread is on the core afterwards."""
    try:
        os.sched_setaffinity(0, {core})
    except OSError as error:
        raise DeviceError(
            f"can't pin to core {core}: {error.strerror}; choose another core"
        ) from error
    mask, seen = allowed_cores(), current_core()
    if mask != (core,) or seen != core:
        raise DeviceError(
            f"pinning to core {core} had no effect: the process may run on "
            f"{describe_cores(mask)} and runs on core {seen}; choose another core"
        )


def current_core() -> int:
    """The core that the calling thread runs on."""
    return getcpu()()


@cache
def getcpu() -> Callable[[], int]:
    """libc's sched_getcpu. Raises DeviceError where the C library has none."""
    try:
        function: Callable[[], int] = ctypes.CDLL(None).sched_getcpu
    except (AttributeError, OSError, TypeError) as error:
        raise DeviceError(
            "this system can't tell which core a thread runs on; measure on Linux"
        ) from error
    return function


def read_core_state(core: int, folder: Path = CPU_FOLDER) -> CoreState:
    cpufreq = folder / f"cpu{core}" / "cpufreq"
    frequency = read_text(cpufreq / "scaling_cur_freq") or ""
    return CoreState(
        read_text(cpufreq / "scaling_governor"),
        int(frequency) if frequency.isdecimal() else None,
    )


def read_text(path: Path) -> str | None:
    """The text of a file of /sys or /proc; None where it can't be read or is empty."""
    try:
        return path.read_text(errors="replace").strip() or None
    except OSError:
        return None


def cpu_model(path: Path = CPU_INFO) -> str | None:
    """The processor's name; None where /proc/cpuinfo has none."""
    rows = [line.partition(":") for line in (read_text(path) or "").splitlines()]
    named = {key.strip(): value.strip() for key, _, value in rows if value.strip()}
    return next((named[field] for field in CPU_NAME_FIELDS if field in named), None)


def load_average() -> tuple[float, float, float] | None:
    """Over the last 1, 5 and 15 minutes; None where the system has none."""
    try:
        return os.getloadavg()
    except (AttributeError, OSError):
        return None


def peak_rss_mib(path: Path = PROCESS_STATUS) -> float | None:
    """The most memory this process has held so far; None where the system does not say."""
    rows = [line.split() for line in (read_text(path) or "").splitlines()]
    return next((int(row[1]) / 1024 for row in rows if row[:1] == ["VmHWM:"]), None)
