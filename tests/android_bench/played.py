"""A phone that this machine's /bin/sh plays: a folder of answers, and one that stands for /sys."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from android_bench.transport.local import LocalTransport


def played(root: Path, properties: Mapping[str, str], sysfs: Mapping[str, str]) -> LocalTransport:
    """An emulated device with these properties and these files of sysfs, and no other tools."""
    said = {"ro.boot.qemu": "1", "debug.mobileinst.sysfs": str(root / "sys"), **properties}
    cases = "\n".join(f"{name}) printf '%s\\n' {shlex.quote(v)} ;;" for name, v in said.items())
    executable(root / "bin" / "getprop", f'case "$1" in\n{cases}\n*) echo ;;\nesac')
    for name, content in sysfs.items():
        path = root / "sys" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return LocalTransport(root, {"PATH": f"{root / 'bin'}:/usr/bin:/bin"}, "played")


def executable(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def core_files(number: int, max_khz: int, related: str, capacity: int) -> dict[str, str]:
    folder = f"devices/system/cpu/cpu{number}"
    return {
        f"{folder}/cpu_capacity": f"{capacity}\n",
        f"{folder}/cpufreq/cpuinfo_max_freq": f"{max_khz}\n",
        f"{folder}/cpufreq/scaling_cur_freq": f"{max_khz // 2}\n",
        f"{folder}/cpufreq/scaling_max_freq": f"{max_khz}\n",
        f"{folder}/cpufreq/related_cpus": f"{related}\n",
    }
