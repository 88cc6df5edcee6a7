"""Clips tracked by the native runner, here and on a phone: as in Python, or refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from android_bench.building import Runner
from android_bench.building.cache import BUILDS_VARIABLE
from android_bench.errors import DeviceError
from android_bench.remote.session import open_session
from export.errors import BundleError
from export.manifest import Bundle, open_bundle
from mobileinst_deploy.errors import InputError, RunError
from mobileinst_deploy.tracking.contract import FOLDED, PLAIN
from mobileinst_deploy.tracking.frames import TrackedFrame
from mobileinst_deploy.tracking.native import track_on_host, track_on_phone
from mobileinst_deploy.tracking.native_clip import store_clip
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings, every
from mobileinst_deploy.video import read_run
from models.frames import Frame
from models.synthetic.random_scene import ClipSettings, render_clip
from tests.android_bench.local_phone import LocalPhone
from tests.clips import clip
from tests.device.sysfs import write_sysfs
from tests.mobileinst_deploy.tracking.native_agreement import (
    Tracked,
    check_agreement,
    in_native,
    in_python,
)
from tests.mobileinst_deploy.tracking.pixel_bundle import write_pixel_bundle
from tests.mobileinst_deploy.tracking.random_shots import random_frames

# With drawn weights all scores are low, and kernels of the same query have a cosine of 0.99.
DRAWN = TrackingSettings(score=0, birth=0, similarity=0.9)
ADAPTIVE = ScheduleSettings(2, 7, picture_change=8.0, confidence_drop=0.05)


@pytest.fixture(scope="module")
def bundle(phone_bundle: Path) -> Bundle:
    return open_bundle(phone_bundle)


@pytest.fixture
def pixels(tmp_path: Path) -> Bundle:
    return write_pixel_bundle(tmp_path / "pixels")


@pytest.fixture(scope="module")
def clips() -> dict[str, list[Frame]]:
    """The real one half a second apart, so that something happens."""
    made = render_clip(2, ClipSettings(height=120, width=210, frames=20))
    synthetic = [Frame(index, picture, "synthetic") for index, picture in enumerate(made.pictures)]
    return {"real": read_run(clip("bikes"), 240)[::12], "synthetic": synthetic}


@pytest.mark.parametrize("name", ["real", "synthetic"])
@pytest.mark.parametrize(
    ("schedule", "reuse"),
    [(every(1), FOLDED), (every(3), FOLDED), (every(3), PLAIN), (ADAPTIVE, FOLDED)],
    ids=["T=1", "T=3", "T=3 plain", "adaptive"],
)
def test_a_clip_has_the_same_tracks_as_in_python(
    host_runner: Runner,
    bundle: Bundle,
    clips: dict[str, list[Frame]],
    name: str,
    schedule: ScheduleSettings,
    reuse: str,
):
    frames = clips[name]
    asked = (bundle, frames, schedule, DRAWN, reuse)
    found = check_agreement(in_python(*asked), in_native(*asked))
    assert found.instances >= len(frames)
    assert found.worst_iou >= 0.995  # what was seen is 0.9995
    assert all(frame.times.graphs_ms > frame.times.tracker_ms > 0 for frame in found.frames)


def local_phone(folder: Path) -> LocalPhone:
    phone = LocalPhone(folder)
    write_sysfs(folder / "sys", online=1)
    phone.answer("ro.product.cpu.abi", "x86_64")
    return phone


def test_a_phone_gives_the_same_and_keeps_the_clip_for_the_next_time(
    host_runner: Runner, pixels: Bundle, tmp_path: Path
):
    phone, frames = local_phone(tmp_path / "phone"), random_frames(0, 30)
    expected = in_python(pixels, frames, every(3), TrackingSettings())
    for pushed in (True, False):
        phone.pushed.clear()
        came: list[TrackedFrame] = []
        with open_session("local", connect=phone.connect) as session:
            summaries = track_on_phone(
                pixels, "fp32", frames, every(3), TrackingSettings(), session, on_frame=came.append
            )
        check_agreement(expected, Tracked(came, summaries))
        assert (len(phone.pushed) > 30) == pushed  # else the job alone


def test_frames_are_handed_on_one_by_one(host_runner: Runner, pixels: Bundle):
    """Whoever has had enough ends the run."""
    came = []

    def enough(frame: TrackedFrame) -> None:
        came.append(frame.index)
        if frame.index == 3:
            raise InputError("the disk is full")

    with pytest.raises(InputError, match="the disk is full"):
        track_on_host(pixels, "fp32", random_frames(0, 30), every(3), DRAWN, on_frame=enough)
    assert came == [0, 1, 2, 3]


def ignore(frame: TrackedFrame) -> None:
    """For runs that fail."""


def test_a_clip_of_no_frame_has_no_track(host_runner: Runner, pixels: Bundle):
    assert track_on_host(pixels, "fp32", [], every(3), DRAWN, on_frame=ignore) == []


def test_frames_are_taken_as_they_come_and_need_one_size(host_runner: Runner, pixels: Bundle):
    first, *others = random_frames(0, 3)

    def frames() -> Iterator[Frame]:
        yield first
        yield replace(others[0], picture=np.zeros((16, 25, 3), np.uint8))
        raise AssertionError("read on behind the frame that does not fit")

    says = "pixels#1 is 16x25, but the video began with 16x24"
    with pytest.raises(InputError, match=says):
        track_on_host(pixels, "fp32", frames(), every(3), DRAWN, on_frame=ignore)


@pytest.mark.parametrize(
    ("layer", "parameters", "kind"),
    [("UnaryOp root", "0=5", "NaN"), ("BinaryOp huge", "0=2 1=1 2=3e38", "infinity")],
)
def test_a_number_that_is_none_is_named(
    host_runner: Runner, tmp_path: Path, layer: str, parameters: str, kind: str
):
    fold = f"7767517\n2 2\nInput in0 0 1 in0\n{layer} 1 1 in0 out0 {parameters}\n"
    bundle = write_pixel_bundle(tmp_path / "pixels", {"fold": fold})
    settings = TrackingSettings(score=0.9, birth=0.9)
    says = f"frame 0: graph 'fold' gives {kind} in its output 'weight'"
    for track in (in_python, in_native):
        with pytest.raises(RunError, match=says.removeprefix("frame 0: ")) as raised:
            track(bundle, random_frames(0, 3), every(3), settings)
    assert says in str(raised.value)


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path):
    says = "can't keep pixels#0 in .*gone: No such file .* 1152 bytes a frame: set TMPDIR"
    with pytest.raises(RunError, match=says):
        store_clip(tmp_path / "gone", random_frames(0, 1))


def unread() -> Iterator[Frame]:
    raise AssertionError("read without need")
    yield


def test_graphs_that_take_the_picture_itself_are_refused_at_once(
    host_runner: Runner, pixels: Bundle
):
    baked = replace(pixels, manifest=replace(pixels.manifest, preprocessing_baked=True))
    with pytest.raises(BundleError, match="has its preprocessing in its graphs"):
        track_on_host(baked, "fp32", unread(), every(3), DRAWN, on_frame=ignore)


def test_files_that_are_not_there_are_missed_at_once(host_runner: Runner, pixels: Bundle):
    with pytest.raises(BundleError, match="graph 'keyframe' is not there as ncnn fp16"):
        track_on_host(pixels, "fp16", unread(), every(3), DRAWN, on_frame=ignore)


def test_a_phone_without_float16_arithmetic_is_refused_it(pixels: Bundle, tmp_path: Path):
    phone = local_phone(tmp_path / "phone")
    with (
        open_session("local", connect=phone.connect) as session,
        pytest.raises(DeviceError, match="float16 arithmetic"),
    ):
        track_on_phone(pixels, "fp16", unread(), every(3), DRAWN, session, on_frame=ignore)


def test_without_a_runner_the_clip_is_not_even_read(
    pixels: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(BUILDS_VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(DeviceError, match="the native runner is not built"):
        track_on_host(pixels, "fp32", unread(), every(3), DRAWN, on_frame=ignore)
