"""The loader itself, compiled against a stub of TNN's interface: see `tnn_stub.h`."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from mobileinst_deploy.runtimes.tnn.build import build_loader
from mobileinst_deploy.runtimes.tnn.library import TnnLibrary
from tests.mobileinst_deploy.tnn_places import place_library, place_stub

pytestmark = pytest.mark.skipif(shutil.which("c++") is None, reason="there is no C++ compiler")
VALUES = np.arange(-3, 3, dtype="<f4")


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tnn")
    tnn = TnnLibrary(place_library(root / "lib"), place_stub(root / "include"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        return build_loader(tnn)


def load(
    loader: Path, folder: Path, network: str, values=VALUES, **changed: str
) -> subprocess.CompletedProcess[str]:
    """Runs a job; a name like `input` changes its line, "" takes it out."""
    (folder / "a b.tnnproto").write_text(network)
    (folder / "a.tnnmodel").write_bytes(b"")
    lines = {
        "proto": f"{folder}/a b.tnnproto",
        "model": f"{folder}/a.tnnmodel",
        "device": "NAIVE",
        "precision": "HIGH",
        "input": "x",
        "output": "y",
        **changed,
    }
    text = "".join(f"{key} {value}\n" for key, value in lines.items() if value)
    (folder / "job.txt").write_text(text)
    (folder / "input0.bin").write_bytes(values.tobytes())
    return subprocess.run([loader, folder], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("shape", ["6", "2 3", "1 2 3", "1 3 2 1", "1 1 2 1 3"])
def test_ranks_1_to_5(loader: Path, tmp_path: Path, shape: str):
    ran = load(loader, tmp_path, f"plus1 {shape}")
    assert (ran.returncode, ran.stderr) == (0, "")
    np.testing.assert_array_equal(np.fromfile(tmp_path / "output0.bin", "<f4"), VALUES + 1)
    assert (tmp_path / "shapes.txt").read_text() == f"{shape}\n"


def test_whole_numbers(loader: Path, tmp_path: Path):
    assert load(loader, tmp_path, "int32 6", VALUES.astype("<i4")).returncode == 0
    np.testing.assert_array_equal(np.fromfile(tmp_path / "output0.bin", "<f4"), VALUES + 1)


@pytest.mark.parametrize(
    ("network", "changed", "says"),
    [
        ("plus1 5", {}, "input x has the shape 5, expected 20 bytes, got 24"),
        ("plus1 0", {}, "input x has the shape 0"),
        ("plus1", {}, "input x has rank 0, expected 1 to 5"),
        ("plus1 1 1 1 1 1 6", {}, "input x has rank 6, expected 1 to 5"),
        ("int8 6", {}, "input x has TNN's data type 2"),
        ("unwritten 6", {}, "output y was not written, or only in part"),
        ("fused 6", {}, "output y has no memory"),
        ("fail 6", {}, "Instance::Forward: code: 0x3000 msg: no Forward"),
        ("", {}, "TNN::Init: code: 0x3000 msg: empty"),
        ("plus1 6", {"input": "z"}, "the network has no input z"),
        ("plus1 6", {"input": "z\ninput x"}, "the network has 1 inputs, got 2"),
        ("plus1 6", {"output": "z"}, "the network has no output z"),
        ("plus1 6", {"output": ""}, "{folder}/job.txt needs an input and an output"),
        ("plus1 6", {"color": "red"}, "{folder}/job.txt has an unknown word: color"),
        ("plus1 6", {"device": "CUDA"}, "unknown device CUDA"),
        ("plus1 6", {"precision": "LOW"}, "unknown precision LOW"),
        ("plus1 6", {"model": "/none"}, "can't read /none"),
    ],
)
def test_what_goes_wrong_is_one_line(loader: Path, tmp_path: Path, network, changed, says):
    ran = load(loader, tmp_path, network, **changed)
    assert ran.stderr == f"tnn-loader: {says.format(folder=tmp_path)}\n"
    assert ran.returncode == 1
    assert not (tmp_path / "shapes.txt").exists()


def test_usage(loader: Path):
    ran = subprocess.run([loader], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr == "tnn-loader: expected one argument, the folder with job.txt\n"
