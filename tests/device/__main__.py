"""A played phone to try commands on.

python -m tests.device: starts one, says how to reach it, and ends it on Ctrl-C.
python -m tests.device COMMAND ARGUMENT...: ends it when the command has; {serial} and {keys} in the
arguments stand for the phone's.
"""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.device.adbd import played_phone
from tests.device.cache import why_not
from tests.device.phone import Phone
from tests.device.witness import make_key


def main(command: list[str]) -> int:
    if reason := why_not():
        sys.exit(f"there is no phone to play: {reason}")
    with TemporaryDirectory() as folder:
        keys = make_key(Path(folder, "adbkey"))
        Path(folder, "phone").mkdir()
        with played_phone(Path(folder, "phone"), keys) as phone:
            return run(command, phone) if command else wait(phone)


def run(command: list[str], phone: Phone) -> int:
    places = {"{serial}": phone.serial, "{keys}": str(phone.keys)}
    return subprocess.run([places.get(word, word) for word in command]).returncode


def wait(phone: Phone) -> int:
    print(f"--serial {phone.serial} --keys {phone.keys}", flush=True)
    with suppress(KeyboardInterrupt):
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
