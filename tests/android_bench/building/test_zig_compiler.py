"""The arguments that zig gets, beside those that ncnn's CMake writes for clang."""

import subprocess
import sys

import pytest

from android_bench.building import zig_compiler
from android_bench.building.zig_compiler import rewritten


@pytest.mark.parametrize(
    ("clang", "zig"),
    [
        ("-march=armv8-a", "-mcpu=generic+v8a"),
        ("-march=armv8.2-a+fp16", "-mcpu=generic+v8_2a+fullfp16"),
        ("-march=armv8.2-a+fp16+dotprod", "-mcpu=generic+v8_2a+fullfp16+dotprod"),
        ("-march=armv8.2-a+fp16+fp16fml", "-mcpu=generic+v8_2a+fullfp16+fp16fml"),
        (
            "-march=armv8.6-a+fp16+dotprod+sve2",
            "-mcpu=generic+v8_6a+fullfp16+dotprod+sve2",
        ),
        ("-march=native", "-march=native"),
        ("-mavx2", "-mavx2"),
        ("-DNAME=-march=armv8-a", "-DNAME=-march=armv8-a"),
        ("a file.cpp", "a file.cpp"),
        ("", ""),
    ],
)
def test_one_argument(clang: str, zig: str):
    assert rewritten(["c++", clang, "-O3"]) == ["c++", zig, "-O3"]


@pytest.mark.parametrize("source", ["CMakeCCompilerId.c", "CMakeCXXCompilerId.cpp"])
def test_the_probe_of_cmake_is_not_linked(source: str):
    assert rewritten(["cc", source]) == ["cc", source, "-c"]


def test_as_a_program_it_becomes_the_compiler():
    echo = [sys.executable, "-c", "import sys; print(sys.argv[1:])"]
    command = [sys.executable, "-IS", zig_compiler.__file__, *echo, "-march=armv8.2-a+fp16", "x y"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == "['-mcpu=generic+v8_2a+fullfp16', 'x y']\n"
