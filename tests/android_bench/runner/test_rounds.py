"""Interleaved rounds, and one graph at a time on request."""

import os
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from tests.android_bench.runner.program import Command, Ended, refused, succeeded
from tests.android_bench.runner.tiny import tiny_job

KEYS = ("control", "keyframe", "fp16/reuse")


@pytest.fixture
def job(tmp_path: Path) -> Path:
    return tiny_job(tmp_path, KEYS)


def orders(ended: Ended) -> list[tuple[str, ...]]:
    """The keys of each round that counts."""
    keys = [event["key"] for event in ended.of("sample") if event["phase"] == "measure"]
    return [tuple(keys[i : i + len(KEYS)]) for i in range(0, len(keys), len(KEYS))]


def test_every_key_comes_once_a_round(host: Command, job: Path):
    ended = succeeded(host, "bench", job, "--warmup", 2, "--iterations", 5)
    places = [(e["phase"], e["round"], e["key"]) for e in ended.of("sample")]
    rounds = [("warmup", 0), ("warmup", 1), *(("measure", i) for i in range(5))]
    assert [place[:2] for place in places] == [r for r in rounds for _ in KEYS]
    assert Counter(places) == Counter((*r, key) for r in rounds for key in KEYS)
    assert [event["key"] for event in ended.of("loaded")] == [*KEYS]


def test_orders_differ_and_follow_the_seed(host: Command, job: Path):
    first, again, other = (
        orders(succeeded(host, "bench", job, "--iterations", 30, "--seed", seed))
        for seed in (1, 1, 2)
    )
    assert first == again != other
    assert len({*first}) == 6  # of the 3! orders; all but certain in 30 rounds, and reproducible


def test_times_go_forward_and_samples_do_not_overlap(host: Command, job: Path):
    ended = succeeded(host, "bench", job, "--iterations", 20)
    samples = ended.of("sample")
    assert all(event["ns"] > 0 for event in samples)
    for before, after in pairwise(samples):
        assert before["at_ns"] + before["ns"] <= after["at_ns"]
    assert samples[-1]["at_ns"] + samples[-1]["ns"] <= ended.one("end")["elapsed_ns"]
    assert 1000 < ended.one("end")["peak_rss_kib"] < 10**6


def test_start_says_what_was_asked_for(host: Command, job: Path):
    options = ("--warmup", 1, "--iterations", 2, "--seed", 2**63 - 1, "--core", 0)
    start = succeeded(host, "bench", job, *options).one("start")
    assert start["schema_version"] == 1
    assert (start["command"], start["bundle"]) == ("bench", "the tiny one")
    assert (start["warmup"], start["iterations"], start["seed"]) == (1, 2, 2**63 - 1)
    assert start["core"] == 0
    assert start["cores_allowed"] == sorted(os.sched_getaffinity(0))
    assert start["options"]["num_threads"] == start["options"]["lightmode"] == 1


def test_all_samples_come_from_the_core(host: Command, job: Path):
    core = max(os.sched_getaffinity(0))
    ended = succeeded(host, "bench", job, "--core", core, "--iterations", 100)
    assert {event["core"] for event in ended.of("sample")} == {core}


def test_without_a_core_nothing_is_pinned(host: Command, job: Path):
    ended = succeeded(host, "bench", job, "--iterations", 3)
    assert ended.one("start")["core"] is None
    assert {event["core"] for event in ended.of("sample")} <= os.sched_getaffinity(0)


def test_a_core_that_is_not_there_is_refused(host: Command, job: Path):
    message = refused(host, 5, ("bench", job, "--core", 1023))
    assert "can't run on core 1023" in message
    assert str(sorted(os.sched_getaffinity(0))).replace(" ", "") in message


def test_frequencies_and_temperatures_are_read(host: Command, job: Path, tmp_path: Path):
    folder = tmp_path / "sys" / "devices" / "system" / "cpu" / "cpu0" / "cpufreq"
    folder.mkdir(parents=True)
    (folder / "scaling_cur_freq").write_text("1804800\n")
    (folder / "scaling_max_freq").write_text("soon\n")
    zones = {"warm": "41000\n", "cold": "-500\n", "odd": "0x10\n", "empty": ""}
    for name, text in zones.items():
        (tmp_path / name).write_text(text)
    thermal = [x for name in (*zones, "none") for x in ("--thermal", str(tmp_path / name))]
    sysfs = ("--sysfs", tmp_path / "sys")
    ended = succeeded(host, "bench", job, "--core", 0, "--iterations", 2, *sysfs, *thermal)
    assert {event["frequency_khz"] for event in ended.of("sample")} == {1804800}
    assert {event["frequency_max_khz"] for event in ended.of("sample")} == {None}
    read = [(Path(event["path"]).name, event["milli_c"]) for event in ended.of("thermal")]
    once = [("warm", 41000), ("cold", -500), ("odd", None), ("empty", None), ("none", None)]
    assert read == once * 2  # at the start and at the end; in between at most once a second


def test_serve_runs_what_is_asked_for(host: Command, job: Path):
    asked = ["keyframe", "control", "control", "fp16/reuse"]
    ended = succeeded(host, "serve", job, stdin="keyframe\n\ncontrol\ncontrol\n\n\nfp16/reuse")
    assert [event["key"] for event in ended.of("sample")] == asked
    assert [event["round"] for event in ended.of("sample")] == [0, 1, 2, 3]


@pytest.mark.parametrize("key", ["keyfram", "keyframe ", "\x00", "é\x1b", "k" * 10**5])
def test_serve_ends_at_an_unknown_key(host: Command, job: Path, key: str):
    message = refused(host, 2, ("serve", job), stdin=f"control\n{key}\ncontrol\n")
    assert message.startswith("stdin: expected the key of a graph, got ")


def test_hostile_names_stay_text(host: Command, tmp_path: Path):
    path = tiny_job(tmp_path)
    name = '"},{"event":"end" \\ \x1b[31m $(reboot) \u2028 é 🦆'
    path.write_text(path.read_text().replace("the tiny one", name).replace("masks", name))
    ended = succeeded(host, "dump", path, "--output-dir", tmp_path / "out")
    assert ended.one("start")["bundle"] == ended.one("output")["name"] == name
