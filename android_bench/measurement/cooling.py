"""The temperature gate before a measurement, and a wait for it that has a bound."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

PAUSE_S = 5.0  # between two looks at the sensors

Decision = Literal["ok", "wait", "unknown"]
Temperatures = Sequence[float | None]  # C, of each sensor; None where it can't be read


@dataclass(frozen=True)
class Gate:
    decision: Decision
    hottest_c: float | None  # None: no sensor can be read


@dataclass(frozen=True)
class CoolDown:
    waited_s: float
    start_c: float | None  # of the hottest sensor; None: no sensor can be read
    end_c: float | None
    reached: bool | None  # whether all are at the limit or below; None: nobody can tell


def gate(temperatures: Temperatures, limit_c: float) -> Gate:
    """`ok` where the hottest sensor is at the limit or below."""
    readable = [celsius for celsius in temperatures if celsius is not None]
    if not readable:
        return Gate("unknown", None)
    return Gate("ok" if max(readable) <= limit_c else "wait", max(readable))


def cool_down(
    read: Callable[[], Temperatures],
    limit_c: float,
    bound_s: float,
    sleep: Callable[[float], object],
    clock: Callable[[], float],
) -> CoolDown:
    """Waits for the gate, for `bound_s` at most; not at all where no sensor can be read."""
    started_s = clock()
    first = now = gate(read(), limit_c)
    while now.decision == "wait" and (left_s := started_s + bound_s - clock()) > 0:
        sleep(min(PAUSE_S, left_s))
        now = gate(read(), limit_c)
    reached = None if now.decision == "unknown" else now.decision == "ok"
    return CoolDown(clock() - started_s, first.hottest_c, now.hottest_c, reached)
