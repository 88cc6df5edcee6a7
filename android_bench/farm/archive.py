"""The zip that run.sh comes in: whole or not at all, and the same bytes every time."""

import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import msgspec

from android_bench.building import Runner
from android_bench.device.facts import facts_script
from android_bench.errors import BenchError
from android_bench.farm.document import FarmPlan, schema
from android_bench.farm.licences import licences
from android_bench.files import becoming
from android_bench.remote.job import FileRef, Job, file_ref
from android_bench.remote.job_text import encode

FOLDER = "mobileinst-farm"  # what the zip unpacks to
RUNNER, SUMS = "mobileinst-runner", "SHA256SUMS"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name
UNIX = 3  # zip's number of the system whose modes it has
MODES = {RUNNER: 0o755, "run.sh": 0o755}
CHUNK = 2**20


@dataclass(frozen=True)
class FarmJob:
    """One run of the runner."""

    command: str
    job: Job
    options: tuple[str, ...] = ()  # without spaces


@dataclass(frozen=True)
class Farm:
    """All that goes into the zip."""

    runner: Runner
    plan: FarmPlan
    jobs: tuple[FarmJob, ...]  # in the plan's order

    @property
    def files(self) -> dict[str, FileRef]:
        """By their names in the zip, which are ours: nothing of a bundle's names is in them."""
        graphs = {stored(ref): ref for job in self.jobs for ref in job.job.files}
        texts = {name: file_ref(text) for name, text in self.texts().items()}
        runner = FileRef(self.runner.sha256, self.runner.bytes, self.runner.path)
        return dict(sorted({RUNNER: runner, **texts, **graphs}.items()))

    def texts(self) -> dict[str, bytes]:
        """Raises BenchError for what a job file can't hold."""
        names = job_names(self.jobs)
        jobs = {
            name: encode(job.job, stored).encode()
            for name, job in zip(names, self.jobs, strict=True)
        }
        return {
            **jobs,
            **{name: shipped(name) for name in ("run.sh", "choose_core.awk", "README.txt")},
            "device_facts.sh": facts_script().encode(),
            "plan.json": msgspec.json.format(msgspec.json.encode(self.plan), indent=2) + b"\n",
            "runs.txt": runs_text(self.jobs, names).encode(),
            "target": f"{self.runner.target}\n".encode(),
            "result.schema.json": schema(),
            "LICENSES.txt": licences(self.runner).encode(),
        }


def shipped(name: str) -> bytes:
    return files("android_bench.farm").joinpath(name).read_bytes()


def stored(ref: FileRef) -> str:
    return f"files/{ref.sha256}"


def job_names(jobs: Sequence[FarmJob]) -> list[str]:
    """The first is job.txt, which run.sh looks into."""
    return ["job.txt", *(f"job-{number}.txt" for number in range(2, len(jobs) + 1))]


def runs_text(jobs: Sequence[FarmJob], names: Sequence[str]) -> str:
    """A line a run: the command, the job file, options."""
    rows = zip(jobs, names, strict=True)
    return "".join(" ".join((job.command, name, *job.options)) + "\n" for job, name in rows)


def write_archive(path: Path, files: Mapping[str, FileRef]) -> None:
    """Replaces what is there. Raises BenchError where a file has changed, OSError."""
    sums = "".join(f"{ref.sha256}  {name}\n" for name, ref in files.items())
    with becoming(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, ref in {**files, SUMS: file_ref(sums.encode())}.items():
            add(archive, name, ref)


def add(archive: zipfile.ZipFile, name: str, ref: FileRef) -> None:
    """Stored as it is: what compresses is the least of it, and zlibs differ in their bytes."""
    entry = zipfile.ZipInfo(f"{FOLDER}/{name}", EPOCH)
    entry.create_system = UNIX
    entry.external_attr = (0o100000 | MODES.get(name, 0o644)) << 16
    entry.file_size = ref.size
    digest = hashlib.sha256()
    with archive.open(entry, "w") as target:
        for chunk in chunks(ref.source):
            digest.update(chunk)
            target.write(chunk)
    if digest.hexdigest() != ref.sha256:
        raise BenchError(
            f"{name} has sha256 {digest.hexdigest()}, expected {ref.sha256}: it changed "
            "while it was packed; export the bundle again"
        )


def chunks(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
