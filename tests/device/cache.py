"""Where the played phone's programs lie, and why they don't where they don't."""

import os
from dataclasses import dataclass
from pathlib import Path

# As it was before any test played a user with a cache of their own.
HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


@dataclass(frozen=True)
class Programs:
    """Each folder is put on the phone's PATH or run from the host."""

    folder: Path

    @property
    def adbd(self) -> Path:
        return self.folder / "adbd"

    @property
    def bin(self) -> Path:
        """The commands that an Android phone has, and qemu-aarch64-static."""
        return self.folder / "bin"

    @property
    def stamp(self) -> Path:
        """What it was built from; written last."""
        return self.folder / "built-from"


def cache() -> Path:
    return HOME / "mobileinst-deploy" / "test-device"


def programs() -> Programs:
    return Programs(cache() / "phone")


def reason_file() -> Path:
    return cache() / "why-not"


def why_not() -> str | None:
    """One line where there is no phone to play; None where there is."""
    if reason_file().exists():
        return reason_file().read_text().strip()
    if programs().stamp.exists():
        return None
    return "Google's adbd isn't built; tests/device/prepare builds it"
