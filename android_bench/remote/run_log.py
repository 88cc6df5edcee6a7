"""What a runner says while it runs: one event a line, as JSON, from start to end or error."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, TypeVar

import msgspec

from android_bench.errors import BenchError

SCHEMA_VERSION = 1
SHOWN = 200  # characters of a line that a message repeats

Count = Annotated[int, msgspec.Meta(ge=0)]
Nanoseconds = Count


class Tagged(msgspec.Struct, frozen=True, tag_field="event"):
    """The field "event" says which one a line is; fields that are not known are passed over."""


class Start(Tagged, frozen=True, tag="start"):
    schema_version: int
    runner: str  # its version
    ncnn: str
    target: str  # aarch64-android
    build: str  # Release
    command: str
    bundle: str
    manifest_sha256: str
    pid: int
    core: int | None  # the one it is pinned to
    cores_allowed: tuple[int, ...]
    features: tuple[str, ...]  # of the CPU, as ncnn sees them
    options: dict[str, int | float | bool | str | None]
    seed: int | None = None
    warmup: int | None = None  # rounds before those that count
    iterations: int | None = None  # rounds that count


class File(Tagged, frozen=True, tag="file"):
    """A file that was found to be as the job says."""

    path: str
    sha256: str
    bytes: Count


class Loaded(Tagged, frozen=True, tag="loaded"):
    key: str
    graph: str
    precision: str
    load_ns: Nanoseconds
    first_ns: Nanoseconds = 0  # the first run after loading; dump times none


class Sample(Tagged, frozen=True, tag="sample"):
    key: str
    phase: str  # warmup or measure
    round: Count
    ns: Nanoseconds
    core: int  # where the thread was when the run was over
    at_ns: Nanoseconds  # since the start
    frequency_khz: int | None = None
    frequency_max_khz: int | None = None  # a falling one means throttling


class Thermal(Tagged, frozen=True, tag="thermal"):
    at_ns: Nanoseconds
    path: str
    milli_c: int | None


class Frame(Tagged, frozen=True, tag="frame"):
    """One frame of the key-frame schedule."""

    index: Count
    role: str  # key or reuse
    ns: Nanoseconds
    core: int
    at_ns: Nanoseconds
    late_ns: int | None = None  # after its deadline, where there is one
    missed: bool | None = None
    slot: Count | None = None  # which of the camera's frames; those between two were lost
    frequency_khz: int | None = None
    frequency_max_khz: int | None = None


class TrackedInstance(msgspec.Struct, frozen=True):
    """One object in one frame."""

    identity: Annotated[int, msgspec.Meta(ge=1)]
    label: Count
    score: float  # 0..1, the track's average so far
    counts: str  # its mask of the picture's size, in COCO's compressed run-length encoding


class Tracked(Tagged, frozen=True, tag="tracked"):
    """One frame of a clip, with what each step of it took."""

    index: Count
    role: str  # key or reuse
    instances: tuple[TrackedInstance, ...]
    ns: Nanoseconds  # of all steps
    preprocess_ns: Nanoseconds
    graphs_ns: Nanoseconds
    tracker_ns: Nanoseconds  # selection, association, schedule and averages
    masks_ns: Nanoseconds  # from mask logits to masks of the picture's size, and their encoding
    core: int
    at_ns: Nanoseconds
    frequency_khz: int | None = None
    frequency_max_khz: int | None = None


class Track(Tagged, frozen=True, tag="track"):
    """A track over its whole clip."""

    identity: Annotated[int, msgspec.Meta(ge=1)]
    label: Count
    score: float
    frames: Annotated[int, msgspec.Meta(ge=1)]  # in which it has pixels


class Layer(Tagged, frozen=True, tag="layer"):
    key: str
    index: Count
    type: str
    name: str
    samples_ns: tuple[Nanoseconds, ...]


class Output(Tagged, frozen=True, tag="output"):
    key: str
    name: str
    shape: tuple[Count, ...]
    file: str
    sha256: str
    nan: Count
    inf: Count


class Error(Tagged, frozen=True, tag="error"):
    """Why the runner gave up; nothing comes after it."""

    code: int  # its exit code: 2 usage, 3 load, 4 run, 5 core
    message: str


class End(Tagged, frozen=True, tag="end"):
    peak_rss_kib: Count
    elapsed_ns: Nanoseconds


Event = (
    Start
    | File
    | Loaded
    | Sample
    | Thermal
    | Frame
    | Tracked
    | Track
    | Layer
    | Output
    | Error
    | End
)
Kind = TypeVar("Kind", bound=Tagged)

DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


@dataclass(frozen=True)
class RunLog:
    """A run that came to its end."""

    events: tuple[Event, ...]

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def start(self) -> Start:
        return self.of(Start)[0]

    @property
    def end(self) -> End:
        return self.of(End)[0]


class EventReader:
    """Takes lines as they come; the first is a start or an error, and nothing follows an end."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def read(self, line: str) -> Event:
        """Raises BenchError for a line that is no event, or not one that can come here."""
        event = decode(line)
        if not self.events and not isinstance(event, Start | Error):
            raise BenchError(f"the runner's first line is no start: {shown(line)}")
        if self.events and isinstance(event, Start):
            raise BenchError(f"the runner started twice: {shown(line)}")
        if self.events and isinstance(self.events[-1], End | Error):
            raise BenchError(f"the runner said more after its end: {shown(line)}")
        self.events.append(event)
        return event

    @property
    def error(self) -> Error | None:
        return next((event for event in self.events if isinstance(event, Error)), None)

    @property
    def ended(self) -> bool:
        return bool(self.events) and isinstance(self.events[-1], End)


def decode(line: str) -> Event:
    """Raises BenchError for what is no event of this schema."""
    try:
        check_version(line)
        return DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BenchError(
            f"the runner printed a line that is no event ({error}): {shown(line)}"
        ) from error


def check_version(line: str) -> None:
    """Before the other fields of a start, which another schema may lack."""
    if '"start"' not in line:
        return
    plain = msgspec.json.decode(line)
    version = plain.get("schema_version") if isinstance(plain, dict) else None
    if isinstance(plain, dict) and plain.get("event") == "start" and version != SCHEMA_VERSION:
        raise BenchError(
            f"the runner speaks schema version {version!r}, expected {SCHEMA_VERSION}; "
            "build it again with 'mobileinst runner build'"
        )


def shown(line: str) -> str:
    """As a message repeats it: on one line, printable, cut."""
    return repr(line[:SHOWN]) + ("…" if len(line) > SHOWN else "")


def read_events(lines: Iterable[str]) -> Iterator[Event]:
    """Raises BenchError for a line that is no event, and where the stream stops before its end."""
    reader = EventReader()
    for line in lines:
        yield reader.read(line)
    if not reader.ended and not reader.error:
        raise BenchError(
            f"the runner's output stops after {len(reader.events)} events, without an end; "
            "run it again"
        )
