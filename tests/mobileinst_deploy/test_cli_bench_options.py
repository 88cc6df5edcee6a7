"""What `mobileinst bench` refuses before it looks at anything."""

from pathlib import Path

import pytest

from mobileinst_deploy.cli.bench import output_paths
from tests.command import run

WRONG = {
    "both devices": ("--device host --serial R5CT", "exclude each other"),
    "a phone twice": ("--serial R5CT --serial R5CT", "a serial is there twice"),
    "a cluster of this machine": ("--core prime", "'prime' is no core of this machine"),
    "a schedule of this machine": ("--interval 3", "--interval needs a phone"),
    "a profile of this machine": ("--profile", "--profile needs a phone"),
    "keys of this machine": ("--keys key", "--keys needs a phone"),
    "a rate without a schedule": ("--serial R5CT --fps 30", "--fps needs --interval"),
    "frames without a schedule": ("--serial R5CT --frames 30", "--frames needs --interval"),
    "no temperature": ("--serial R5CT --max-temperature nan", "nan is not a number"),
    "a wait without end": ("--serial R5CT --cool-down inf", "--cool-down"),
    "no frame": ("--serial R5CT --interval 3 --frames 0", "--frames"),
    "a runtime of this machine": ("--serial R5CT --runtime onnxruntime", "unknown runtime 'onnx"),
    "a runtime of phones": ("--runtime ncnn-phone", "unknown runtime 'ncnn-phone': known are"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage(name: str, small_bundle: Path):
    options, says = WRONG[name]
    ran = run("bench", small_bundle, *options.split())
    assert ran.code == 2, ran.err
    assert says in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("serials", [(), ("R5CT",)])
def test_one_result_has_the_files_own_name(serials: tuple[str, ...]):
    (path,) = output_paths(Path("out/bench.json"), serials).values()
    assert path == Path("out/bench.json")


def test_several_results_have_the_serials_in_their_names():
    paths = output_paths(Path("out/bench.json"), ("10.0.0.2:5555", "../R5"))
    assert [*paths.values()] == [Path("out/bench-10.0.0.2_5555.json"), Path("out/bench-.._R5.json")]


def test_without_an_output_there_is_none():
    assert output_paths(None, ("a", "b")) == {"a": None, "b": None}
