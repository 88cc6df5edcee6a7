"""What Android's own tools print, as values; None where they don't say."""

import re
from dataclasses import dataclass

from android_bench.device.sections import Sections, fields, whole_number
from android_bench.transport.lines import shown

# Our name of a feature: how /proc/cpuinfo of an arm64 kernel spells it
# (arch/arm64/kernel/cpuinfo.c, hwcap_str).
FEATURES = {
    "fp16": "asimdhp",
    "dotprod": "asimddp",
    "fp16fml": "asimdfhm",
    "i8mm": "i8mm",
    "bf16": "bf16",
    "sve": "sve",
    "sve2": "sve2",
}
# dumpsys battery, "status": android.os.BatteryManager, BATTERY_STATUS_CHARGING and _FULL.
CHARGING = (2, 5)
CPU_ZONE = re.compile(r"cpu|^(big|mid|little|soc)", re.IGNORECASE)
PLAUSIBLE_C = (-40, 150)


@dataclass(frozen=True)
class Battery:
    level: int | None  # percent
    temperature_c: float | None
    charging: bool | None  # or full and on a charger


@dataclass(frozen=True)
class ThermalZone:
    path: str  # the folder in sysfs
    type: str
    readable: bool

    @property
    def of_cpu(self) -> bool:
        return CPU_ZONE.search(self.type) is not None


def parse_battery(text: str) -> Battery:
    r"""What `dumpsys battery` prints.

    >>> parse_battery('''Current Battery Service state:
    ...   AC powered: false
    ...   USB powered: true
    ...   status: 2
    ...   level: 83
    ...   scale: 100
    ...   temperature: 287
    ... ''')
    Battery(level=83, temperature_c=28.7, charging=True)
    """
    rows = (line.partition(":") for line in text.splitlines())
    values = {name.strip(): whole_number(value) for name, _, value in rows}
    level, scale = values.get("level"), values.get("scale") or 100
    tenths, status = values.get("temperature"), values.get("status")
    return Battery(
        None if level is None else level * 100 // scale,
        None if tenths is None else tenths / 10,
        None if status is None else status in CHARGING,
    )


def parse_screen(text: str) -> bool | None:
    r"""Whether the screen is on, from `dumpsys power`.

    >>> parse_screen("  mWakefulness=Awake\n"), parse_screen("mWakefulness=Dozing")
    (True, False)
    """
    match = re.search(r"^\s*mWakefulness=(\w+)", text, re.MULTILINE)
    return match[1] == "Awake" if match else None


def parse_features(cpuinfo: str) -> tuple[str, ...]:
    r"""What every core can do, from /proc/cpuinfo.

    >>> parse_features('''processor : 0
    ... Features : fp asimd aes fphp asimdhp asimddp
    ... processor : 7
    ... Features : fp asimd aes fphp asimdhp
    ... ''')
    ('fp16',)
    """
    rows = re.findall(r"^Features[ \t]*:(.*)$", cpuinfo, re.MULTILINE)
    common = set[str].intersection(*(set(row.split()) for row in rows)) if rows else set()
    return tuple(name for name, spelled in FEATURES.items() if spelled in common)


def parse_memory(meminfo: str) -> int | None:
    r"""MiB of memory, from /proc/meminfo.

    >>> parse_memory("MemTotal:        7594860 kB\nMemFree: 1 kB\n")
    7416
    """
    match = re.search(r"^MemTotal:\s*([0-9]{1,15}) kB", meminfo, re.MULTILINE)
    return int(match[1]) // 1024 if match else None


def parse_zones(sections: Sections) -> tuple[ThermalZone, ...]:
    r"""
    >>> parse_zones({"zone /sys/class/thermal/thermal_zone0": "type=cpu-0-0-usr\ntemp=41200"})
    (ThermalZone(path='/sys/class/thermal/thermal_zone0', type='cpu-0-0-usr', readable=True),)
    """
    zones = {
        name.removeprefix("zone "): fields(text)
        for name, text in sections.items()
        if name.startswith("zone ")
    }
    return tuple(
        ThermalZone(path, shown(zone.get("type", "")) or "", celsius(zone.get("temp")) is not None)
        for path, zone in sorted(zones.items(), key=lambda item: (len(item[0]), item[0]))
    )


def celsius(text: str | None) -> float | None:
    r"""A zone's temperature: thousandths of a degree, on some kernels degrees.

    Zones of sensors that are off report values that can't be: None.

    >>> celsius("41200"), celsius("41"), celsius("-274000"), celsius("")
    (41.2, 41.0, None, None)
    """
    value = whole_number(text)
    if value is None:
        return None
    degrees = value / 1000 if abs(value) >= 1000 else float(value)
    return degrees if PLAUSIBLE_C[0] < degrees < PLAUSIBLE_C[1] else None
