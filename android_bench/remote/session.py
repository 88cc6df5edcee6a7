"""Run programs on a device and leave nothing behind, whatever happens.

On the device there is one folder of ours, for its shell alone: "files" is the store, and every run
has a folder of its own beside it, with links to the files that it goes by name.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from android_bench.device.facts import DeviceFacts, read_facts
from android_bench.errors import BenchError, DeviceError
from android_bench.remote import scripts, store
from android_bench.remote.endings import conclude
from android_bench.remote.farewell import Farewell, Notify
from android_bench.remote.job import FileRef, Job, file_ref
from android_bench.remote.job_text import encode
from android_bench.remote.locks import device_lock
from android_bench.remote.run_log import Event, EventReader, RunLog
from android_bench.remote.runs import RUN, busy, new_run, own_runs
from android_bench.remote.scripts import ask
from android_bench.remote.store import Progress, no_progress
from android_bench.transport import connect
from android_bench.transport.base import ShellResult, Transport

FOLDER = "mobileinst-deploy"
RUNNER, JOB_FILE = "mobileinst-runner", "job.txt"
NAME = re.compile(r"[A-Za-z0-9_+][A-Za-z0-9_+.-]*")  # of a file in the folder of a run
SILENCE_S = 120.0  # the longest that a program may say nothing
FAREWELL_S = 15.0  # the longest that cleaning up waits for an answer

Connect = Callable[[str, Path | None], Transport]
Check = Callable[[], None]  # raises where the work is to be broken off


class Session:
    """A device that is ours. `open_session` makes one."""

    def __init__(self, transport: Transport, facts: DeviceFacts, check: Check) -> None:
        self.transport = transport
        self.facts = facts
        self.check = check
        self.root = f"{facts.storage}/{FOLDER}"
        self.latest: str | None = None  # run, the name of its folder

    def run(
        self,
        job: Job,
        runner: Path,
        command: str,
        arguments: Sequence[str] = (),
        *,
        keep: Sequence[FileRef] = (),
        on_event: Callable[[Event], None] = lambda event: None,
        progress: Progress = no_progress,
        silence_s: float = SILENCE_S,
    ) -> RunLog:
        """Runs the runner on a job and hands on its events as they come.

        It works in the folder of the run: what it writes there can be pulled until the next run.
        Files to `keep` are of later runs: they lie in the store, too.
        Raises BenchError where it fails or breaks off, DeviceError where the device does.
        """
        reader = EventReader()
        text = encode(job, lambda ref: f"../files/{ref.sha256}")
        result = self.run_program(
            {RUNNER: file_ref(runner), JOB_FILE: file_ref(text.encode())},
            (f"./{RUNNER}", command, JOB_FILE, *arguments),
            more=(*job.files, *keep),
            on_line=lambda line: on_event(reader.read(line)),
            progress=progress,
            silence_s=silence_s,
        )
        return conclude(reader, result.code, result.stderr, self.transport.serial)

    def run_program(
        self,
        files: Mapping[str, FileRef],
        argv: Sequence[str],
        *,
        more: Sequence[FileRef] = (),
        env: Mapping[str, str] | None = None,
        emulated: bool = True,
        on_line: Callable[[str], None] | None = None,
        progress: Progress = no_progress,
        silence_s: float = SILENCE_S,
    ) -> ShellResult:
        """Runs any program in a new folder that has the files by these names.

        `more` lie in the store alone, from there at ../files/SHA256. The exit status is the
        program's own. `emulated` is for a program that an emulated device can't run as it is; its
        shell and its tools it can. Raises DeviceError where it can't be started.
        """
        self.discard()
        folder = self.make_folder(files)  # first, so that others see that the device is in use
        self.bring((*files.values(), *more), progress)
        settings = [f"{name}={value}" for name, value in (env or {}).items()]
        prefix = self.facts.exec_prefix if emulated else ()
        program = (*(("env", *settings) if settings else ()), *prefix, *argv)
        launch = ("sh", "-c", scripts.LAUNCH, "sh", folder, *program)

        def heed(line: str) -> None:
            self.check()
            if on_line:
                on_line(line)

        result = self.transport.shell(launch, silence_s=silence_s, on_line=heed)
        if scripts.LAUNCH_FAILED <= result.code <= scripts.NOT_FOUND:
            raise store.launch_error(self.transport, self.root, argv[0], result)
        return result

    def pull(self, name: str, target: Path) -> None:
        """Fetches a file that the latest run left in its folder.

        Raises DeviceError where there is none, or where the name leads out of the folder.
        """
        parts = name.split("/")
        if self.latest is None or not name.strip("/.") or name[0] == "/" or ".." in parts:
            raise DeviceError(
                f"{name!r} is no file of a run on {self.transport.serial}, so it is not fetched"
            )
        self.transport.pull(f"{self.root}/{self.latest}/{name}", target)

    def bring(self, files: Sequence[FileRef], progress: Progress) -> None:
        """Pushes what is not in the store yet, and removes what else is there."""
        there = store.present(self.transport, self.root)
        store.keep_only(self.transport, self.root, there, files)
        missing = [file for file in dict.fromkeys(files) if file.sha256 not in there]

        def heed(done: int, total: int) -> None:
            self.check()
            progress(done, total)

        store.upload(self.transport, self.root, missing, heed)

    def make_folder(self, files: Mapping[str, FileRef]) -> str:
        """Of a new run, with links to these files.

        Raises DeviceError where this process has the device by another name, too.
        """
        if odd := [name for name in files if not NAME.fullmatch(name)]:
            raise BenchError(
                f"{odd[0]!r} is no name for a file on a device; use letters and digits"
            )
        self.latest = new_run()
        folder = f"{self.root}/{self.latest}"
        links = [word for name, file in files.items() for word in (name, file.sha256)]
        result = ask(self.transport, scripts.LINK, self.root, self.latest, *links)
        if result.code:
            raise store.storage_error(self.transport, self.root, result.stderr)
        if own_runs & {*result.stdout.split()} - {self.latest}:
            raise self.in_use_by("this process")
        return folder

    def in_use_by(self, owner: str) -> DeviceError:
        return DeviceError(
            f"{self.transport.serial} is in use by {owner}; wait until it is done, or stop it"
        )

    def take_over(self) -> None:
        """Ends and removes what earlier runs left. Raises DeviceError where one is still at it."""
        said = ask(self.transport, scripts.SURVEY, self.root).stdout
        states = [line.partition(" ") for line in said.splitlines()]
        found = {run: state for state, _, run in states if RUN.fullmatch(run)}
        for run, state in found.items():
            if owner := busy(run, state == "alive"):
                raise self.in_use_by(owner)
        self.remove_runs([*found])

    def discard(self) -> None:
        """Ends the latest run and removes its folder, and what was pushed in part."""
        self.remove_runs([self.latest] if self.latest else [])
        if self.latest:
            own_runs.discard(self.latest)
        self.latest = None

    def remove_runs(self, runs: Sequence[str]) -> None:
        result = ask(self.transport, scripts.DISCARD, self.root, *runs, silence_s=FAREWELL_S)
        if result.code:
            raise store.storage_error(self.transport, self.root, result.stderr)

    def remove_all(self) -> None:
        """The store too. Raises DeviceError."""
        result = ask(self.transport, scripts.REMOVE, self.root, silence_s=FAREWELL_S)
        if result.code:
            raise store.storage_error(self.transport, self.root, result.stderr)


def tell(line: str) -> None:
    print(line, file=sys.stderr)


@contextmanager
def open_session(
    serial: str,
    keys: Path | None = None,
    *,
    remove_files: bool = False,
    check: Check = lambda: None,
    notify: Notify = tell,
    connect: Connect = connect,
) -> Iterator[Session]:
    """Connects, keeps others off the device, and cleans it in the end.

    Files of the latest job stay there for the next time, unless they are to be removed. `check` is
    called with every line and chunk; what it raises ends the session. `notify` gets a line where
    something could not be cleaned and no error says so. Raises DeviceError.
    """
    with device_lock(serial), closing(connect(serial, keys)) as transport:
        session = Session(transport, read_facts(transport), check)
        session.take_over()
        farewell = Farewell(session, lambda: connect(serial, keys), remove_files)
        try:
            with farewell.afterwards(notify):
                yield session
        finally:
            own_runs.discard(session.latest or "")
