"""`mobileinst track` on real clips, and what it says where something is wrong."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from android_bench.building import Runner
from mobileinst_deploy.tracking.rle import decode
from mobileinst_deploy.video import decoded_length, read_run
from tests.clips import clip
from tests.command import run
from tests.device.phone import Phone
from tests.device.storage import full_disk
from tests.export.tampering import rehash
from tests.mobileinst_deploy.refusal import Capture, Prepare, refused, row, tree
from tests.mobileinst_deploy.test_sources import cut_short

BIKES = clip("bikes")
OPEN = ("--score", 0, "--birth", 0, "--similarity", 0.9)  # drawn weights score low


def track(bundle: Path, source: object, *options: object) -> dict[str, Any]:
    """The report. Fails where the command does."""
    ran = run("track", bundle, source, *OPEN, *options, "--format", "json")
    assert ran.code == 0, ran.err
    report: dict[str, Any] = json.loads(ran.out)
    return report


def read(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_bytes())
    return rows


def test_video_results_and_report(small_bundle: Path, tmp_path: Path):
    video, results = tmp_path / "seen.mp4", tmp_path / "tracks.json"
    outputs = ("-o", video, "--json", results, "--video-id", 7)
    report = track(small_bundle, BIKES, "--start", 40, "--frames", 5, "-T", 2, *outputs)
    assert (report["frames"], report["keyframes"]) == (5, 3)
    assert report["conditions"]["reuse"] == "reuse_folded"
    rows = read(results)
    found = [(one["category_id"], one["score"]) for one in report["tracks"]]
    assert [(one["category_id"], one["score"]) for one in rows] == found != []
    assert {one["video_id"] for one in rows} == {7}
    assert {len(one["segmentations"]) for one in rows} == {5}
    drawn, plain = read_run(video, 5), read_run(BIKES, 5, 40)
    for frame, before in zip(drawn, plain, strict=True):
        assert frame.picture.shape == before.picture.shape
        assert np.abs(frame.picture.astype(int) - before.picture).mean() > 5
    assert sorted(tmp_path.iterdir()) == [video, results]


def test_masks_of_the_results_are_those_that_are_drawn(small_bundle: Path, tmp_path: Path):
    video, results = tmp_path / "seen.avi", tmp_path / "tracks.json"
    track(small_bundle, BIKES, "--frames", 1, "-o", video, "--json", results)
    segmentations = [one["segmentations"][0] for one in read(results)]
    masks = [decode(one["counts"], *one["size"]) for one in segmentations if one]
    inside = np.any(masks, axis=0)
    before, after = (read_run(path, 1)[0].picture.astype(int) for path in (BIKES, video))
    changed = np.abs(after - before).mean(2)[:200]  # above the caption
    assert changed[inside[:200]].mean() > 3 * changed[~inside[:200]].mean()


def by_runtime(bundle: Path, folder: Path, runtime: str) -> list[dict[str, Any]]:
    path = folder / f"{runtime.replace(':', '-')}.json"
    report = track(bundle, BIKES, "--frames", 4, "--runtime", runtime, "--json", path)
    assert report["conditions"]["runtime"] == runtime
    return read(path)


def mask(segmentation: dict[str, Any] | None) -> np.ndarray:
    if segmentation is None:
        return np.zeros((272, 640), bool)
    return decode(segmentation["counts"], *segmentation["size"])


def check_agreement(tracks: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    """The same tracks, with masks that hardly differ."""
    assert [one["category_id"] for one in tracks] == [one["category_id"] for one in others]
    for one, other in zip(tracks, others, strict=True):
        assert one["score"] == pytest.approx(other["score"], abs=2e-3)
        pairs = zip(one["segmentations"], other["segmentations"], strict=True)
        masks = [(mask(a), mask(b)) for a, b in pairs]
        together = sum((a & b).sum() for a, b in masks)
        assert together >= 0.99 * sum((a | b).sum() for a, b in masks)


def test_runtimes_agree(phone_bundle: Path, tmp_path: Path):
    expected = by_runtime(phone_bundle, tmp_path, "onnxruntime")
    assert len(expected) >= 5
    for runtime in ("torch", "ncnn"):
        check_agreement(by_runtime(phone_bundle, tmp_path, runtime), expected)


def test_the_native_runner_agrees(phone_bundle: Path, tmp_path: Path, host_runner: Runner):
    video = tmp_path / "seen.mp4"
    expected = by_runtime(phone_bundle, tmp_path, "ncnn")
    check_agreement(by_runtime(phone_bundle, tmp_path, "ncnn-runner"), expected)
    options = ("--frames", 4, "--runtime", "ncnn-runner", "--core", 0, "-o", video)
    report = track(phone_bundle, BIKES, *options)
    assert (report["conditions"]["core"], report["best_score"]) == ("0", None)
    assert decoded_length(video) == 4


def test_a_phone_agrees(
    phone_bundle: Path, tmp_path: Path, native_phone: Phone, phone_keys: Path, host_runner: Runner
):
    """A played one, of this machine's architecture."""
    here, there = tmp_path / "here.json", tmp_path / "there.json"
    phone = ("--serial", native_phone.serial, "--keys", phone_keys, "--remove-files")
    track(phone_bundle, BIKES, "--frames", 4, "--json", here, "--runtime", "ncnn")
    report = track(phone_bundle, BIKES, "--frames", 4, "--json", there, *phone)
    check_agreement(read(there), read(here))
    assert report["conditions"]["device"] == native_phone.serial
    assert report["frames"] == 4


@pytest.mark.parametrize(
    ("options", "keyframes"),
    [
        (("-T", 1), 6),
        (("-T", 6), 1),
        (("-T", 2, "--reuse", "plain"), 3),
        (("--adaptive", "2:5", "--picture-change", 255, "--confidence-drop", 0.99), 2),
        (("--adaptive", "2:5", "--picture-change", 0.001), 3),
    ],
)
def test_keyframes(small_bundle: Path, options: tuple[object, ...], keyframes: int):
    report = track(small_bundle, BIKES, "--frames", 6, *options)
    assert (report["frames"], report["keyframes"]) == (6, keyframes)
    assert (report["in_between"] is None) == (keyframes == 6)


@pytest.mark.parametrize("runtime", ["ncnn", "ncnn-runner"])
def test_of_kernels_that_are_alike_one_is_kept(
    phone_bundle: Path, host_runner: Runner, runtime: str
):
    """Drawn kernels all are: their cosines lie far above 0."""
    options = ("--frames", 2, "-T", 1, "--runtime", runtime, "--duplicate", 0)
    report = track(phone_bundle, BIKES, *options)
    assert report["conditions"]["settings"]["duplicate"] == 0
    assert [one["frames"] for one in report["tracks"]] == [2]


def pictures(folder: Path, count: int) -> Path:
    folder.mkdir()
    for frame in read_run(BIKES, count):
        assert cv2.imwrite(str(folder / f"{frame.index}.png"), frame.picture[..., ::-1])
    return folder


def test_a_folder_of_pictures_and_the_table(small_bundle: Path, tmp_path: Path):
    folder, video = pictures(tmp_path / "shots", 3), tmp_path / "seen.mp4"
    names = tmp_path / "names.json"
    names.write_text(json.dumps([f"kind {number}" for number in range(80)]))
    options = ("--fps", 6, "--categories", names, "-o", video)
    ran = run("track", small_bundle, folder, *OPEN, *options)
    assert (ran.code, ran.err) == (0, f"Saved {video}: 3 frames\n")
    assert "Tracks in shots" in ran.out
    assert "kind " in ran.out
    assert "3 frames, 1 of them keyframes" in ran.out
    assert "untrained weights; pictures of 640x272" in ran.out
    assert cv2.VideoCapture(str(video)).get(cv2.CAP_PROP_FPS) == 6


def test_nothing_to_track_is_no_error(small_bundle: Path, tmp_path: Path):
    video, results = tmp_path / "seen.mp4", tmp_path / "tracks.json"
    ran = run("track", small_bundle, BIKES, "--frames", 4, "-o", video, "--json", results)
    assert ran.code == 0
    assert read(results) == []
    assert decoded_length(video) == 4
    notes = ran.err.splitlines()
    assert notes[:2] == [f"Saved {video}: 4 frames", f"Saved {results}: 0 tracks"]
    assert notes[2].startswith("Nothing was tracked in 4 frames, 2 of them keyframes: the best sc")
    assert notes[2].endswith("and a track begins at 0.3 (--birth)")
    assert len(notes) == 3


def test_a_video_that_ends_early_is_tracked_with_a_note(small_bundle: Path, tmp_path: Path):
    source = cut_short(tmp_path / "cut.mp4")
    ran = run("track", small_bundle, source, *OPEN, "--start", 109)
    assert ran.code == 0
    assert ran.err == (
        "Note: cut.mp4 says it has 141 frames from there on, but 3 could be decoded\n"
    )


def spoil(graph: str) -> Prepare:
    """Its first weights become NaN."""

    def prepare() -> None:
        path = Path("bundle") / f"{graph}.onnx"
        model = onnx.load(path)
        weights = model.graph.initializer[0]
        values = np.full_like(numpy_helper.to_array(weights), np.nan)
        weights.CopyFrom(numpy_helper.from_array(values, weights.name))
        path.unlink()
        onnx.save(model, path)
        rehash(Path("bundle"))

    return prepare


def shots(third: bytes | tuple[int, int]) -> Prepare:
    """A folder whose third picture is something else."""

    def prepare() -> None:
        path = pictures(Path("shots"), 4) / "2.png"
        if isinstance(third, bytes):
            path.write_bytes(third)
        else:
            assert cv2.imwrite(str(path), np.zeros((*third, 3), np.uint8))

    return prepare


MIDWAY = {
    "NaN": ("{clip}", spoil("reuse_folded"), 4, 1, "bikes.mp4#1: graph 'reuse_folded' gives NaN"),
    "damaged": ("shots", shots(b"text"), 3, 2, "2.png is not a picture, is damaged"),
    "another size": ("shots", shots((20, 30)), 3, 2, "2.png is 30x20, expected 640x272"),
}


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize(
    ("source", "prepare", "code", "frames", "says"), MIDWAY.values(), ids=MIDWAY
)
def test_what_was_done_before_a_failure_is_kept(
    source: str, prepare: Prepare, code: int, frames: int, says: str
):
    prepare()
    before = set(tree(Path()))
    options = ("--score", 0, "--birth", 0, "-o", "seen.mp4", "--json", "tracks.json")
    ran = run("track", "bundle", source.format(clip=BIKES), *options)
    kept, error = ran.err.splitlines()
    assert ran.code == code
    assert kept == f"Kept seen.mp4: {frames} frame{'s' * (frames > 1)} until then"
    assert error.startswith("Error: ")
    assert says in error
    assert set(tree(Path())) - before == {"seen.mp4"}
    assert decoded_length(Path("seen.mp4")) == frames


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize(
    ("option", "says"),
    [
        (
            "-o disk/a.mp4",
            r"can't write disk/a\.mp4: \d of 9 frames can be read back; the disk has",
        ),
        ("--json disk/a.json", "No space left on device"),
    ],
)
def test_a_full_disk(option: str, says: str, capfd: Capture):
    disk = Path("disk")
    disk.mkdir()
    with full_disk(disk, kib=48):
        refused(f"track bundle {{clip}} --frames 9 --score 0 --birth 0 {option}", 3, says, capfd)
        assert tree(disk) == {}


def with_files(*names: str) -> Prepare:
    return lambda: [Path(name).write_bytes(b"mine") for name in names]


TRACK = "track bundle {clip} --frames 3"
REFUSALS = [
    row("no source", "track bundle nothing.mp4", 3, r"can't read nothing\.mp4: No such file"),
    row("no bundle", "track nothing {clip}", 3, "nothing"),
    row("no frame in it", "track bundle empty", 3, "empty has no picture", Path("empty").mkdir),
    row("text", "track bundle a.mp4", 3, r"a\.mp4 is not a video", with_files("a.mp4")),
    row("no camera", "track bundle 97", 3, "camera 97 can't be opened"),
    row("behind the end", "track bundle {clip} --start 250", 3, "ends before frame 250"),
    row("NaN at once", f"{TRACK} -o a.mp4", 4, "bikes.mp4#0: graph 'keyframe' gives NaN",
        spoil("keyframe")),
    row("T of 0", f"{TRACK} -T 0", 2, "1<=x<=9999"),
    row("two schedules", f"{TRACK} -T 3 --adaptive 2:5", 2, "-T and --adaptive exclude each"),
    row("an upside down schedule", f"{TRACK} --adaptive 5:2", 2, "the shorter one first"),
    row("a signal without --adaptive", f"{TRACK} --picture-change 3", 2, "needs --adaptive"),
    row("nan", f"{TRACK} --score nan", 2, "nan is not a number"),
    row("a cosine above 1", f"{TRACK} --duplicate 1.1", 2, "1.1 is not in the range -1<=x<=1"),
    row("no frames", f"{TRACK} --frames 0", 2, "x>=1"),
    row("no rate", f"{TRACK} --fps 0", 2, "1<=x<=240"),
    row("unknown runtime", f"{TRACK} --runtime tflite", 2, "unknown runtime 'tflite': known are"),
    row("two runtimes", f"{TRACK} --runtime torch,onnxruntime", 2, "expected one runtime"),
    row("no files for it", f"{TRACK} --runtime ncnn", 3, "is not there as ncnn fp32"),
    row("no such core", f"{TRACK} --core 4096", 5, "core 4096 was asked for"),
    row("a phone's core", f"{TRACK} --core prime", 2, "'prime' is no core of this machine"),
    row("keys without a phone", f"{TRACK} --keys k", 2, "--keys needs a phone: give --serial"),
    row("unknown ending", f"{TRACK} -o a.webm", 2, r"a\.webm has to end in \.mp4 or \.avi"),
    row("no folder", f"{TRACK} -o no/a.mp4", 2, "there is no folder no"),
    row("no folder for results", f"{TRACK} --json no/a.json", 2, "there is no folder no"),
    row("one file twice", f"{TRACK} -o a.mp4 --json ./a.mp4", 2, "name the same file"),
    row("onto the source", "track bundle ./a.mp4 -o a.mp4 --overwrite", 2, "is the source itself",
        with_files("a.mp4")),
    row("a video is there", f"{TRACK} -o a.mp4", 2, r"a\.mp4 is there already",
        with_files("a.mp4")),
    row("results are there", f"{TRACK} --json a.json", 2, r"a\.json is there already",
        with_files("a.json")),
    row("a read-only folder", f"{TRACK} -o /proc/a.mp4", 3, "OpenCV can't write mp4v"),
    row("foreign classes", f"{TRACK} --categories a.json", 3, "a.json is neither a list of names",
        with_files("a.json")),
    row("a camera's results", "track bundle 97 --json a.json", 2, "needs --frames"),
    row("a camera elsewhere", "track bundle 97 --serial R5CT", 2, "a runtime of this process"),
]  # fmt: skip


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize(("command", "code", "says", "prepare"), REFUSALS)
def test_refusals(command: str, code: int, says: str, prepare: Prepare, capfd: Capture):
    prepare()
    refused(command, code, says, capfd)
