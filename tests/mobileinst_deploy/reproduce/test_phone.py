"""All networks in one job on a phone that is a folder of this machine."""

from collections import Counter
from pathlib import Path

import pytest

from android_bench.building import Runner
from android_bench.measurement.conditions import allowed_cores
from android_bench.remote.session import open_session
from mobileinst_deploy.bench.phone import UNWATCHED, PhoneSettings
from mobileinst_deploy.bench.plan import BenchSettings
from mobileinst_deploy.reproduce.choosing import Network
from mobileinst_deploy.reproduce.conditions import run_lines
from mobileinst_deploy.reproduce.phone import measure_on_phone
from mobileinst_deploy.reproduce.summarising import summarise_run
from mobileinst_deploy.runtimes.native import phone_runtimes
from tests.android_bench.local_phone import LocalPhone
from tests.device.sysfs import write_sysfs
from tests.mobileinst_deploy.reproduce.toys import write_toy

CORE = allowed_cores()[-1]
SETTINGS = PhoneSettings(BenchSettings(warmup=1, iterations=3))


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalPhone:
    """Its cores are this machine's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_sysfs(tmp_path / "phone" / "sys", online=CORE + 1)
    phone = LocalPhone(tmp_path / "phone")
    phone.answer("ro.product.cpu.abi", "x86_64")
    return phone


def test_all_networks_run_in_one_job(phone: LocalPhone, host_runner: Runner, tmp_path: Path):
    networks = [Network(name, write_toy(tmp_path, name), ("keyframe", "fold")) for name in "ab"]
    with open_session("local", connect=phone.connect) as session:
        measured = measure_on_phone(
            session, host_runner, networks, phone_runtimes()["ncnn"], SETTINGS, UNWATCHED
        )
    run = summarise_run(measured, "a")
    assert [*run.graphs] == ["a/keyframe", "a/fold", "b/keyframe", "b/fold"]
    for graph in (*run.graphs.values(), run.control):
        assert (len(graph.samples_ms), {*graph.cores}) == (3, {CORE})
    order = sorted((at, name) for name, one in run.graphs.items() for at in one.at_ms)
    rounds = [{name for _, name in order[start : start + 4]} for start in range(0, 12, 4)]
    assert Counter(map(len, rounds)) == {4: 3}  # nobody has two turns before all had one
    assert (run.conditions.device, run.conditions.core) == ("local", CORE)
    assert run.conditions.runner.sha256 == host_runner.sha256
    assert run.emulated
    assert next(run_lines(run)) == "Emulated: correctness only; no time means anything."
