"""Files on a device, known by their content, so that only what changed is pushed.

The store is a folder of complete files that are named by their sha256. Names are never trusted:
the device hashes what is there. An upload has another name until its hash is right.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.remote import scripts
from android_bench.remote.job import FileRef
from android_bench.remote.scripts import ask
from android_bench.transport.base import ShellResult, Transport

MODE = 0o700  # for its owner alone; some of the files are programs
MARGIN = 1 << 20  # bytes that have to stay free, for what a run writes
BATCH = 32  # names in one command: old devices take 4 KiB
SHA256 = re.compile(r"[0-9a-f]{64}")
BLOCKS = re.compile(r"(\d+) (\d+)")
DF_ROW = re.compile(r"\s\d+\s+\d+\s+(\d+)\s+\d+%\s")

Progress = Callable[[int, int], None]  # bytes done, bytes in all


def no_progress(done: int, total: int) -> None:
    """For whom nobody watches."""


def present(transport: Transport, root: str) -> set[str]:
    """The sha256 of every complete file of the store, made where it is not there yet.

    What is none is removed; on a device that can't hash, that is everything. Raises DeviceError
    where the storage can't be used.
    """
    result = ask(transport, scripts.VERIFY, root)
    if result.code:
        raise storage_error(transport, root, result.stderr)
    return {name for name in result.stdout.split() if SHA256.fullmatch(name)}


def keep_only(transport: Transport, root: str, there: set[str], files: Iterable[FileRef]) -> None:
    """Removes the files of other jobs. Raises DeviceError."""
    others = sorted(there - {file.sha256 for file in files})
    for start in range(0, len(others), BATCH):
        result = ask(transport, scripts.PRUNE, root, *others[start : start + BATCH])
        if result.code:
            raise storage_error(transport, root, result.stderr)


def upload(
    transport: Transport,
    root: str,
    files: Sequence[FileRef],
    progress: Progress = no_progress,
) -> None:
    """Pushes each file under a name of its own and renames it where its hash is right.

    Raises DeviceError where there is no room or no right to write, or where a file did not arrive.
    """
    total, done = sum(file.size for file in files), 0
    check_space(transport, root, total)

    def count(size: int) -> None:
        nonlocal done
        done += size
        progress(done, total)

    for file in files:
        push(transport, root, file, count)


def check_space(transport: Transport, root: str, needed: int) -> None:
    """Raises DeviceError where the storage has no room for so many bytes."""
    free = free_bytes(transport, root)
    if needed and free is not None and free < needed + MARGIN:
        raise no_room(transport, root, needed + MARGIN, free)


def free_bytes(transport: Transport, folder: str) -> int | None:
    """None where the device does not say."""
    said = ask(transport, scripts.SPACE, folder).stdout
    if blocks := BLOCKS.fullmatch(said.strip()):
        return int(blocks[1]) * int(blocks[2])
    rows = DF_ROW.findall(said)
    return int(rows[-1]) * 1024 if rows else None


def push(transport: Transport, root: str, file: FileRef, count: Callable[[int], None]) -> None:
    target = f"{root}/files/{file.sha256}"
    try:
        transport.push(file.source, f"{target}.part", MODE, count)
    except DeviceLostError:
        raise
    except DeviceError as error:
        raise storage_error(transport, root, str(error), file.size) from error
    except OSError as error:
        raise DeviceError(f"can't read {shown(file)}: {error.strerror or error}") from error
    accept(transport, root, file, target)


def accept(transport: Transport, root: str, file: FileRef, target: str) -> None:
    result = ask(transport, scripts.ACCEPT, target, file.sha256, str(file.size))
    if result.code == scripts.OTHER_CONTENT:
        raise DeviceError(
            f"{shown(file)} did not arrive on {transport.serial} as it was sent; was it changed "
            "meanwhile? Try again, and check the cable or the network"
        )
    if result.code:
        raise storage_error(transport, root, result.stderr, file.size)


def shown(file: FileRef) -> str:
    return str(file.source) if isinstance(file.source, Path) else f"a file of {file.size} bytes"


def storage_error(transport: Transport, root: str, said: str, needed: int = 0) -> DeviceError:
    """What the device says is wrong with its storage, and what to do."""
    where = f"the storage {root} of {transport.serial}"
    if any(words in said for words in ("No space left", "Quota exceeded", "quota exceeded")):
        return no_room(transport, root, needed + MARGIN, free_bytes(transport, root))
    for words, meaning in MEANINGS.items():
        if words in said:
            return DeviceError(f"{where} {meaning}")
    return DeviceError(f"{where} can't be used: {last_line(said) or 'the device gives no reason'}")


# By what the C library says.
MEANINGS = {
    "Read-only file system": "is read-only; restart the device, or let it repair its storage",
    "Permission denied": (
        "may not be written; if root made that folder ('adb root'), remove it as root"
    ),
    "Not a directory": "is in the way: there is a file of that name; remove it",
    "File exists": "is in the way: there is a file of that name; remove it",
}


def no_room(transport: Transport, root: str, needed: int, free: int | None) -> DeviceError:
    there = "an unknown number" if free is None else free
    return DeviceError(
        f"the storage {root} of {transport.serial} is full: {needed} bytes are needed, {there} are "
        "free; make room on the device"
    )


def launch_error(transport: Transport, root: str, program: str, result: ShellResult) -> DeviceError:
    """Why the device's shell could not start a program."""
    said = last_line(result.stderr)
    if result.code == scripts.LAUNCH_FAILED:
        return storage_error(transport, root, result.stderr)
    if result.code == scripts.NOT_EXECUTABLE and "Permission denied" in result.stderr:
        return DeviceError(
            f"the storage {root} of {transport.serial} lets no program run (it is mounted noexec, "
            "or a policy forbids it); mount it with exec, or use another device"
        )
    return DeviceError(
        f"{transport.serial} can't start {program}: {said or f'exit status {result.code}'}; is it "
        "built for this device?"
    )


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
