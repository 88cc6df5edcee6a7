"""What a phone is, and the state it is in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from android_bench.device.cores import Core, parse_cores
from android_bench.device.parsers import (
    Battery,
    ThermalZone,
    celsius,
    parse_battery,
    parse_features,
    parse_memory,
    parse_screen,
    parse_zones,
)
from android_bench.device.sections import Sections, split_sections, whole_number
from android_bench.errors import DeviceError
from android_bench.transport.base import Transport
from android_bench.transport.lines import shown

__all__ = [
    "Battery",
    "Core",
    "DeviceFacts",
    "DeviceState",
    "ThermalZone",
    "choose_core",
    "read_facts",
    "read_state",
]

STORAGE = "/data/local/tmp"  # a shell may write and execute there, on every Android
SYSFS = "/sys"
SPEEDS = ("prime", "big", "little")  # from the fastest
STATE_SCRIPT = """\
lines=
for file do
    value=
    { IFS= read -r value <"$file" || true; } 2>/dev/null
    lines="$lines $value
"
done
printf '%s' "$lines"
dumpsys battery 2>/dev/null </dev/null
true
"""


@dataclass(frozen=True)
class DeviceFacts:
    """What doesn't change in a run, but for the battery and the screen; None: not to be learnt."""

    serial: str
    manufacturer: str | None
    model: str | None
    soc: str | None  # such as SM7325
    platform: str | None  # ro.board.platform, such as lahaina
    abi: str | None
    android_version: str | None
    sdk: int | None
    fingerprint: str | None  # of the system's build
    kernel: str | None
    features: tuple[str, ...]  # of those in parsers.FEATURES
    cores: tuple[Core, ...]
    thermal_zones: tuple[ThermalZone, ...]
    battery: Battery
    screen_on: bool | None
    page_size: int | None  # bytes
    memory_mib: int | None
    emulated: bool  # then nothing it does has a speed that means anything
    exec_prefix: tuple[str, ...]  # goes before each program; empty on a real phone, as next two
    sysfs: str
    storage: str

    @property
    def clusters(self) -> dict[str, tuple[int, ...]]:
        """The cores of each cluster, the fastest cluster first."""
        names = sorted(
            {core.cluster_name for core in self.cores},
            key=lambda name: SPEEDS.index(name) if name in SPEEDS else len(SPEEDS),
        )
        return {
            name: tuple(core.number for core in self.cores if core.cluster_name == name)
            for name in names
        }

    @property
    def cpu_zones(self) -> tuple[ThermalZone, ...]:
        """The thermal zones of the processor that can be read."""
        return tuple(zone for zone in self.thermal_zones if zone.readable and zone.of_cpu)


@dataclass(frozen=True)
class DeviceState:
    """How the device is at this moment; None where it does not say."""

    temperatures_c: dict[str, float | None]  # by the path of the CPU's thermal zones
    battery_c: float | None
    frequency_khz: int | None  # of the core asked for
    frequency_max_khz: int | None  # the highest one that it may take now

    @property
    def hottest_c(self) -> float | None:
        """The hottest zone of the CPU."""
        known = [value for value in self.temperatures_c.values() if value is not None]
        return max(known, default=None)


def read_facts(transport: Transport) -> DeviceFacts:
    """Asks everything at once. Raises DeviceError where the device is lost or runs no script."""
    result = transport.shell(("sh", "-c", facts_script(), "sh"))
    sections = split_sections(result.stdout)
    if "cpuinfo" not in sections:
        raise DeviceError(
            f"{transport.serial} can't say what it is: expected a POSIX shell, but it answered "
            f"{shown(result.stderr or result.stdout) or 'nothing'!r} (exit status {result.code})"
        )
    return parse_facts(transport.serial, sections)


@cache
def facts_script() -> str:
    return files("android_bench.device").joinpath("device_facts.sh").read_text()


def parse_facts(serial: str, sections: Sections) -> DeviceFacts:
    def own(name: str) -> str | None:
        return shown(sections.get(f"property {name}", ""))

    emulated = "1" in (own("ro.boot.qemu"), own("ro.kernel.qemu"))

    def emulator_says(name: str) -> str:
        return sections.get(f"property debug.mobileinst.{name}", "").strip() if emulated else ""

    return DeviceFacts(
        serial=serial,
        manufacturer=own("ro.product.manufacturer"),
        model=own("ro.product.model"),
        soc=own("ro.soc.model"),
        platform=own("ro.board.platform"),
        abi=own("ro.product.cpu.abi"),
        android_version=own("ro.build.version.release"),
        sdk=whole_number(own("ro.build.version.sdk")),
        fingerprint=own("ro.build.fingerprint"),
        kernel=shown(sections.get("kernel", "")),
        features=parse_features(sections.get("cpuinfo", "")),
        cores=parse_cores(sections),
        thermal_zones=parse_zones(sections),
        battery=parse_battery(sections.get("battery", "")),
        screen_on=parse_screen(sections.get("power", "")),
        page_size=whole_number(sections.get("page")),
        memory_mib=parse_memory(sections.get("memory", "")),
        emulated=emulated,
        exec_prefix=tuple(emulator_says("exec_prefix").split()),
        sysfs=emulator_says("sysfs") or SYSFS,
        storage=emulator_says("storage") or STORAGE,
    )


def read_state(transport: Transport, facts: DeviceFacts, core: int) -> DeviceState:
    """Temperatures, and the frequency of one core. Raises DeviceError where the device is lost."""
    cpufreq = f"{facts.sysfs}/devices/system/cpu/cpu{core}/cpufreq"
    zones = [zone.path for zone in facts.cpu_zones]
    paths = [f"{cpufreq}/scaling_cur_freq", f"{cpufreq}/scaling_max_freq"]
    paths += [f"{zone}/temp" for zone in zones]
    lines = transport.shell(("sh", "-c", STATE_SCRIPT, "sh", *paths)).stdout.splitlines()
    values: Sequence[str] = [*lines[: len(paths)], *[""] * (len(paths) - len(lines))]
    return DeviceState(
        dict(zip(zones, map(celsius, values[2:]), strict=True)),
        parse_battery("\n".join(lines[len(paths) :])).temperature_c,
        whole_number(values[0]),
        whole_number(values[1]),
    )


def choose_core(facts: DeviceFacts, asked: str = "") -> int:
    """The core of a cluster's name or of a number; of the fastest cluster, if nothing is asked.

    Of a cluster it is the last core that is on. Raises DeviceError, which lists the clusters.
    """
    online = {core.number for core in facts.cores if core.online}
    clusters = facts.clusters
    if asked:
        named = clusters.get(asked, ())
        candidates = [number for number in online if number in named or str(number) == asked]
    else:
        usable = ([n for n in cores if n in online] for cores in clusters.values())
        candidates = next(filter(None, usable), [])
    if not candidates:
        raise DeviceError(
            f"{facts.serial} has no core {asked or 'that is on'!r}; choose one of "
            f"{describe_clusters(facts)}"
        )
    return max(candidates)


def describe_clusters(facts: DeviceFacts) -> str:
    """Such as "prime (core 7), big (cores 4, 5, 6), little (cores 0, 1, 2, 3 off)"."""
    off = {core.number for core in facts.cores if not core.online}
    return ", ".join(
        f"{name} (core{'s' if len(cores) > 1 else ''} "
        f"{', '.join(f'{number} off' if number in off else str(number) for number in cores)})"
        for name, cores in facts.clusters.items()
    )
