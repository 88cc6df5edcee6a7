"""Ctrl-C, a full disk, a closed pipe: one line at most, and nothing left half written."""

import functools
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mobileinst_deploy.video import decoded_length
from tests.clips import clip
from tests.mobileinst_deploy.refusal import Capture, refused, tree

COMMAND = Path(sys.executable).with_name("mobileinst")
LATEST_S = 120  # for what a command writes to appear; some seconds do on an idle machine


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_an_interrupted_export_leaves_nothing(tmp_path: Path, number: signal.Signals):
    target = tmp_path / "new" / "base"
    with started(number, "export", "mobileinst-topformer-b", "-o", target) as process:
        wait_for(lambda: partial(target), process)  # the folder that the bundle is made in
        process.send_signal(number)
        out, err = process.communicate(timeout=LATEST_S)
    assert (process.returncode, out) == (128 + number, "")
    assert err == "Interrupted: nothing is left half written.\n"
    assert list(tmp_path.iterdir()) == []


def started(number: signal.Signals, *arguments: object) -> subprocess.Popen[str]:
    """The command, which heeds that signal."""
    pipe = subprocess.PIPE
    # What a shell runs in the background ignores SIGINT, and hands that on.
    heed = functools.partial(signal.signal, number, signal.SIG_DFL)
    return subprocess.Popen(
        [COMMAND, *map(str, arguments)], stdout=pipe, stderr=pipe, text=True, preexec_fn=heed
    )


def wait_for(ready: Callable[[], object], process: subprocess.Popen[str]) -> None:
    deadline_s = time.monotonic() + LATEST_S
    while not ready():
        assert process.poll() is None, "the command ended by itself"
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_an_interrupted_track_keeps_its_frames(
    small_bundle: Path, tmp_path: Path, number: signal.Signals
):
    video, results = tmp_path / "seen.avi", tmp_path / "tracks.json"
    arguments = ["track", small_bundle, clip("bigbuckbunny"), "-o", video, "--json", results]
    with started(number, *arguments) as process:
        wait_for(lambda: any(path.stat().st_size > 300_000 for path in partial(video)), process)
        process.send_signal(number)
        out, err = process.communicate(timeout=LATEST_S)
    assert (process.returncode, out) == (128 + number, "")
    kept = re.fullmatch(
        rf"Kept {video}: (\d+) frames until then\nInterrupted: nothing is left half written\.\n",
        err,
    )
    assert kept
    assert decoded_length(video) == int(kept[1]) > 1
    assert list(tmp_path.iterdir()) == [video]


def partial(path: Path) -> list[Path]:
    """The hidden ones beside it, which it is going to be."""
    return list(path.parent.glob(f".{path.stem}.*"))


@pytest.fixture
def small_disk(workplace: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A file system of its own of so many KiB."""
    disk = workplace / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={request.param}k", "none", str(disk)]
    try:
        subprocess.run(["mount", *options], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a file system can't be mounted here: {error}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


EXPORT = "export mobileinst-topformer-t --size 96x160 --weights bundle/weights.safetensors"


@pytest.mark.parametrize("small_disk", [1000, 4000], ids=["golden", "onnx"], indirect=True)
def test_export_to_a_full_disk(small_disk: Path, capfd: Capture):
    command = f"{EXPORT} --frames 1 -o disk/new/bundle"
    refused(command, 3, "can't write disk/new/bundle: .*No space left on device.* make room", capfd)
    assert tree(small_disk) == {}


@pytest.mark.parametrize("small_disk", [4], indirect=True)
def test_bench_to_a_full_disk(small_disk: Path, capfd: Capture):
    command = "bench bundle --warmup 0 --iterations 40 -o disk/times.json"
    refused(command, 3, "No space left on device", capfd)
    assert tree(small_disk) == {}


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("{0} models | head -1", "[01] 0"),  # 1 where it was still printing
        ("{0} models --format json | true", "[01] 0"),
        ("{0} models >&-", "0"),
        ("{0} inspect nosuch 2>&-", "3"),
        ("PYTHONIOENCODING=ascii {0} models", "0"),
    ],
)
def test_streams_that_are_closed_or_poor(line: str, codes: str):
    script = f'{line.format(COMMAND)}; echo "${{PIPESTATUS[@]}}" >&2'
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert re.fullmatch(f"{codes}\n", ran.stderr)
