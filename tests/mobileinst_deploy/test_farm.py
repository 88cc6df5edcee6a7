"""run.sh of `mobileinst bundle`, with the runner for this machine and in several shells."""

import json
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from android_bench.building import Runner
from android_bench.device.facts import STATE_SCRIPT, facts_script
from android_bench.errors import BenchError
from android_bench.farm.document import FarmDocument, schema
from android_bench.farm.reading import load_result
from android_bench.measurement import results
from android_bench.measurement.results import BenchResult
from android_bench.remote.session import open_session
from android_bench.transport.base import ShellResult
from android_bench.transport.memory import MemoryTransport
from export.manifest import open_bundle
from mobileinst_deploy.bench.phone import PhoneSettings, bench_phone
from mobileinst_deploy.runtimes.native import phone_runtimes
from tests.device.sysfs import COOL_C, set_celsius
from tests.mobileinst_deploy.farm import (
    BOTH,
    CORE,
    EVERYTHING,
    FEW,
    ROUNDS,
    SHELLS,
    listing,
    make_phone,
    make_zip,
    run_script,
    started_script,
    unpack,
)

Played = tuple[Path, Path]  # the result, and the folder that it was measured in


@pytest.fixture(scope="module")
def everything(
    phone_bundle: Path, host_runner: Runner, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The result of all that can be asked for, of two precisions, on a played phone."""
    folder = tmp_path_factory.mktemp("farm")
    archive = make_zip(folder / "farm.zip", phone_bundle, host_runner, EVERYTHING, BOTH)
    unpacked = unpack(archive, folder)
    before = listing(unpacked)
    ran = run_script(unpacked, *FEW, phone=make_phone(folder / "phone"))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ""
    assert listing(unpacked) - before == {"result.json"}
    return unpacked / "result.json"


@pytest.fixture(scope="module")
def quick_zip(
    phone_bundle: Path, host_runner: Runner, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return make_zip(tmp_path_factory.mktemp("zip") / "quick.zip", phone_bundle, host_runner)


@pytest.fixture
def folder(quick_zip: Path, tmp_path: Path) -> Path:
    """Unpacked, for a test to damage."""
    return unpack(quick_zip, tmp_path)


def test_the_document_is_what_the_schema_says(everything: Path):
    encoded = everything.read_bytes()
    document = msgspec.json.decode(encoded, type=FarmDocument)
    assert set(json.loads(encoded)) == {*FarmDocument.__struct_fields__}
    assert document.name == 'R5"CT\\x'
    assert document.core == CORE
    assert document.cool_down.start_milli_c == COOL_C * 1000
    assert document.cool_down.reached is True
    assert (everything.parent / "result.schema.json").read_bytes() == schema()


def test_the_result_has_what_a_measurement_over_adb_has(everything: Path):
    found = load_result(everything)
    assert [len(graph.samples_ms) for graph in found.graphs.values()] == [3] * 6
    assert [*found.schedules] == [*BOTH]
    assert found.profile.keys() == found.graphs.keys()
    assert (found.conditions.core, found.conditions.cluster) == (CORE, "prime")
    assert found.conditions.temperature_before_c == COOL_C
    assert found.conditions.frequency_after_khz == 2_400_000
    assert found.emulated is True
    assert {series.type for series in found.thermal} == {
        *("cpu-0-0-usr", "cpu-0-1-usr", "cpu-1-0-usr", "cpu-1-3-usr")
    }


def replaying(document: FarmDocument) -> MemoryTransport:
    """A phone that answers the harness what it answered run.sh."""
    states = iter((document.before, document.before, document.after))
    runs = iter(document.runs)

    def answer(arguments: Sequence[str]) -> ShellResult | str:
        text = arguments[2]
        if text == facts_script():
            return "".join(f"{line}\n" for line in document.facts)
        if text == STATE_SCRIPT:
            return "".join(line.partition("=")[2] + "\n" for line in next(states))
        if "mobileinst-runner" in " ".join(arguments[3:]) and "exec" in text:
            return "".join(msgspec.json.encode(e).decode() + "\n" for e in next(runs).events)
        return "1000000 4096\n" if "stat -f" in text else ""

    return MemoryTransport(answer, serial=document.name)


@pytest.fixture
def over_adb(
    everything: Path,
    phone_bundle: Path,
    host_runner: Runner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> BenchResult:
    """What `bench --serial` makes of the same events and facts."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    document = msgspec.json.decode(everything.read_bytes(), type=FarmDocument)
    settings = PhoneSettings(
        replace(ROUNDS, warmup=1, iterations=3), schedule=EVERYTHING.schedule, profile=True
    )
    runtimes = [phone_runtimes()[name] for name in BOTH]
    connect = lambda serial, keys=None: replaying(document)  # noqa: E731
    with open_session(document.name, connect=connect) as session:
        return bench_phone(session, host_runner, open_bundle(phone_bundle), runtimes, settings)


def test_both_ways_give_the_same_json(everything: Path, over_adb: BenchResult):
    """But for how long it took to find that the phone is cool."""
    farm = load_result(everything)
    assert over_adb.cool_down.waited_s < 1
    instantly = replace(over_adb.cool_down, waited_s=farm.cool_down.waited_s)
    assert results.encode(farm) == results.encode(replace(over_adb, cool_down=instantly))


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_every_shell(folder: Path, shell: tuple[str, ...]):
    ran = run_script(folder, "-w", "0", "-n", "2", "-o", "here.json", shell=shell)
    assert ran.returncode == 0, ran.stderr
    found = load_result(folder.parent / "here.json")
    assert (found.conditions.device, found.emulated) == ("farm", False)


def refused(folder: Path, code: int, says: str, *options: str, **how: object) -> None:
    """One line, and nothing that was not there before."""
    before = listing(folder) - {"result.json"}
    ran = run_script(folder, *options, **how)  # type: ignore[arg-type]
    assert ran.returncode == code, ran.stderr
    (line,) = ran.stderr.splitlines()
    assert line.startswith("Error: ")
    assert says in line
    assert listing(folder) == before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("-w", "many"), "-w expects a whole number, got 'many'"),
        (("-n", "1"), "-n expects 2 or more"),
        (("-n", "$(touch x)"), "got '$(touch x)'"),
        (("prime",), "takes options alone, got 'prime'"),
        (("-o", "."), "is a folder"),
    ],
)
def test_usage(folder: Path, options: tuple[str, ...], says: str):
    refused(folder, 2, says, *options)


def test_a_damaged_file_leaves_no_result(folder: Path):
    (folder / "result.json").write_text("of before")
    damaged = next((folder / "files").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"!")
    refused(folder, 3, f"files/{damaged.name} is damaged or not there")


def test_a_missing_file_leaves_no_result(folder: Path):
    (folder / "plan.json").unlink()
    refused(folder, 3, "plan.json is damaged or not there")


def test_another_abi(folder: Path, tmp_path: Path):
    phone = make_phone(tmp_path / "phone")
    phone.answer("ro.product.cpu.abi", "armeabi-v7a")
    refused(folder, 5, "this device has armeabi-v7a", phone=phone)


def test_no_such_core(folder: Path, tmp_path: Path):
    phone = make_phone(tmp_path / "phone")
    refused(folder, 5, f"no core 'turbo' that is on; there are: prime {CORE}", "-c", "turbo",
            phone=phone)  # fmt: skip


def test_float16_where_there_is_none(phone_bundle: Path, folder: Path):
    job = (folder / "job.txt").read_text().replace("\tfp32\t", "\tfp16\t")
    (folder / "job.txt").write_text(job)
    sums = (folder / "SHA256SUMS").read_text().splitlines(keepends=True)
    (folder / "SHA256SUMS").write_text("".join(line for line in sums if "job.txt" not in line))
    refused(folder, 5, "no float16 arithmetic")


def test_a_hot_phone_is_waited_for_no_longer_than_asked(folder: Path, tmp_path: Path):
    phone = make_phone(tmp_path / "phone")
    set_celsius(phone.folder / "sys", 60)
    ran = run_script(folder, "-w", "0", "-n", "2", "-d", "1", phone=phone)
    assert ran.returncode == 0, ran.stderr
    found = load_result(folder / "result.json")
    assert (found.cool_down.reached, found.cool_down.end_c) == (False, 60)
    assert any("it was measured hot" in warning for warning in found.warnings)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_an_interruption_leaves_nothing(folder: Path, number: signal.Signals):
    before = listing(folder)
    with started_script(folder, "-n", "100000") as process:
        while not any(path.stat().st_size for path in folder.glob("run-*/events-1")):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + number
    assert said.splitlines()[-1] == "Interrupted: no result is left"
    assert listing(folder) == before


def test_two_at_once_are_refused_and_a_dead_one_is_cleared_away(folder: Path):
    with started_script(folder, "-n", "100000") as process:
        while not any(folder.glob("run-*/events-1")):
            time.sleep(0.05)
        ran = run_script(folder)
        assert ran.returncode == 4
        assert ran.stderr == f"Error: process {process.pid} is measuring here\n"
        process.kill()  # its runner goes on
        process.wait()
        assert run_script(folder, "-w", "0", "-n", "2").returncode == 0
        assert not any(folder.glob("run-*"))
        said = process.communicate(timeout=60)[1]  # when the runner is gone
    assert said.startswith("Run 1: bench")


def planted(everything: Path, tmp_path: Path, old: str, new: str) -> Path:
    text = everything.read_text()
    assert old in text
    path = tmp_path / "result.json"
    path.write_text(text.replace(old, new, 1))
    return path


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"version": 1', '"version": 9', "version 9 of what run.sh writes, expected 1"),
        ('"core": ', '"core": 99', "the device has no core 99"),
        ('"command": "schedule"', '"command": "bench"', "it has the runs bench, bench, schedule"),
        ('"event":"end"', '"event":"sample"', "not as run.sh writes it"),
        ('"phase":"measure","round":1', '"phase":"warmup","round":1', "2 samples, expected 3"),
    ],
)
def test_a_document_that_is_not_right_is_refused(
    everything: Path, tmp_path: Path, old: str, new: str, says: str
):
    path = planted(everything, tmp_path, old, new)
    with pytest.raises(BenchError, match=says) as caught:
        load_result(path)
    assert str(caught.value).startswith(str(path))
