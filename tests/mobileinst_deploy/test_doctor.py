import json
import re
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from mobileinst_deploy.cli.doctor import doctor
from mobileinst_deploy.doctor import as_json, as_table, diagnose
from mobileinst_deploy.environment import (
    Environment,
    examine,
    import_error,
    lowest_allowed,
    numbers,
)
from mobileinst_deploy.known_versions import COMMANDS, PACKAGES, WATCHED

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
TESTED = {name: package.tested for name, package in PACKAGES.items()}
GOOD = Environment("3.11.7", "Linux 6.8 x86_64", "A processor", 2, TESTED, {}, None)


def with_versions(**versions: str | None) -> Environment:
    """The good environment with other versions; None takes a package out."""
    changed = {**TESTED, **{name.replace("_", "-"): v for name, v in versions.items()}}
    return replace(GOOD, versions={name: v for name, v in changed.items() if v is not None})


def requiring(environment: Environment, **requirements: str) -> Environment:
    return replace(environment, requirements={k: (v,) for k, v in requirements.items()})


NO_LIBGL = "ImportError: libGL.so.1: cannot open shared object file: No such file or directory"


@pytest.mark.parametrize(
    ("environment", "usable", "words"),
    [
        (GOOD, True, "every command can be used"),
        (with_versions(torch="2.13.0+cpu"), True, "every command can be used"),
        (with_versions(adb_shell="0.4.5"), False, "problem: adb-shell is not 0.4.4"),
        (with_versions(torch="2.12.1"), True, "note: torch is not 2.13.0"),
        (with_versions(torch=None), False, "next: pip install 'torch>=2.9'"),
        (with_versions(torch="2.8.1"), False, "too old, expected >= 2.9"),
        (with_versions(timm="1.0.20"), True, "note: torchvision, which timm"),
        (
            with_versions(torch="2.13.0+cpu", torchvision="0.28.0"),
            False,
            "problem: torchvision does not fit this torch",
        ),
        (
            requiring(with_versions(torchvision="0.29.2"), torchvision="torch (>=2.14.0)"),
            False,
            "problem: torchvision does not fit this torch",
        ),
        (
            requiring(with_versions(torchvision="0.28.0"), torchvision="torch==2.13.0"),
            True,
            "note: torchvision",
        ),
        (
            requiring(with_versions(protobuf="5.29.5"), onnx="protobuf>=6.31.1"),
            False,
            "problem: protobuf is older than onnx needs",
        ),
        (requiring(with_versions(protobuf="6.31.1"), onnx="protobuf>=6.31.1"), True, "every"),
        (with_versions(opencv_python_headless="5.0.0.93"), False, "overwrite each other"),
        (with_versions(opencv_python=None, opencv_python_headless="5.0.0.93"), True, "every"),
        (with_versions(opencv_python=None), False, "'opencv-python>=4.10'"),
        (replace(GOOD, cv2_error=NO_LIBGL), False, "problem: OpenCV needs the system library"),
        (
            replace(GOOD, cv2_error="ImportError: {x}"),
            False,
            "'import cv2' fails: ImportError: {x}",
        ),
    ],
)
def test_diagnosis(environment, usable, words):
    diagnosis = diagnose(environment)
    assert diagnosis.usable is usable
    assert words in as_table(diagnosis)


def test_a_host_without_torch_can_still_bench():
    diagnosis = diagnose(with_versions(torch=None, fvcore=None))
    assert {command.name: command.lacks for command in diagnosis.commands} == {
        "models": ("torch>=2.9", "fvcore>=0.1.5"),
        "export": ("torch>=2.9",),
        "convert": ("torch>=2.9",),
        "inspect": (),
        "parity": ("torch>=2.9",),
        "ranges": ("torch>=2.9",),
        **dict.fromkeys(("runner", "bench", "bundle", "summarise", "compare"), ()),
        "preview": (),
        "track": (),
        "curve": (),
        "eval": (),
        "report": (),
        "train": ("torch>=2.9",),
        "synthesise": (),
        "devices": (),
        "doctor": (),
    }


def test_an_empty_environment_lacks_everything():
    diagnosis = diagnose(replace(GOOD, versions={}))
    assert all(package.status == "missing" for package in diagnosis.packages)
    assert all(command.lacks for command in diagnosis.commands)


TABLE = """\
python        3.11.7
platform      Linux 6.8 x86_64
cpu           A processor
cores to use  2

package        installed           tested with         status
click          8.5.1               8.5.1               ok
"""


def test_the_table_is_aligned():
    table = as_table(diagnose(GOOD))
    assert table.startswith(TABLE)
    assert table.endswith("doctor      ok\n\nevery command can be used\nnext: mobileinst models")
    assert not re.search(r" $", table, re.MULTILINE)


def test_json_says_the_same():
    content = json.loads(as_json(diagnose(with_versions(onnx=None))))
    assert content["usable"] is False
    assert [p for p in content["packages"] if p["name"] == "onnx"] == [
        {"name": "onnx", "installed": None, "tested": "1.23.2", "status": "missing"}
    ]
    assert [c["name"] for c in content["commands"] if c["lacks"]] == [
        *("export", "convert", "inspect", "parity", "ranges")
    ]


def test_minimums_are_those_of_the_project_file():
    project = tomllib.loads(PROJECT.read_text())["project"]
    extras = project["optional-dependencies"]
    used = ("export", "track", "report", "runner")
    stated = [*project["dependencies"], *(need for name in used for need in extras[name])]
    minimums = dict(re.split(">=|==", requirement) for requirement in stated)
    assert {name: package.minimum for name, package in PACKAGES.items()} == minimums


def test_commands_need_known_packages():
    assert {need for needs in COMMANDS.values() for need in needs} <= PACKAGES.keys()


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.23.2", (1, 23, 2)),
        ("2.13.0+cpu", (2, 13)),
        ("0.1.5.post20221221", (0, 1, 5)),
        ("2", (2,)),
        ("2.0", (2,)),
        ("20.0.10", (20, 0, 10)),
        ("5.0.0rc1", (5,)),
        ("dev", ()),
    ],
)
def test_numbers(version, expected):
    assert numbers(version) == expected


@pytest.mark.parametrize(
    ("requirement", "lowest"),
    [
        ("torch==2.13.0", "2.13.0"),
        ("torch (==2.13.0)", "2.13.0"),
        ("torch>=2.14", "2.14"),
        ("torch<2.15.0,>=2.12.0", "2.12.0"),
        ('torch!=2.4.0,>=1.8.0; sys_platform == "win32"', "1.8.0"),
        ("torch", None),
        ("torch<3", None),
        ("torchvision>=0.9.0", None),
        ("torch-geometric>=2.0", None),
        ('torch>=2.0; extra == "gpu"', None),
    ],
)
def test_lowest_allowed(requirement, lowest):
    environment = requiring(GOOD, torchvision=requirement)
    assert lowest_allowed(environment, "torchvision", "torch") == lowest


def test_this_machine_is_examined_without_importing():
    loaded = set(sys.modules)
    environment = examine(("click", "opencv-python", "opencv-python-headless", "no-such-package"))
    assert set(sys.modules) == loaded
    assert environment.versions.keys() >= {"click"}
    assert environment.cv2_error is None
    assert environment.cores >= 1


@pytest.mark.parametrize(
    ("module", "message"),
    [("json", None), ("no_such_module", "ModuleNotFoundError: No module named 'no_such_module'")],
)
def test_import_error(module, message):
    assert import_error(module) == message


def test_a_slow_import_is_given_up():
    assert import_error("time; time.sleep(9)", 0.2) == "the import takes longer than 0.2 s"


def test_the_command_prints_json_and_exits_with_the_answer():
    result = CliRunner().invoke(doctor, ["--format", "json"])
    content = json.loads(result.stdout)
    assert result.exit_code == (0 if content["usable"] else 1)
    assert [package["name"] for package in content["packages"]]


def test_the_command_fails_where_something_is_missing(monkeypatch):
    monkeypatch.setattr(
        "mobileinst_deploy.environment.examine", lambda _: with_versions(torch=None)
    )
    result = CliRunner().invoke(doctor)
    assert result.exit_code == 1
    assert "next: pip install 'torch>=2.9'" in result.stdout


def test_help_shows_an_example():
    assert "mobileinst doctor --format json" in CliRunner().invoke(doctor, ["--help"]).stdout


def test_watched_packages_are_listed_once():
    assert len(WATCHED) == len(set(WATCHED))
