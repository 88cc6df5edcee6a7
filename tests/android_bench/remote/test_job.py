"""The job file: what a runner reads, and what can't be written into it."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from android_bench.errors import BenchError
from android_bench.remote.job import (
    FileRef,
    Job,
    JobGraph,
    JobInput,
    JobOutput,
    JobPreprocessing,
    JobSchedule,
    JobState,
    JobTracking,
    file_ref,
)
from android_bench.remote.job_text import encode

PARAM, WEIGHTS, IMAGE = file_ref(b"param"), file_ref(b"weights"), file_ref(b"image")
GRAPH = JobGraph(
    "keyframe",
    "keyframe",
    "fp32",
    PARAM,
    WEIGHTS,
    (JobInput("image", "in0", (3, 320, 640), IMAGE),),
    (JobOutput("mask_logits", "out0"),),
)
REUSE = replace(GRAPH, key="fp16/reuse", graph="reuse_folded", precision="fp16")
JOB = Job("base", "ab" * 32, (GRAPH, REUSE), JobSchedule(("keyframe",), "fp16/reuse"))


def locate(ref: FileRef) -> str:
    return f"../files/{ref.sha256[:4]}"


def named(**changes: object) -> Job:
    return replace(JOB, graphs=(replace(GRAPH, **changes), REUSE))


TEXT = f"""mobileinst-job\t1
bundle\tbase\t{"ab" * 32}
file\t{PARAM.sha256}\t5\t{locate(PARAM)}
file\t{WEIGHTS.sha256}\t7\t{locate(WEIGHTS)}
file\t{IMAGE.sha256}\t5\t{locate(IMAGE)}
graph\tkeyframe\tkeyframe\tfp32\t{locate(PARAM)}\t{locate(WEIGHTS)}
input\tkeyframe\tin0\timage\t3,320,640\t{locate(IMAGE)}
output\tkeyframe\tout0\tmask_logits
graph\tfp16/reuse\treuse_folded\tfp16\t{locate(PARAM)}\t{locate(WEIGHTS)}
input\tfp16/reuse\tin0\timage\t3,320,640\t{locate(IMAGE)}
output\tfp16/reuse\tout0\tmask_logits
schedule\tkey\tkeyframe
schedule\treuse\tfp16/reuse
"""


def test_the_whole_text():
    assert encode(JOB, locate) == TEXT


PICTURES = (file_ref(b"abc"), file_ref(b"def"))
TRACKING = JobTracking(
    JobPreprocessing(320, 640, "letterbox", (123.675, 116.28, 1e-5), (58.395, 57.12, 57.375)),
    (
        JobState("keyframe", "kernels", "fold", "kernels", live=True),
        JobState("fold", "weight", "fp16/reuse", "weight", live=False),
    ),
    {"score": 0.1, "memory": 5, "similarity": -0.5},
    720,
    1280,
    (*PICTURES, PICTURES[0]),
)
TRACKING_TEXT = f"""preprocessing\t320,640\tletterbox\t123.675,116.28,1e-05\t58.395,57.12,57.375
state\tkeyframe\tkernels\tfold\tkernels\tlive
state\tfold\tweight\tfp16/reuse\tweight\twhole
tracking\tscore\t0.1
tracking\tmemory\t5
tracking\tsimilarity\t-0.5
clip\t720,1280
picture\t{locate(PICTURES[0])}
picture\t{locate(PICTURES[1])}
picture\t{locate(PICTURES[0])}
"""


def test_a_clip_to_track():
    text = encode(replace(JOB, tracking=TRACKING), locate)
    assert text.endswith(TRACKING_TEXT)
    files = [line.split("\t")[1:] for line in text.splitlines() if line.startswith("file")]
    assert files[3:] == [[ref.sha256, "3", locate(ref)] for ref in PICTURES]  # each once


def test_an_output_that_has_a_shape():
    text = encode(named(outputs=(JobOutput("mask_logits", "out0", (10, 40, 80)),)), locate)
    assert "output\tkeyframe\tout0\tmask_logits\t10,40,80\n" in text


def test_a_job_without_a_schedule():
    assert encode(replace(JOB, schedule=None), locate) == TEXT[: TEXT.index("schedule")]


@pytest.mark.parametrize("name", ["$(touch x); \"'", "a b", "`id`", "übung", "-rf", "\\", "*"])
def test_what_only_a_shell_would_mind_stays_as_it_is(name: str):
    assert f"bundle\t{name}\t" in encode(replace(JOB, bundle=name), locate)


@pytest.mark.parametrize("bad", ["a\tb", "a\nb", "a\rb", "a\0b", "", "a\udc80"], ids=ascii)
@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("name of the bundle", lambda bad: replace(JOB, bundle=bad)),
        ("sha256 of the manifest", lambda bad: replace(JOB, manifest_sha256=bad)),
        ("name of a graph", lambda bad: named(graph=bad)),
        ("name of an input", lambda bad: named(inputs=(replace(GRAPH.inputs[0], name=bad),))),
        ("blob of an input", lambda bad: named(inputs=(replace(GRAPH.inputs[0], blob=bad),))),
        ("name of an output", lambda bad: named(outputs=(JobOutput(bad, "out0"),))),
        ("blob of an output", lambda bad: named(outputs=(JobOutput("masks", bad),))),
    ],
)
def test_a_field_that_breaks_the_text_is_named(field: str, make, bad: str):
    with pytest.raises(BenchError, match=f"^the {field} (is empty|holds|is not UTF-8)"):
        encode(make(bad), locate)


@pytest.mark.parametrize("bad", ["a\tb", "", "a\udc80"], ids=ascii)
def test_a_path_that_breaks_the_text_is_named(bad: str):
    with pytest.raises(BenchError, match=r"^the path of a file"):
        encode(JOB, lambda _: bad)


@pytest.mark.parametrize(
    ("job", "says"),
    [
        (named(key="$(touch x)"), r"key of a graph may hold .*, got '\$\(touch x\)'"),
        (named(key=""), "key of a graph may hold"),
        (named(key="fp16/reuse"), "'fp16/reuse' is there twice"),
        (named(precision="int8"), "asked for as 'int8'; the runner has fp32, fp16-storage, fp16"),
        (replace(JOB, graphs=()), "has no graph"),
        (replace(JOB, schedule=JobSchedule(("fold",), "fp16/reuse")), "names 'fold'"),
        (replace(JOB, schedule=JobSchedule(("keyframe",), "x")), "names 'x'"),
    ],
)
def test_a_job_that_the_runner_would_refuse(job: Job, says: str):
    with pytest.raises(BenchError, match=says):
        encode(job, locate)


def test_files_are_known_by_their_content(tmp_path: Path):
    path = tmp_path / "x"
    path.write_bytes(b"param")
    assert file_ref(path) == PARAM
    assert (PARAM.sha256, PARAM.size) == (hashlib.sha256(b"param").hexdigest(), 5)
    assert JOB.files == (PARAM, WEIGHTS, IMAGE)


def test_a_file_that_is_missing(tmp_path: Path):
    with pytest.raises(BenchError, match=r"can't read .*gone: No such file"):
        file_ref(tmp_path / "gone")
