"""What is installed on this machine, read from packages' metadata without importing them."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    python: str
    platform: str
    cpu: str
    cores: int  # that this process may use
    versions: Mapping[str, str]  # of those packages asked for that are installed
    requirements: Mapping[str, tuple[str, ...]]  # of each of them, as its metadata states them
    cv2_error: str | None  # why `import cv2` fails, where an OpenCV is installed


def examine(packages: Iterable[str]) -> Environment:
    versions = {name: version for name in packages if (version := installed_version(name))}
    return Environment(
        platform.python_version(),
        f"{platform.system()} {platform.release()} {platform.machine()}",
        cpu_name(),
        len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1,
        versions,
        {name: tuple(metadata.requires(name) or ()) for name in versions},
        import_error("cv2") if any(name.startswith("opencv-") for name in versions) else None,
    )


def installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def cpu_name() -> str:
    """As the kernel or the platform calls it; ARM kernels give no name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")


def import_error(module: str, timeout_s: float = 60) -> str | None:
    """The last line that importing it prints, in a process of its own; None where it works."""
    command = [sys.executable, "-P", "-c", f"import {module}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        return f"the import takes longer than {timeout_s:g} s"
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def numbers(version: str) -> tuple[int, ...]:
    """1.23.2+cpu -> (1, 23, 2), and 2.0 -> (2,), so that 2 and 2.0 are the same."""
    release = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, re.sub(r"(\.0)+$", "", release[0]).split("."))) if release else ()


def build(version: str) -> str:
    """2.13.0+cpu -> cpu."""
    return version.partition("+")[2]


def lowest_allowed(environment: Environment, package: str, dependency: str) -> str | None:
    """The X of "dependency>=X" or "dependency==X" in an installed package's own requirements."""
    pattern = re.compile(rf"{re.escape(dependency)}(?![\w.-])[^;]*?[>=]=\s*([\d.]+)(?!.*extra)")
    found = map(pattern.match, environment.requirements.get(package, ()))
    return next((match[1] for match in found if match), None)


def is_below_need(environment: Environment, package: str, dependency: str) -> bool:
    """A package is installed beside a version of its dependency that is too old for it."""
    need = lowest_allowed(environment, package, dependency)
    installed = environment.versions.get(dependency)
    return need is not None and installed is not None and numbers(installed) < numbers(need)
