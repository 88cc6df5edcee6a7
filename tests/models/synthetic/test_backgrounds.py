"""Photographs and drawn backgrounds together."""

from pathlib import Path

import numpy as np
import pytest

from models.synthetic.backgrounds import DrawnBackgrounds, MixedBackgrounds
from models.synthetic.errors import SourceError
from models.synthetic.photographs import open_photographs
from tests.models.synthetic.scenes import photo_tree, save


def mixed(root: Path, share: float) -> MixedBackgrounds:
    return MixedBackgrounds(((share, open_photographs(root)), (1 - share, DrawnBackgrounds())))


def is_photograph(canvas: np.ndarray) -> bool:
    """Those of `photo_tree` have one colour."""
    return bool((canvas == canvas[0, 0]).all())


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_the_heavier_comes_more_often(tmp_path: Path, share: float):
    source = mixed(photo_tree(tmp_path), share)
    random = np.random.default_rng(0)
    canvases = [source.pick(random, "all", 20, 30) for _ in range(200)]
    assert np.mean([is_photograph(canvas) for canvas in canvases]) == pytest.approx(share, abs=0.1)


def test_splits_share_none(tmp_path: Path):
    source = mixed(photo_tree(tmp_path, 6), 0.5)
    random = np.random.default_rng(0)
    train, val = (
        {source.pick(random, split, 20, 30).tobytes() for _ in range(60)}
        for split in ("train", "val")
    )
    assert min(len(train), len(val)) > 20
    assert not train & val


def test_what_the_card_says(tmp_path: Path):
    assert mixed(photo_tree(tmp_path / "photos", 3), 0.75).describe() == (
        "75% 3 pictures of the folder photos, under their own licence; "
        "25% drawn by the generator: gradients, layers and band-limited noise"
    )


def test_a_source_without_the_split_is_refused(tmp_path: Path):
    with pytest.raises(SourceError, match="has one picture"):
        mixed(photo_tree(tmp_path, 1), 0.5).check("val")


def test_a_photograph_may_be_mirrored(tmp_path: Path):
    ramp = np.tile(np.arange(120, dtype=np.uint8)[None, :, None], (80, 1, 3))
    save(tmp_path / "ramp.png", ramp)
    source, random = open_photographs(tmp_path), np.random.default_rng(0)
    canvases = [source.pick(random, "all", 40, 60).astype(int) for _ in range(20)]
    assert {bool(canvas[0, 0, 0] < canvas[0, -1, 0]) for canvas in canvases} == {True, False}
