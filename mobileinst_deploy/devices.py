"""The phones that can be reached, what they are, and as text."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.table import Table
from rich.text import Text

from android_bench.device.facts import (
    DeviceFacts,
    DeviceState,
    choose_core,
    describe_clusters,
    read_facts,
    read_state,
)
from android_bench.device.profiles import filled, matching_profile
from android_bench.errors import BenchError, DeviceError
from android_bench.remote.fleet import Outcome, Stop, on_all
from android_bench.remote.session import open_session
from android_bench.transport import TIMEOUT_S, connect
from android_bench.transport.lines import printable

READY, CLEANED = "ready", "ready, cleaned"
NO_PHONE = (
    "no phone found: plug one in with USB debugging on, or give one in the network with --serial "
    "HOST:PORT ('adb tcpip 5555' over USB opens that port)"
)


@dataclass(frozen=True)
class Phone:
    facts: DeviceFacts
    state: DeviceState
    cleaned: bool


@dataclass(frozen=True)
class Listed:
    serial: str
    state: str  # ready, or what is wrong, in one line
    facts: DeviceFacts | None = None
    hottest_c: float | None = None  # of the CPU's thermal zones


def reachable() -> tuple[str, ...]:
    """The serials of all phones that an adb server knows or that are on USB."""
    from android_bench.transport.server import server_states
    from android_bench.transport.usb import usb_phones

    return tuple(dict.fromkeys((*server_states(TIMEOUT_S), *usb_phones())))


def list_phones(
    serials: Sequence[str], keys: Path | None = None, clean: bool = False
) -> tuple[Listed, ...]:
    """These phones, or all within reach. What is wrong with one does not lose the others.

    `clean` removes what earlier runs left there. Raises DeviceError where there is no phone at all.
    """
    if not (wanted := tuple(serials) or reachable()):
        raise DeviceError(NO_PHONE)

    def look(serial: str, stop: Stop) -> Phone:
        if clean:
            with open_session(serial, keys, remove_files=True):
                pass  # cleans in the end
        stop.check()
        return examine(serial, keys, clean)

    return tuple(map(listed, on_all(wanted, look)))


def examine(serial: str, keys: Path | None, cleaned: bool = False) -> Phone:
    """Raises DeviceError."""
    with closing(connect(serial, keys)) as transport:
        facts = read_facts(transport)
        profile = matching_profile(facts)
        facts = filled(facts, profile) if profile else facts
        core = choose_core(facts) if facts.cores else 0
        return Phone(facts, read_state(transport, facts, core), cleaned)


def listed(outcome: Outcome[Phone]) -> Listed:
    phone = outcome.result
    if phone:
        state = CLEANED if phone.cleaned else READY
        return Listed(outcome.serial, state, phone.facts, phone.state.hottest_c)
    if isinstance(outcome.error, BenchError):
        return Listed(outcome.serial, str(outcome.error))
    raise outcome.error or RuntimeError(f"{outcome.serial} was not looked at")


def as_json(phones: Sequence[Listed]) -> str:
    text = msgspec.json.encode({"devices": phones})
    return msgspec.json.format(text, indent=2).decode()


COLUMNS = ("serial", "model", "SoC", "clusters", "Android", "ABI", "CPU °C", "battery", "state")


def as_table(phones: Sequence[Listed]) -> Table:
    """Those that can be worked with."""
    table = Table()
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for phone in phones:
        if phone.facts:
            # A name may hold what looks like markup.
            table.add_row(*map(Text, cells(phone, phone.facts)))
    return table


def problems(phones: Sequence[Listed]) -> list[str]:
    """A line for each of the others; it names the phone."""
    return [printable(phone.state) for phone in phones if phone.facts is None]


def cells(phone: Listed, facts: DeviceFacts) -> tuple[str, ...]:
    return (
        printable(phone.serial),
        " ".join(filter(None, (facts.manufacturer, facts.model))) or "-",
        facts.soc or facts.platform or "-",
        describe_clusters(facts) or "-",
        facts.android_version or "-",
        facts.abi or "-",
        "-" if phone.hottest_c is None else f"{phone.hottest_c:.1f}",
        describe_battery(facts),
        f"{phone.state}; emulated: correctness only" if facts.emulated else phone.state,
    )


def describe_battery(facts: DeviceFacts) -> str:
    """Such as "83 %, charging, 28.7 °C"."""
    battery = facts.battery
    parts = (
        None if battery.level is None else f"{battery.level} %",
        "charging" if battery.charging else None,
        None if battery.temperature_c is None else f"{battery.temperature_c:.1f} °C",
    )
    return ", ".join(filter(None, parts)) or "-"
