"""One process of this machine at a time on a device."""

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from android_bench.errors import DeviceError
from android_bench.files import replace_file

FOLDER = "mobileinst-deploy"
TOKEN = re.compile(r"[0-9a-f]{8}")


@contextmanager
def device_lock(serial: str) -> Iterator[None]:
    """Raises DeviceError, which names the process, where another one has the device.

    The system lets go of the lock when a process ends, however that comes about.
    """
    path = lock_path(serial)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise cache_error(path, error) from error
    try:
        take(descriptor, serial)
        yield
    finally:
        os.close(descriptor)


def take(descriptor: int, serial: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
        raise DeviceError(
            f"{serial} is in use by process {holder} of this machine; wait until it is done, or "
            "stop it"
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


def lock_path(serial: str) -> Path:
    """Named by a hash, since a serial may hold anything: slashes, dots, line breaks."""
    name = hashlib.sha256(serial.encode(errors="surrogateescape")).hexdigest()[:32]
    return made(cache_folder() / "locks") / f"{name}.lock"


def host_token() -> str:
    """Tells this machine's user from others on the device: chosen once, kept in the cache."""
    path = made(cache_folder()) / "host-token"
    with suppress(OSError):
        if TOKEN.fullmatch(token := path.read_text(errors="replace").strip()):
            return token
    token = secrets.token_hex(4)
    try:
        replace_file(path, f"{token}\n".encode())
    except OSError as error:
        raise cache_error(path, error) from error
    return token


def cache_folder() -> Path:
    """The user's, by the XDG Base Directory Specification: an absolute path, or ~/.cache."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(given) if given.startswith("/") else Path.home() / ".cache") / FOLDER


def made(folder: Path) -> Path:
    """Raises DeviceError where the folder can't be made."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise cache_error(folder, error) from error
    return folder


def cache_error(path: Path, error: OSError) -> DeviceError:
    return DeviceError(
        f"can't use {path}, which keeps two runs from one device: {error.strerror or error}; let "
        "XDG_CACHE_HOME name a folder that can be written"
    )
