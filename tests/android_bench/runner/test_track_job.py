"""Jobs of a clip that are not as they should be: one line, exit 3, and nothing is run."""

import re
from pathlib import Path

import pytest

from tests.android_bench.runner.pixels import pixel_job
from tests.android_bench.runner.program import Command, refused

LIVE = "state\tkeyframe\tkernels\tfold\tkernels\tlive"
# What is replaced in the job's text (a pattern), by what, and what the message says.
MISSING = [
    ("clip\t.*\n", "", "no 'clip' record"),
    ("picture\t.*\n", "", "no 'picture' record: there is nothing to track"),
    ("preprocessing\t.*\n", "", "no 'preprocessing' record"),
    ("tracking\tmemory\t.*\n", "", "no 'tracking' record for memory"),
    ("tracking\tduplicate\t.*\n", "", "no 'tracking' record for duplicate"),
    ("schedule\tkey\t.*\n", "", "no 'schedule' record for key"),
    ("schedule\treuse\t.*\n", "", "no 'schedule' record for reuse"),
    (f"{LIVE}\n", "", "no 'state' record for 'kernels' of graph 'fold'"),
    ("state\tfold\t.*\n", "", "no 'state' record for 'weight' of graph 'reuse_folded'"),
    (r"picture\t.*\n\Z", "picture\tnowhere\n", "no 'file' record for nowhere"),
    ("\tclass_logits\t", "\tlogits\t", "graph 'keyframe' has no output 'class_logits'"),
]
RECORDS = [
    ("clip\t16,24", "clip\t16", r":\d+: expected a height and a width, as 720,1280, got \"16\""),
    ("(clip\t.*\n)", r"\1\1", '"clip" is there twice'),
    ("(preprocessing\t.*\n)", r"\1\1", '"preprocessing" is there twice'),
    ("letterbox", "crop", r":\d+: expected letterbox or stretch, got \"crop\""),
    ("128.0,128.0,128.0", "1,2", r"expected 3 finite numbers with commas, got \"1,2\""),
    ("128.0,128.0,128.0", "1,2,3,4", "expected 3 finite numbers"),
    ("128.0,128.0,128.0", "1,nan,3", "expected 3 finite numbers"),
    ("128.0,128.0,128.0", "1,1e999,3", "expected 3 finite numbers"),
    ("128.0,128.0,128.0", "1,2x,3", "expected 3 finite numbers"),
    ("16.0,16.0,16.0", "16,0,16", "expected standard deviations above 0"),
    ("16.0,16.0,16.0", "16,1e-99,16", "expected standard deviations above 0"),
    ("\tscore\t.*", "\tscore\t1.5", r"expected a number in 0..1, got \"1.5\""),
    ("\tsimilarity\t.*", "\tsimilarity\t-1.01", r"expected a number in -1..1"),
    ("\tduplicate\t.*", "\tduplicate\t1.01", r"expected a number in -1..1, got \"1.01\""),
    ("\tmemory\t.*", "\tmemory\t2.5", "expected a number of keyframes"),
    ("\tshortest\t.*", "\tshortest\t0", "expected a number of frames from 1 on"),
    ("\tlongest\t.*", "\tlongest\t1e10", "expected a number of frames from 1 on"),
    ("\tscore\t", "\tscores\t", r"expected the name of a setting, got \"scores\""),
    ("(tracking\tmask\t.*\n)", r"\1\1", '"mask" is there twice'),
    (LIVE, LIVE.replace("keyframe", "frame"), "expected the key of a 'graph' record"),
    (LIVE, LIVE.replace("kernels\tfold", "kernel\tfold"), "expected a tensor that the graph has"),
    (LIVE, LIVE.replace("kernels\tlive", "image\tlive"), "expected a tensor that the graph has"),
    (LIVE, LIVE.replace("live", "alive"), r"expected live or whole, got \"alive\""),
    (f"({LIVE}\n)", r"\1\1", '"kernels" is there twice'),
]
TOGETHER = [
    ("clip\t16,24", "clip\t16,25", "a picture of 16x25 needs 1200 bytes, but .* has 1152"),
    ("\tlongest\t.*", "\tlongest\t2", "the shortest interval is longer than the longest"),
    ("live\n", "whole\n", r"'kernels' of graph 'keyframe' has the shape \[8,6\], expected \[5,6\]"),
    ("whole\n", "live\n", "takes live rows of something else than the keyframe's kernels"),
    (LIVE, "state\treuse_folded\tmask_logits\tfold\tkernels\twhole",
     "takes something of graph 'reuse_folded', which does not run before it"),
    ("key\tkeyframe\tfold", "key\tfold\tkeyframe", "graph 'fold' is a keyframe's first, and takes"),
    ("(objectness)\t8,1", r"\1", r"'objectness' of graph 'keyframe' has the shape \[\], exp"),
    ("(objectness)\t8,1", r"\1\t9,1", r"has the shape \[9,1\], expected \[8,1\]"),
    ("(reuse_folded\tout0\tmask_logits)\t5", r"\1\t6", r"\[6,4,6\], expected \[5,4,6\]"),
    ("preprocessing\t16,24", "preprocessing\t8,24", r"the shape \[3,16,24\], expected \[3,8,24\]"),
]  # fmt: skip
DAMAGED = MISSING + RECORDS + TOGETHER


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pixel_job(tmp_path_factory.mktemp("pixels"), 3)


@pytest.mark.parametrize(("old", "new", "says"), DAMAGED, ids=[says for *_, says in DAMAGED])
def test_a_damaged_job_is_refused(host: Command, job: Path, old: str, new: str, says: str):
    path, text = job.with_name("damaged.txt"), job.read_text()
    damaged = re.sub(old, new, text, flags=re.MULTILINE)
    assert damaged != text
    path.write_text(damaged)
    message = refused(host, 3, ("track", path))
    assert re.search(says, message), message


def test_a_job_without_a_clip_is_no_job_to_track(host: Command, job: Path):
    path = job.with_name("plain.txt")
    own = ("clip", "picture", "preprocessing", "state", "tracking")
    lines = job.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(own)))
    assert "no 'clip' record" in refused(host, 3, ("track", path))
