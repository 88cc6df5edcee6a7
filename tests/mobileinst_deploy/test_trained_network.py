"""The network that comes trained, on cut-outs that it was not trained on."""

import json
from collections import Counter
from pathlib import Path

import pytest

from mobileinst_deploy.sample_clips import EMOJI_CLIP
from mobileinst_deploy.trained import find_network
from models.errors import UnknownModelError
from models.trained import trained_runs
from tests.command import run

THRESHOLDS = ("--duplicate", "0.9", "--similarity", "0.6", "--score", "0.3", "--birth", "0.35")


@pytest.fixture(scope="module")
def emoji(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bundle = tmp_path_factory.mktemp("emoji") / "bundle"
    wanted = ("--targets", "onnx", "--precisions", "fp32", "--frames", "1")
    assert run("export", "mobileinst-emoji", "-o", str(bundle), *wanted).code == 0
    return bundle


def test_four_things_keep_their_identities(emoji: Path, tmp_path: Path):
    """Two faces, a hand and a bus, from the first to the last frame."""
    options = ("-T", "3", "--format", "json", "-o", str(tmp_path / "clip.mp4"), *THRESHOLDS)
    tracked = json.loads(run("track", str(emoji), str(EMOJI_CLIP), *options).out)
    whole = [track["category"] for track in tracked["tracks"] if track["frames"] == 72]
    assert Counter(whole) == {"face": 2, "hand": 1, "vehicle": 1}


def test_bundle_names_its_categories(emoji: Path):
    model = json.loads((emoji / "manifest.json").read_text())["model"]
    names = [category["name"] for category in model["categories"]]
    assert model["name"] == "mobileinst-emoji"
    assert names == [c.name for c in find_network("mobileinst-emoji").categories]


def test_every_trained_network_has_a_card():
    assert trained_runs()
    for name, folder in trained_runs().items():
        card = (folder / "CARD.md").read_text()
        assert name in card.splitlines()[0]
        assert "licence" in card.lower()


def test_unknown_names_are_told_of_trained_ones():
    with pytest.raises(UnknownModelError, match="known names are mobileinst-emoji, mobileinst-"):
        find_network("mobileinst-none")
