"""What zig and the NDK have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Toolchain:
    name: str  # with its version, for people
    key: tuple[str, ...]  # everything about it that a build depends on
    write: Callable[[Path], tuple[str, ...]]  # puts files into a folder; gives cmake's arguments
    environment: Mapping[str, str]
