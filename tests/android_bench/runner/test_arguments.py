"""The command line: what it takes, what it refuses, and how it says so."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.android_bench.runner.program import Command, refused, run_program
from tests.android_bench.runner.tiny import tiny_job

REFUSED = [
    ("", "expected bench, schedule"),
    ("fly job.txt", 'expected bench, schedule.* got "fly"'),
    ("bench", "needs a job file"),
    ("bench --core 1", "needs a job file"),
    ("bench job.txt --cores 1", 'bench has no option "--cores"'),
    ("bench job.txt --interval 3", 'bench has no option "--interval"'),
    ("dump job.txt --warmup 3 --output-dir out", 'dump has no option "--warmup"'),
    ("bench job.txt --core", "--core: expected 0 to 1023, got nothing"),
    ("bench job.txt --core -1", '--core: expected 0 to 1023, got "-1"'),
    ("bench job.txt --core 1024", "--core: expected"),
    ("bench job.txt --core 1x", "--core: expected"),
    ("bench job.txt --iterations 0", "--iterations: expected 1 to"),
    ("bench job.txt --iterations 99999999999999999999", "--iterations: expected"),
    ("bench job.txt --seed 9223372036854775808", "--seed: expected"),
    ("schedule job.txt --interval 0", "--interval: expected"),
    ("schedule job.txt --fps 0", "--fps: expected"),
    ("schedule job.txt --fps 1e3", "--fps: expected"),
    ("schedule job.txt --fps nan", "--fps: expected"),
    ("schedule job.txt --fps 0x10", "--fps: expected"),
    ("schedule job.txt --fps 1.2.3", "--fps: expected"),
    ("dump job.txt", "dump needs --output-dir"),
    ("--version now", "takes nothing else"),
]


@pytest.mark.parametrize(("line", "says"), REFUSED, ids=[line for line, _ in REFUSED])
def test_a_wrong_command_line_is_refused(host: Command, line: str, says: str):
    message = refused(host, 2, line.split())
    assert re.search(says, message), message


def test_version_is_one_line_of_json(host: Command):
    (event,) = run_program(host, "--version").events
    assert event["event"] == "version"
    assert event["schema_version"] == 1
    assert event["target"] == "x86_64-linux"
    assert {"runner", "ncnn", "build"} <= event.keys()


def test_help_has_every_option_and_an_example_that_works(host: Command, tmp_path: Path):
    shown = subprocess.run([*host, "--help"], capture_output=True, text=True, check=True).stdout
    assert {option for line, _ in REFUSED for option in re.findall("--[a-z]+", line)} - {
        "--cores", "--version", "--output"
    } <= {*re.findall("--[a-z]+", shown)}  # fmt: skip
    (example,) = re.findall(r"^  mobileinst-runner (bench job.txt .*)$", shown, re.MULTILINE)
    tiny_job(tmp_path)
    here = example.replace("--core 7", "--core 0")
    assert run_program(host, *here.split(), cwd=tmp_path).code == 0
