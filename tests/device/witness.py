"""Debian's adb client: an independent witness of what is on a phone."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.device.processes import running

ANSWER_S = 60
START_S = 20


@dataclass(frozen=True)
class Witness:
    """A client with a server, a home and a key of its own."""

    environment: dict[str, str]

    def run(self, serial: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """A command on the phone; connects to it first."""
        self.call("connect", serial)
        return self.call("-s", serial, *arguments)

    def call(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["adb", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
            check=False,
        )

    def ask(self, serial: str, *arguments: str | Path) -> str:
        ran = self.run(serial, *arguments)
        assert ran.returncode == 0, f"adb {arguments}: {ran.stderr or ran.stdout}"
        return ran.stdout


@contextmanager
def watching(key: Path, log: Path) -> Iterator[Witness]:
    """Its server listens on a socket in a folder, so that no two of them meet."""
    with tempfile.TemporaryDirectory(prefix="adb-") as home:
        environment = {
            "HOME": home,
            "TMPDIR": home,
            "PATH": os.environ["PATH"],
            "ADB_SERVER_SOCKET": f"localfilesystem:{home}/server",
            "ADB_LOCAL_TRANSPORT_MAX_PORT": "0",  # looks for no emulators
        }
        (Path(home) / ".android").mkdir()
        for source, name in ((key, "adbkey"), (public(key), "adbkey.pub")):
            shutil.copy(source, Path(home, ".android", name))
        with running(["adb", "server", "nodaemon"], environment, log):
            wait_for(f"{home}/server")
            yield Witness(environment)


def wait_for(address: str) -> None:
    """Until the server answers: a client that finds none would start one that stays."""
    deadline_s = time.monotonic() + START_S
    while True:
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(address) == 0:
                return
        if time.monotonic() > deadline_s:
            raise TimeoutError("adb's server doesn't start")
        time.sleep(0.01)


def public(key: Path) -> Path:
    return key.with_name(f"{key.name}.pub")


def make_key(path: Path) -> Path:
    """A new pair of keys: the private one's path."""
    subprocess.run(["adb", "keygen", path], check=True, capture_output=True)
    return path
