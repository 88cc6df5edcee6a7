"""What a report is made of: results on disk, told by their content."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from android_bench.errors import BenchError
from export.manifest import MANIFEST_NAME, open_bundle
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.report import reading

KEYS_SHOWN = 6
BUNDLE = "bundle"


@dataclass(frozen=True)
class Loaded:
    """One result; a file with several gives several. `sha256`: of the file, or the manifest."""

    kind: str
    name: str  # the file's or the folder's, without the way to it
    sha256: str
    content: Any


@dataclass(frozen=True)
class Inputs:
    loaded: tuple[Loaded, ...]

    def of(self, kind: str) -> tuple[Loaded, ...]:
        return tuple(one for one in self.loaded if one.kind == kind)

    @property
    def bundles(self) -> Mapping[str, str]:
        """The names of the bundles by the sha256 of their manifests."""
        return {one.sha256: one.name for one in self.of(BUNDLE)}


@dataclass(frozen=True)
class Kind:
    """How one kind of JSON document is told from others, and read."""

    name: str
    made_by: str  # the command
    keys: frozenset[str]  # that together only this kind has
    read: Callable[[Path, bytes], Sequence[Any]]


KINDS = (
    Kind("bench", "bench", frozenset({"graphs", "amortised", "noise_floor"}), reading.bench),
    Kind("bench", "bundle", frozenset({"format", "plan", "runs"}), reading.bench),
    Kind("parity", "parity", frozenset({"verdict", "comparisons"}), reading.parity),
    Kind("curve", "curve", frozenset({"runtimes", "schedules", "tracking"}), reading.curve),
    Kind("eval", "eval", frozenset({"truth", "rows", "subject"}), reading.evaluation),
    Kind("tables", "reproduce", frozenset({"tables", "run", "height"}), reading.tables),
    Kind("estimate", "estimate", frozenset({"machine", "graphs", "statement"}), reading.estimate),
)


def load(paths: Iterable[Path]) -> Inputs:
    """In their order, each once. Raises InputError or ExportError for what is no result."""
    return Inputs(tuple(one for path in dict.fromkeys(paths) for one in load_path(path)))


def load_path(path: Path) -> list[Loaded]:
    if path.is_dir():
        bundle = open_bundle(path)
        manifest = (path / MANIFEST_NAME).read_bytes()
        return [Loaded(BUNDLE, path.resolve().name, digest(manifest), bundle)]
    try:
        encoded = path.read_bytes()
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror or error}") from error
    kind = recognise(path, encoded)
    try:
        contents = kind.read(path, encoded)
    except (BenchError, msgspec.DecodeError, RecursionError) as error:
        raise InputError(
            f"{path} looks like a result of 'mobileinst {kind.made_by}' but is none of this "
            f"version: {error}; make it again"
        ) from error
    return [Loaded(kind.name, path.name, digest(encoded), content) for content in contents]


def recognise(path: Path, encoded: bytes) -> Kind:
    """Raises InputError, which says what was found instead."""
    try:
        document = msgspec.json.decode(encoded)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path} is not JSON ({error}); {expected()}") from error
    # Of several phones, `bench --format json` prints a list.
    first = document[0] if isinstance(document, list) and document else document
    keys = first.keys() if isinstance(first, dict) else frozenset[str]()
    for kind in KINDS:
        if kind.keys <= keys and (kind.read is reading.bench or first is document):
            return kind
    raise InputError(f"{path} is no result that a report shows: {got(document)}; {expected()}")


def got(document: object) -> str:
    if isinstance(document, list):
        return f"got a list of {len(document)}"
    if not isinstance(document, dict):
        return f"got {type(document).__name__}"
    if {"model", "golden", "graphs"} <= document.keys():
        return "got a bundle's manifest: give the bundle's folder"
    names = [*map(str, document)]
    more = f" and {len(names) - KEYS_SHOWN} more" if len(names) > KEYS_SHOWN else ""
    return f"got an object with {', '.join(names[:KEYS_SHOWN]) or 'nothing'}{more}"


def expected() -> str:
    makers = list(dict.fromkeys(kind.made_by for kind in KINDS if kind.name != "bench"))
    return (
        "give bundles' folders, what 'mobileinst bench -o' saved, or what "
        f"'mobileinst {'|'.join(makers)} --format json' printed"
    )


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
