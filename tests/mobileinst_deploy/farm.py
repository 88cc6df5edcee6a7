"""A zip of the small bundle, unpacked, and its script as a shell runs it."""

import os
import shutil
import signal
import subprocess
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from android_bench.building import Runner
from android_bench.farm.archive import FOLDER
from android_bench.measurement.conditions import allowed_cores
from export.manifest import open_bundle
from mobileinst_deploy.bench.farm import FarmSettings, pack
from mobileinst_deploy.bench.phone_runs import ScheduleSettings
from mobileinst_deploy.bench.plan import BenchSettings
from mobileinst_deploy.runtimes.native import phone_runtimes
from tests.android_bench.local_phone import LocalPhone
from tests.device.sysfs import write_sysfs

CORE = allowed_cores()[-1]
ROUNDS = BenchSettings(graphs=("fold", "reuse_folded"))
EVERYTHING = FarmSettings(ROUNDS, ScheduleSettings(3, 6, 1000.0), profile=True)
QUICK = FarmSettings(BenchSettings(graphs=("fold",)))
BOTH = ("ncnn", "ncnn:fp16-storage")
FEW = ("-w", "1", "-n", "3")
SHELLS = (("dash",), ("mksh",), ("bash", "--posix"), ("busybox", "sh"))


def make_zip(
    path: Path,
    bundle: Path,
    runner: Runner,
    settings: FarmSettings = QUICK,
    runtimes: Sequence[str] = ("ncnn",),
) -> Path:
    known = phone_runtimes()
    pack(path, open_bundle(bundle), runner, [known[name] for name in runtimes], settings)
    return path


def unpack(archive: Path, folder: Path) -> Path:
    """As unzip does, but for the modes, which run.sh sets where it needs them."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder / FOLDER


def make_phone(folder: Path) -> LocalPhone:
    """An x86 phone whose cores are this machine's; the last is the prime one."""
    write_sysfs(folder / "sys", online=CORE + 1)
    phone = LocalPhone(folder)
    phone.answer("ro.product.cpu.abi", "x86_64")
    phone.answer("ro.serialno", 'R5"CT\\x')
    return phone


def environment(phone: LocalPhone | None) -> dict[str, str]:
    """With the phone's answers first on the PATH, or as this machine is."""
    path = f"{phone.tools}:/usr/bin:/bin" if phone else "/usr/bin:/bin"
    return {"PATH": path, "LC_ALL": "C.UTF-8"}


def run_script(
    folder: Path,
    *options: str,
    phone: LocalPhone | None = None,
    shell: Sequence[str] = ("sh",),
    more: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    if not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not installed")
    return subprocess.run(
        [*shell, str(folder / "run.sh"), *options],
        env={**environment(phone), **(more or {})},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@contextmanager
def started_script(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Ended with all that it started, whatever becomes of the test."""
    with subprocess.Popen(
        ["sh", "run.sh", *options],
        env=environment(None),
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_signals,
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def heed_signals() -> None:
    """Whatever started the tests may have them ignored, which a shell can't undo."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def listing(folder: Path) -> set[str]:
    return {os.path.relpath(path, folder) for path in folder.rglob("*")}
