"""Job files that are not as they should be: one line, exit 3, and nothing is run."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.android_bench.runner.program import Command, refused, succeeded
from tests.android_bench.runner.tiny import (
    FIRST,
    PARAM,
    file_line,
    job_lines,
    tiny_job,
    write_files,
    write_job,
)

HEX = "[0-9a-f]{64}"
# What is replaced in the job's text (a pattern), by what, and what the message says.
DAMAGED = [
    (FIRST, "mobileinst-job\t2", ":1: expected 'mobileinst-job'"),
    (FIRST, "", ":1: expected 'mobileinst-job'"),
    (r"\n\Z", "", "is cut off: its last line has no end"),
    (r"\n\Z", "\n\n", ":9: expected a kind of record, got \"\""),
    ("image", "im\\\\0age", "holds a zero byte"),
    ("bundle\t.*\n", "", "has no 'bundle' record"),
    ("(bundle\t.*\n)", r"\1\1", ":3: \"bundle\" is there twice"),
    ("bundle\tthe tiny one", "bundle\t", ":2: a field is empty"),
    ("0{64}", "0" * 63, ":2: expected 64 lower-case hexadecimal digits"),
    (f"file\t{HEX}", "file\t" + "A" * 64, ":3: expected 64 lower-case"),
    ("\tnet.param\n", "\n", ":3: expected 4 fields in 'file', got 3"),
    ("\tnet.param\n", "\tnet.param\t\n", ":3: expected 4 fields in 'file', got 5"),
    (r"\t0\tnet.bin", "\t-1\tnet.bin", ":4: expected a number of bytes, got \"-1\""),
    (r"\t0\tnet.bin", "\t0\t/net.bin", ":4: expected a relative path"),
    (r"\t0\tnet.bin", "\t0\tx/../net.bin", ":4: expected a relative path"),
    (r"\t0\tnet.bin", "\t0\tnet.param", ":4: \"net.param\" is there twice"),
    ("file(.*)net.bin\n", "", "has no 'file' record for net.bin"),
    ("file(.*)in.f32\n", "", "has no 'file' record for in.f32"),
    ("fp32", "fp64", ":6: expected fp32, fp16-storage or fp16, got \"fp64\""),
    ("fp32", "int8", ":6: expected fp32"),
    ("tiny\trelu", "ti ny\trelu", ":6: expected a key of letters"),
    ("(graph\t.*\n)", r"\1\1", ":7: \"tiny\" is there twice"),
    ("(graph|input|output)\t.*\n", "", "there is nothing to run"),
    ("input\t.*\n", "", "graph 'tiny' has no input"),
    ("output\t.*\n", "", "graph 'tiny' has no output"),
    ("(input\t.*\n)", r"\1\1", ":8: \"image\" is there twice"),
    ("(output\t.*\n)", r"\1\1", ":9: \"masks\" is there twice"),
    ("input\ttiny", "input\ttinny", ":7: expected the key of a 'graph' record, got \"tinny\""),
    ("2,3,5", "2,3,6", r"shape \[2,3,6\] needs 144 bytes, but in.f32 has 120"),
    ("2,3,5", "2,3,0", ":7: expected one to four sizes"),
    ("2,3,5", "2,,15", ":7: expected one to four sizes"),
    ("2,3,5", "1,1,2,3,5", ":7: expected one to four sizes"),
    ("2,3,5", "1048576,1048576,1048576", ":7: expected fewer values"),
    (r"\Z", "schedule\tkey\n", ":9: expected 3 fields in 'schedule', got 2"),
    (r"\Z", "schedule\tnow\ttiny\n", ":9: expected the role key or reuse"),
    (r"\Z", "schedule\tkey\tnone\n", ":9: expected the key of a 'graph' record"),
    (r"\Z", "schedule\treuse\ttiny\ttiny\n", ":9: expected one graph for reuse"),
    (r"\Z", "schedule\tkey\ttiny\n" * 2, ":10: \"key\" is there twice"),
    ("\tin0\timage", "\tin1\timage", "net.param has no blob \"in1\""),
    ("\tin0\timage", "\tout0\timage", "blob \"out0\" is no input of net.param"),
    ("\tout0\tmasks", "\tout1\tmasks", "net.param has no blob \"out1\""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), DAMAGED, ids=[says for *_, says in DAMAGED])
def test_a_damaged_job_is_refused(host: Command, tmp_path: Path, old: str, new: str, says: str):
    path = tiny_job(tmp_path)
    text = re.sub(old, new, path.read_text(), flags=re.MULTILINE)
    path.write_text(text.replace("\\0", "\0"))
    message = refused(host, 3, ("bench", path))
    assert re.search(says, message), message


@pytest.mark.parametrize("name", ["net.param", "net.bin", "in.f32"])
def test_a_file_that_is_missing_cut_or_changed_is_refused(host: Command, tmp_path: Path, name: str):
    path = tiny_job(tmp_path)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).unlink()
    assert "can't read" in refused(host, 3, ("bench", path))
    (tmp_path / name).write_bytes(content + b"!")
    assert "changed or cut off: expected" in refused(host, 3, ("bench", path))
    if content:
        (tmp_path / name).write_bytes(b"!" + content[1:])
        assert "was changed: expected sha256" in refused(host, 3, ("bench", path))


@pytest.mark.parametrize(
    ("param", "says"),
    [
        (PARAM.replace("ReLU", "Relu"), "ncnn refuses .*net.param"),
        (PARAM[:30], "ncnn refuses .*net.param"),
        ("7767516\n2 2\n", "ncnn refuses .*net.param"),
        ("", "ncnn refuses .*net.param"),
        (PARAM.replace("ReLU relu", "PReLU relu") + " 0=2\n", "ncnn refuses .*net.bin: cut off"),
        (PARAM.replace("2 2", "3 3") + "Input in1 0 1 in1\n", "has 2 inputs, the job 1"),
    ],
)
def test_a_network_that_ncnn_refuses(host: Command, tmp_path: Path, param: str, says: str):
    """The hashes are right: the file was written like that."""
    write_files(tmp_path, param=param)
    message = refused(host, 3, ("bench", write_job(tmp_path, job_lines(tmp_path))))
    assert re.search(says, message), message


def test_what_is_no_regular_file_is_refused(host: Command, tmp_path: Path):
    path = tiny_job(tmp_path)
    (tmp_path / "net.bin").unlink()
    (tmp_path / "net.bin").symlink_to("/dev/zero")
    assert "expected a regular file" in refused(host, 3, ("bench", path))
    assert "expected a regular file" in refused(host, 3, ("bench", tmp_path))
    assert "can't read" in refused(host, 3, ("bench", tmp_path / "none.txt"))


def test_text_that_is_not_utf8_is_refused_in_utf8(host: Command, tmp_path: Path):
    path = tiny_job(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"image", b"im\xffge"))
    assert "is not UTF-8" in refused(host, 3, ("bench", path))


def test_records_come_in_any_order_and_files_lie_above(host: Command, tmp_path: Path):
    folder = tmp_path / "run"
    folder.mkdir()
    write_files(tmp_path)
    lines = [re.sub(r"(net\.\w+|in\.f32)", r"../\1", line) for line in job_lines(tmp_path)]
    path = write_job(folder, lines[::-1])
    ended = succeeded(host, "bench", path, "--warmup", 0, "--iterations", 1)
    assert ended.of("file")[0]["path"] == "../in.f32"


# Sizes around SHA-256's blocks of 64 bytes, whose last 8 hold the length.
@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 10**6])
def test_hashes_are_sha256(host: Command, tmp_path: Path, size: int):
    path = tmp_path / "extra"
    path.write_bytes(np.random.default_rng(size).bytes(size))
    job = tiny_job(tmp_path, ("tiny",), file_line(path))
    ended = succeeded(host, "bench", job, "--warmup", 0, "--iterations", 1)
    said = {event["path"]: event for event in ended.of("file")}
    assert file_line(path).split("\t")[1:] == [
        said["extra"]["sha256"], str(said["extra"]["bytes"]), "extra"
    ]  # fmt: skip
