"""The played phone as a test sees it."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.device.processes import Running, marked
from tests.device.proxy import FAULTS, Fault, Proxy
from tests.device.witness import Witness

PROPERTY = "[{}]: [{}]\n"


@dataclass(frozen=True)
class Phone:
    serial: str  # 127.0.0.1:PORT
    keys: Path  # the private key of a host that the phone knows, or should not know
    folder: Path  # the host's folder with all of the phone
    witness: Witness
    pid: int  # adbd's

    @property
    def port(self) -> int:
        return int(self.serial.rpartition(":")[2])

    @property
    def storage(self) -> Path:
        """What the phone has instead of /data/local/tmp."""
        return self.folder / "storage"

    @property
    def answers(self) -> Path:
        """First on its PATH: getprop, dumpsys, … and the files they answer from."""
        return self.folder / "answers"

    @property
    def sysfs(self) -> Path:
        """Played as /sys; `tests.device.sysfs` changes it."""
        return self.folder / "sysfs"

    @property
    def log(self) -> Path:
        return self.folder / "adbd.log"

    def set_property(self, name: str, value: str) -> None:
        """From now on `getprop name` prints the value."""
        file = self.answers / "properties.txt"
        lines = file.read_text().splitlines(keepends=True)
        others = [line for line in lines if not line.startswith(f"[{name}]")]
        file.write_text("".join((*others, PROPERTY.format(name, value))))

    def adb(self, *arguments: str | Path) -> str:
        """Debian's adb client: what it prints. Raises AssertionError where it fails."""
        return self.witness.ask(self.serial, *arguments)

    def processes(self) -> list[Running]:
        """What its shell has started and still runs."""
        return [one for one in marked(str(self.folder)) if one.pid != self.pid]

    def line(self, fault: str | Fault) -> Proxy:
        """A line to this phone with a fault; `serial` and `happened` are what tests ask of it."""
        return Proxy(self.port, FAULTS[fault] if isinstance(fault, str) else fault)

    @contextmanager
    def proxy(self, fault: str | Fault) -> Iterator[str]:
        """Another serial of this phone, on a line with a fault."""
        with self.line(fault) as line:
            yield line.serial


def leftovers(phone: Phone) -> list[str]:
    """What lies in its storage, as the phone itself lists it, and what runs that its shell began.

    Paths are relative to the storage; a folder that is empty is listed, too.
    """
    listed = phone.adb("shell", f"cd {shlex.quote(str(phone.storage))} && find . -mindepth 1")
    files = sorted(line.removeprefix("./") for line in listed.splitlines())
    return [*files, *(shlex.join(process.command) for process in phone.processes())]
