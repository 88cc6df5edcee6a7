"""A host with a bundle and no torch: it inspects, benches, previews; the rest says why not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.clips import clip

# As if torch were not installed: Python raises ModuleNotFoundError for what is None here.
WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from mobileinst_deploy.cli.main import main
main()
"""


def run_without_torch(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_TORCH, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    "options",
    [
        ("inspect",),
        ("bench", "--iterations", 2, "--warmup", 0),
        ("preview", "--video", clip("bikes"), "-o", "preview.png"),
    ],
    ids=lambda options: options[0],
)
def test_a_bundle_is_enough(
    small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple
):
    monkeypatch.chdir(tmp_path)
    ran = run_without_torch(options[0], small_bundle, *options[1:])
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    "arguments",
    [("models",), ("models", "--macs"), ("export", "x", "-o", "out"), ("parity", "bundle")],
    ids=" ".join,
)
def test_what_needs_torch_says_so(arguments: tuple[str, ...]):
    ran = run_without_torch(*arguments)
    assert ran.returncode == 3
    assert ran.stderr == (
        "Error: this command needs torch, which is not installed; "
        "'mobileinst doctor' says what is missing and how to get it\n"
    )
