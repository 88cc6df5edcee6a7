"""Numbers as the page shows them."""

from collections.abc import Iterable

from android_bench.measurement.statistics import Interval
from mobileinst_deploy.bench.cells import show_ms, show_ratio

MIB = 2**20
TIMES = "\N{MULTIPLICATION SIGN}"
UNTOLD = "not told by the device"


def ms_interval(interval: Interval) -> str:
    low, high = map(show_ms, interval)
    return f"{low} to {high}"


def ratio_interval(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    low, high = map(show_ratio, interval)
    return f"{low} to {high}"


def mib(size: int) -> str:
    """Of bytes."""
    return f"{size / MIB:.1f} MiB"


def percent(share: float, decimals: int = 1) -> str:
    return f"{100 * share:.{decimals}f} %"


def short_hash(sha256: str) -> str:
    return f"{sha256[:12]}…"


def listed(items: Iterable[object]) -> str:
    return ", ".join(map(str, items))


def count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
