"""A phone that goes away at any moment, what others left on it, and names that are hostile."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.remote.job import file_ref
from android_bench.remote.locks import host_token
from android_bench.remote.session import Connect, open_session
from android_bench.transport.base import Transport
from tests.android_bench.local_phone import LocalPhone, Lossy, gone, job

ENOUGH = 10_000  # steps
AGAIN = 8  # one run in so many is tried a second time
EVERY = 3  # step for which it is lost for good; the test before has each of them
HOSTILE = ("$(touch x)", "$(touch x); \"'", "`touch x`", ";touch x", "--help", "a b", "*", "~")


class Attempts:
    """Runs on a phone whose first connection is lost; `later` makes those after it."""

    def __init__(
        self,
        phone: LocalPhone,
        runner: Path,
        later: Connect,
        loss: type[BaseException] = DeviceLostError,
    ) -> None:
        self.phone, self.runner, self.later, self.loss = phone, runner, later, loss
        self.said: list[str] = []

    def run(self, steps: int) -> Lossy:
        made: list[Lossy] = []

        def connect(serial: str, keys: Path | None = None) -> Transport:
            if made:
                return self.later(serial, keys)
            made.append(Lossy(self.phone.connect(serial), steps, self.loss))
            return made[0]

        try:
            with open_session("local", connect=connect, notify=self.said.append) as session:
                session.run(job(), self.runner, "bench")
        except self.loss as error:
            self.said.append(str(error))
        return made[0]

    def steps(self) -> int:
        """Of a run that goes well."""
        return ENOUGH - self.run(ENOUGH).left

    def forget(self) -> None:
        self.said.clear()
        self.phone.pushed.clear()
        subprocess.run(["rm", "-rf", self.phone.root], check=True)


@pytest.mark.parametrize(("loss", "every"), [(DeviceLostError, 1), (KeyboardInterrupt, 2)])
def test_lost_or_stopped_at_any_step_it_is_clean_and_goes_on(
    local_phone: LocalPhone, fake_runner: Path, loss: type[BaseException], every: int
):
    attempts = Attempts(local_phone, fake_runner, local_phone.connect, loss)
    for step in range(0, attempts.steps(), every):
        attempts.forget()
        attempts.run(step)
        there = local_phone.stored()
        assert "may be left" not in "".join(attempts.said)
        if step % AGAIN == 0:
            local_phone.pushed.clear()
            attempts.run(ENOUGH)
            assert {*local_phone.pushed} == local_phone.stored() - there


def test_lost_for_good_it_says_so_and_the_next_run_cleans(
    local_phone: LocalPhone, fake_runner: Path
):
    attempts = Attempts(local_phone, fake_runner, gone)
    for step in range(0, attempts.steps(), EVERY):
        attempts.forget()
        attempts.run(step)
        if local_phone.root.exists():
            assert "the next run there removes it" in attempts.said[0]
        attempts.said.clear()
        attempts.run(ENOUGH)
        assert attempts.said == []
        assert local_phone.stored() >= {file.sha256 for file in job().files}


@contextmanager
def process(phone: LocalPhone, run: str, started: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """A process of an earlier run, with one that it started itself and says the number of.

    The run's file says that it started that much later.
    """
    script = ("sh", "-c", "sleep 100 & echo $!; wait")
    with subprocess.Popen(script, start_new_session=True, stdout=subprocess.PIPE) as leader:
        since = started + int(stat(leader.pid)[19])
        folder = phone.root / run
        folder.mkdir(parents=True)
        (folder / "pid").write_text(f"{leader.pid} {since} {leader.pid} {since}\n")
        try:
            yield leader
        finally:
            with suppress(ProcessLookupError):
                os.killpg(leader.pid, signal.SIGKILL)


def stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def is_over(pid: int) -> bool:
    """Also where nobody has asked for its exit status yet."""
    return not Path(f"/proc/{pid}").exists() or stat(pid)[0] == "Z"


def name_run(host: str | None = None, pid: int | str = 4_000_000_000) -> str:
    return f"run-{host or host_token()}-{pid}-0123abcd"


def test_a_process_of_a_dead_run_is_ended(any_phone: LocalPhone, fake_runner: Path):
    with process(any_phone, name_run()) as leader:
        child = int(leader.stdout.readline())
        Attempts(any_phone, fake_runner, gone).run(ENOUGH)
        assert leader.wait() == -9
        assert is_over(child)
    assert any_phone.stored()


def test_what_a_dead_run_started_is_ended(any_phone: LocalPhone, fake_runner: Path):
    with process(any_phone, name_run()) as leader:
        child = int(leader.stdout.readline())
        leader.kill()
        leader.wait()
        assert not is_over(child)
        Attempts(any_phone, fake_runner, gone).run(ENOUGH)
        assert is_over(child)
    assert any_phone.stored()


def test_a_script_that_was_on_its_way_is_ended(any_phone: LocalPhone, fake_runner: Path):
    folder = any_phone.root / name_run()
    folder.mkdir(parents=True)
    script = ("sh", "-c", "sleep 100; mkdir x", "sh", folder)
    with subprocess.Popen(script, start_new_session=True) as late:
        Attempts(any_phone, fake_runner, gone).run(ENOUGH)
        assert late.wait() == -9
        os.killpg(late.pid, signal.SIGKILL)
    assert any_phone.stored()


def test_an_unrelated_process_of_the_same_number_lives(any_phone: LocalPhone, fake_runner: Path):
    with process(any_phone, name_run(), started=1) as sleeper:
        Attempts(any_phone, fake_runner, gone).run(ENOUGH)
        assert sleeper.poll() is None
    assert any_phone.stored()


@pytest.mark.parametrize(
    ("host", "pid", "owner"),
    [
        ("00000000", 1, "process 1 of another machine"),
        (None, os.getppid(), f"process {os.getppid()} of this machine"),
    ],
)
def test_a_phone_that_others_use_is_left_alone(
    any_phone: LocalPhone, host: str | None, pid: int, owner: str
):
    run = name_run(host, pid)
    with process(any_phone, run) as sleeper:
        with (
            pytest.raises(DeviceError, match=f"local is in use by {owner}; wait"),
            open_session("local", connect=any_phone.connect),
        ):
            pass
        assert sleeper.poll() is None
    assert (any_phone.root / run).is_dir()


@pytest.mark.parametrize("when", ["on_event", "progress"])
def test_two_sessions_of_this_process_on_one_phone(
    local_phone: LocalPhone, fake_runner: Path, when: str
):
    refused: list[str] = []

    def again(*said: object) -> None:
        if not refused:
            with (
                pytest.raises(DeviceError, match="in use by this process") as raised,
                open_session("by another name", connect=local_phone.connect),
            ):
                pass
            refused.append(str(raised.value))

    with open_session("local", connect=local_phone.connect) as session:
        session.run(job(), fake_runner, "bench", **{when: again})
    assert refused


def test_two_sessions_that_begin_together_do_not_both_run(
    local_phone: LocalPhone, fake_runner: Path
):
    with (
        open_session("local", connect=local_phone.connect) as first,
        open_session("by another name", connect=local_phone.connect) as second,
    ):
        first.run(job(), fake_runner, "bench")
        with pytest.raises(DeviceError, match="in use by this process"):
            second.run(job(), fake_runner, "bench")
    assert local_phone.stored()


@pytest.mark.parametrize(
    "pid",
    ["", "junk", "1", "-1 5", "1 2 3", "$(touch x) 1", "0 0", "9 9 1 1", "9 9 0 0", "9 9 -1 -1"],
)
def test_a_broken_pid_file_ends_nothing(any_phone: LocalPhone, fake_runner: Path, pid: str):
    folder = any_phone.root / name_run()
    folder.mkdir(parents=True)
    (folder / "pid").write_text(pid)
    Attempts(any_phone, fake_runner, gone).run(ENOUGH)
    assert any_phone.stored() >= {file_ref(fake_runner).sha256}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_run_nothing(any_phone: LocalPhone, fake_runner: Path, name: str):
    any_phone.root.mkdir()
    (any_phone.root / f"run-{name}").mkdir()
    with open_session(name, connect=any_phone.connect) as session:
        log = session.run(job(name), fake_runner, "bench", [name])
        with pytest.raises(DeviceError, match=r"[Nn]o such file|is no file of"):
            session.pull(name, any_phone.folder / "pulled")
    assert log.end.elapsed_ns == 2
    assert [*any_phone.folder.rglob("x")] == []
    assert (any_phone.root / f"run-{name}").is_dir()
