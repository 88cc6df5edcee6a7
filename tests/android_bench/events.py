"""A runner's events, made up: what was asked for, and a run that did just that."""

from collections.abc import Iterable

from android_bench.measurement.measuring import Asked
from android_bench.remote import run_log
from android_bench.remote.job import FileRef, Job, JobGraph, JobInput, JobOutput
from android_bench.remote.run_log import Event, RunLog

CORE = 7
KEYS = ("control", "keyframe", "ncnn:fp16/keyframe")
ASKED = Asked(
    CORE, 1, 3, {"control": "ncnn", "keyframe": "ncnn", "ncnn:fp16/keyframe": "ncnn:fp16"}
)
START = run_log.Start(
    schema_version=1,
    runner="0.3.0",
    ncnn="1.0.20261020",
    target="aarch64-android",
    build="Release",
    command="bench",
    bundle="tiny",
    manifest_sha256="0" * 64,
    pid=1,
    core=CORE,
    cores_allowed=tuple(range(8)),
    features=("asimdhp",),
    options={"num_threads": 1, "lightmode": True},
    seed=0,
    warmup=1,
    iterations=3,
)
END = run_log.End(peak_rss_kib=2048, elapsed_ns=9_000_000)
PARAM, WEIGHTS, IMAGE = (
    FileRef(digit * 64, 10, source)
    for digit, source in (("1", b"param"), ("2", b"bin"), ("3", b"image"))
)
JOB = Job(
    "tiny",
    "0" * 64,
    tuple(
        JobGraph(
            key, "keyframe", "fp32", PARAM, WEIGHTS,
            (JobInput("image", "in0", (3, 8, 8), IMAGE),), (JobOutput("masks", "out0"),),
        )
        for key in KEYS
    ),
)  # fmt: skip


def loaded(key: str) -> run_log.Loaded:
    precision = "fp16" if "fp16" in key else "fp32"
    return run_log.Loaded(key, "keyframe", precision, load_ns=5_000_000, first_ns=2_000_000)


def sample(key: str, round_: int, ms: float = 1, phase: str = "measure", core: int = CORE):
    return run_log.Sample(key, phase, round_, int(ms * 1e6), core, 1000, 2_400_000, 2_400_000)


def rounds(core: int = CORE) -> list[Event]:
    """The warm-up one is slower by a second."""
    warmup = [sample(key, 0, 1001, "warmup") for key in KEYS]
    counted = [
        sample(key, number, 10 * KEYS.index(key) + number + 1, core=core)
        for number in range(3)
        for key in reversed(KEYS)
    ]
    return [*warmup, *counted]


def files() -> list[Event]:
    return [run_log.File(f"files/{r.sha256}", r.sha256, r.size) for r in (PARAM, WEIGHTS, IMAGE)]


def log(events: Iterable[Event], start: run_log.Start = START) -> RunLog:
    return RunLog((start, *files(), *map(loaded, KEYS), *events, END))
