"""`mobileinst`, its help and completion, and `mobileinst models`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mobileinst_deploy.cli.main import COMMANDS
from models.zoo import ZOO
from tests.command import run

COMMAND = Path(sys.executable).with_name("mobileinst")


def test_models_are_listed_as_json():
    ran = run("models", "--format", "json")
    rows = json.loads(ran.out)["models"]
    assert (ran.code, ran.err) == (0, "")
    assert [row["name"] for row in rows] == list(ZOO)
    base = next(row for row in rows if row["name"] == "mobileinst-topformer-b")
    assert base["backbone"] == "topformer-base"
    assert base["stages"] == ["global", "local"]
    assert (base["num_queries"], base["num_classes"]) == (100, 80)


def test_models_are_listed_as_a_table():
    ran = run("models")
    assert ran.code == 0
    assert all(f" {name} " in ran.out for name in ZOO)
    assert "\N{HORIZONTAL ELLIPSIS}" not in ran.out


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of fvcore's tracer
def test_macs_stand_beside_the_papers():
    ran = run("models", "--macs", "--format", "json")
    rows = json.loads(ran.out)["rows"]
    assert ran.code == 0
    assert len(rows) == 14
    for row in rows:
        assert row.keys() == {
            "table", "row", "model", "paper_gmacs", "gmacs", "error", "params"
        }  # fmt: skip
        assert row["model"] in ZOO
        assert row["error"] == pytest.approx(abs(row["gmacs"] / row["paper_gmacs"] - 1), abs=1e-5)


def test_peers_go_with_macs():
    ran = run("models", "--peers")
    assert (ran.code, ran.out) == (2, "")
    assert "--peers goes with --macs" in ran.err


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_every_command(arguments: tuple[str, ...]):
    ran = run(*arguments)
    assert (ran.code, ran.err) == (0, "")
    assert all(f"\n  {name} " in ran.out for name in COMMANDS)
    assert "Exit codes: 0 ok, 1 the answer is no, 2 usage" in " ".join(ran.out.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_an_example(command: str):
    ran = run(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"\n    mobileinst {command}" in ran.out


def test_version():
    ran = run("--version")
    assert ran.code == 0
    assert ran.out.startswith("mobileinst, version ")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("mobileinst export mobileinst-sea", [n for n in ZOO if n.startswith("mobileinst-sea")]),
        ("mobileinst export nosuch", []),
        ("mobileinst pa", ["parity"]),
        ("mobileinst export --res", ["--resize"]),
    ],
)
def test_shell_completion(typed: str, offered: list[str]):
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    environment = {**os.environ, "_MOBILEINST_COMPLETE": "bash_complete", **words}
    ran = subprocess.run([COMMAND], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [f"plain,{name}" for name in offered]
    assert ran.stderr == ""
