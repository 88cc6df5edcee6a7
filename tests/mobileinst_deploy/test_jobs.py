"""A bundle as a job: the files that the ncnn wheel would load, and what it would be fed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from android_bench.errors import BenchError
from android_bench.remote.job import FileRef, JobOutput, JobSchedule
from android_bench.remote.job_text import encode
from export.errors import BundleError
from export.golden_io import golden_inputs
from export.manifest import MANIFEST_NAME, Bundle, digest, open_bundle
from export.ncnn_net import NcnnNet
from mobileinst_deploy.bench.jobs import Wanted, make_job
from mobileinst_deploy.runtimes.artifacts import NCNN

ALL: tuple[Wanted, ...] = (
    ("control", "keyframe", "fp32"),
    ("keyframe", "keyframe", "fp32"),
    ("half/keyframe", "keyframe", "fp16-storage"),
    ("fold", "fold", "fp32"),
    ("reuse_folded", "reuse_folded", "fp32"),
)


@pytest.fixture(scope="module")
def bundle(phone_bundle: Path) -> Bundle:
    return open_bundle(phone_bundle)


def test_it_names_the_bundle_and_its_manifest(bundle: Bundle):
    job = make_job(bundle, ALL)
    assert (job.bundle, job.manifest_sha256) == ("phone", digest(bundle.path / MANIFEST_NAME))
    assert [(g.key, g.graph, g.precision) for g in job.graphs] == [*ALL]


def test_files_are_the_bundles_own_and_each_is_there_once(bundle: Bundle):
    job = make_job(bundle, ALL)
    sources = [file.source for file in job.files if isinstance(file.source, Path)]
    assert len({*sources}) == len(sources) == len({*job.files}) - inputs(job)
    for file in job.files:
        if isinstance(file.source, Path):
            assert (digest(file.source), file.source.stat().st_size) == (file.sha256, file.size)


def inputs(job) -> int:
    return sum(isinstance(file.source, bytes) for file in job.files)


def test_the_control_shares_all_files_with_what_it_controls(bundle: Bundle):
    control, keyframe, half, *_ = make_job(bundle, ALL).graphs
    assert (control.param, control.weights) == (keyframe.param, keyframe.weights)
    assert control.inputs == keyframe.inputs == half.inputs
    assert half.weights != keyframe.weights


@pytest.mark.parametrize("golden", [0, 1])
@pytest.mark.parametrize("name", ["keyframe", "fold", "reuse_plain", "reuse_folded"])
def test_the_job_computes_what_the_runtime_computes(bundle: Bundle, name: str, golden: int):
    (graph,) = make_job(bundle, ((name, name, "fp32"),), golden).graphs
    net = NcnnNet(graph.param.source, graph.weights.source)
    feed = {x.blob: np.frombuffer(x.file.source, "<f4").reshape(x.shape) for x in graph.inputs}
    got = net.run(feed, [output.blob for output in graph.outputs])
    wanted = NCNN.load(bundle, name).run(golden_inputs(bundle, name, golden))
    assert [output.name for output in graph.outputs] == [*wanted]
    for output in graph.outputs:
        np.testing.assert_array_equal(got[output.blob].ravel(), wanted[output.name].ravel())


def test_it_can_be_written_with_its_schedule(bundle: Bundle):
    schedule = JobSchedule(("keyframe", "fold"), "reuse_folded")
    text = encode(make_job(bundle, ALL, schedule=schedule), lambda ref: ref.sha256)
    assert text.endswith("schedule\tkey\tkeyframe\tfold\nschedule\treuse\treuse_folded\n")
    assert "\ninput\tkeyframe\tin0\timage\t3,96,160\t" in text


@pytest.mark.parametrize(
    ("wanted", "golden", "says"),
    [
        (("x", "nosuch", "fp32"), 0, "no graph 'nosuch'"),
        (("x", "keyframe", "int8"), 0, "not there as ncnn int8"),
        (("x", "keyframe", "fp32"), 7, "no golden frame 7"),
    ],
)
def test_what_the_bundle_lacks(bundle: Bundle, wanted: Wanted, golden: int, says: str):
    with pytest.raises(BundleError, match=says):
        make_job(bundle, (wanted,), golden)


def test_another_graphs_file_is_refused_before_a_runner_crashes(phone_copy: Path):
    edited = edit(phone_copy, lambda graphs: swap(graphs["keyframe"], graphs["reuse_folded"]))
    with pytest.raises(BundleError, match=r"has other \w+ than the manifest.*export"):
        make_job(edited, (("keyframe", "keyframe", "fp32"),))


def test_a_golden_tensor_of_another_shape_is_refused(phone_copy: Path):
    def shorten(graphs: dict) -> None:
        graphs["fold"]["inputs"][0]["shape"] = [1, 4]

    with pytest.raises(BundleError, match=r"of shape \[.*\], but graph 'fold' takes \[1, 4\]"):
        make_job(edit(phone_copy, shorten), (("fold", "fold", "fp32"),))


@pytest.mark.parametrize("name", ["a\tb", "a\nb"], ids=ascii)
def test_a_hostile_bundle_name_breaks_no_job_file(phone_copy: Path, name: str):
    hostile = open_bundle(Path(shutil.move(phone_copy, phone_copy.with_name(name))))
    with pytest.raises(BenchError, match="name of the bundle holds"):
        encode(make_job(hostile, ALL), lambda ref: ref.sha256)


def swap(graph: dict, other: dict) -> None:
    for mine, theirs in zip(graph["artifacts"], other["artifacts"], strict=True):
        mine["files"] = theirs["files"]


def edit(path: Path, change) -> Bundle:
    manifest = json.loads((path / MANIFEST_NAME).read_text())
    change(manifest["graphs"])
    (path / MANIFEST_NAME).write_text(json.dumps(manifest))
    return open_bundle(path)


def test_a_file_is_named_by_its_content(bundle: Bundle):
    keyframe = make_job(bundle, ALL).graphs[1]
    assert keyframe.outputs[0] == JobOutput("class_logits", keyframe.outputs[0].blob)
    assert keyframe.param == FileRef(digest(keyframe.param.source), keyframe.param.size, b"")
