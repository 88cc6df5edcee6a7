"""Starts a played phone: Google's adbd with a storage, answers and a /sys of its own."""

import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.device.cache import programs
from tests.device.phone import Phone
from tests.device.processes import MARK, kill_marked, running
from tests.device.sysfs import write_sysfs
from tests.device.witness import public, watching

ANSWERS = Path(__file__).with_name("answers")


@contextmanager
def played_phone(
    folder: Path,
    keys: Path,
    *,
    authorised: bool = True,
    properties: Mapping[str, str] | None = None,
    cores: int | None = None,
) -> Iterator[Phone]:
    """A phone in an empty folder, which is left with its log.

    `keys` is the private key of the host. `cores` are online in its sysfs, all of this host's if
    not said otherwise. Everything it started is killed in the end.
    """
    furnish(folder, cores or os.cpu_count() or 1)
    accepted = folder / "accepted_keys"
    accepted.write_bytes(public(keys).read_bytes() if authorised else b"")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        environment = {
            MARK: str(folder),
            "ADBD_LISTEN": f"acceptfd:{listener.fileno()}",
            "ADBD_KEYS": str(accepted),
            "PATH": f"{folder / 'answers'}:{programs().bin}",
            "TMPDIR": str(folder / "storage"),
        }
        serial = f"127.0.0.1:{listener.getsockname()[1]}"
        with (
            watching(keys, folder / "adb.log") as witness,
            running(
                [programs().adbd], environment, folder / "adbd.log", [listener.fileno()]
            ) as adbd,
        ):
            listener.close()
            phone = Phone(serial, keys, folder, witness, adbd.pid)
            for name, value in (properties or {}).items():
                phone.set_property(name, value)
            try:
                yield phone
            finally:
                kill_marked(str(folder))


def furnish(folder: Path, cores: int) -> None:
    """The files of a phone, before it is switched on."""
    (folder / "storage").mkdir()
    shutil.copytree(ANSWERS, folder / "answers")
    write_sysfs(folder / "sysfs", cores)
    places = {"sysfs": folder / "sysfs", "storage": folder / "storage"}
    with (folder / "answers/properties.txt").open("a") as properties:
        for name, place in places.items():
            properties.write(f"[debug.mobileinst.{name}]: [{place}]\n")
