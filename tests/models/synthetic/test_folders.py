"""Sprites and photographs of one's own."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.synthetic.errors import SourceError
from models.synthetic.photographs import open_photographs
from models.synthetic.sprite_folder import open_sprite_folder
from tests.models.synthetic.scenes import photo_tree, save, speckled, sprite_tree


def picked(source, split: str, count: int = 60) -> set[str]:
    random = np.random.default_rng(0)
    return {source.pick(random, split).name for _ in range(count)}


@pytest.mark.parametrize("ending", [".png", ".webp"])
def test_sprites_of_a_folder(tmp_path: Path, ending: str):
    source = open_sprite_folder(sprite_tree(tmp_path, 1, ending))
    sprite = source.pick(np.random.default_rng(0), "all")
    assert source.categories == ("cat", "dog")
    assert sprite.name == f"{sprite.category}/0{ending}"
    assert source.describe() == f"2 pictures of the folder {tmp_path.name}, under their own licence"


def test_a_folder_says_where_it_comes_from(tmp_path: Path):
    sprites, photographs = sprite_tree(tmp_path / "sprites", 2), photo_tree(tmp_path / "photos", 3)
    for folder in (sprites, photographs):
        (folder / "origin.txt").write_text("mine,\nCC0\n")
    assert open_sprite_folder(sprites).describe() == "4 pictures of the folder sprites, mine, CC0"
    assert open_photographs(photographs).describe() == "3 pictures of the folder photos, mine, CC0"


def test_a_cutout_loses_its_margin_and_nothing_else(tmp_path: Path):
    inner = speckled(6, 9, 0).picture
    inner[..., 3] = 200
    save(tmp_path / "cat/a.png", np.pad(inner, ((3, 1), (2, 5), (0, 0))))
    sprite = open_sprite_folder(tmp_path).pick(np.random.default_rng(0), "all")
    np.testing.assert_array_equal(sprite.picture, inner)


@pytest.mark.parametrize("count", [2, 5, 6, 11])
def test_splits_share_no_sprite(tmp_path: Path, count: int):
    source = open_sprite_folder(sprite_tree(tmp_path, count))
    train, val, both = (picked(source, split, 300) for split in ("train", "val", "all"))
    assert not train & val
    assert train | val == both
    assert len(both) == 2 * count
    assert len(val) == 2 * -(-count // 5)


def test_splits_share_no_photograph(tmp_path: Path):
    source = open_photographs(photo_tree(tmp_path, 10))
    random = np.random.default_rng(0)
    train, val = (
        {int(source.pick(random, split, 40, 60).mean()) // 20 for _ in range(80)}
        for split in ("train", "val")
    )
    assert not train & val
    assert train | val == {*range(10)}


@pytest.mark.parametrize("shape", [(30, 40), (400, 300), (48, 900), (1, 1)])
def test_a_photograph_of_any_shape_fills_the_canvas(tmp_path: Path, shape: tuple[int, int]):
    photograph = np.full((*shape, 3), (10, 90, 170), np.uint8)
    save(tmp_path / "a.png", photograph)
    canvas = open_photographs(tmp_path).pick(np.random.default_rng(1), "all", 50, 85)
    assert (canvas.shape, canvas.dtype) == ((50, 85, 3), np.uint8)
    np.testing.assert_array_equal(canvas[0, 0], (10, 90, 170))


def test_other_files_are_left_alone(tmp_path: Path):
    sprite_tree(tmp_path, 2)
    (tmp_path / "LICENSE").write_text("mine")
    (tmp_path / "cat/readme.txt").write_text("cats")
    (tmp_path / ".cache").mkdir()
    assert picked(open_sprite_folder(tmp_path), "all") == {
        f"{category}/{number}.png" for category in ("cat", "dog") for number in range(2)
    }


def test_one_picture_can_not_be_split(tmp_path: Path):
    sprites = open_sprite_folder(sprite_tree(tmp_path / "sprites", 1))
    photographs = open_photographs(photo_tree(tmp_path / "photos", 1))
    for source in (sprites, photographs):
        source.check("all")
        with pytest.raises(SourceError, match="has one picture: training and validation share"):
            source.check("train")
        with pytest.raises(SourceError, match="has one picture: training and validation share"):
            source.check("val")


def deep(path: Path) -> None:
    path.parent.mkdir(parents=True)
    assert cv2.imwrite(str(path), np.zeros((8, 8, 4), np.uint16))


def text(content: str):
    def write(path: Path) -> None:
        path.parent.mkdir(parents=True)
        path.write_text(content)

    return write


BAD_SPRITES = {
    "empty": (text(""), "can't be decoded"),
    "text": (text("no picture"), "can't be decoded"),
    "no alpha": (lambda path: save(path, np.ones((8, 8, 3), np.uint8)), "has no transparency"),
    "opaque": (lambda path: save(path, np.full((8, 8, 4), 255, np.uint8)), "has no transparency"),
    "unseen": (lambda path: save(path, np.zeros((8, 8, 4), np.uint8)), "transparent everywhere"),
    "16 bits": (deep, "uint16 samples: expected 8 bits"),
    "large": (
        lambda path: save(path, np.zeros((9, 2049, 4), np.uint8)),
        "is 9x2049: expected 2048",
    ),
}


@pytest.mark.parametrize(("write", "says"), BAD_SPRITES.values(), ids=BAD_SPRITES)
def test_a_picture_is_refused_by_name(tmp_path: Path, write, says: str):
    write(tmp_path / "cat/a.png")
    source = open_sprite_folder(tmp_path)
    with pytest.raises(SourceError, match=rf"cat/a\.png .*{says}"):
        source.pick(np.random.default_rng(0), "all")


def test_a_name_that_is_no_text_is_refused(tmp_path: Path):
    (tmp_path / os.fsdecode(b"\xffcat")).mkdir()
    for opener in (open_sprite_folder, open_photographs):
        with pytest.raises(SourceError, match=r"'\\udcffcat' in .* is not UTF-8"):
            opener(tmp_path)


@pytest.mark.parametrize("opener", [open_sprite_folder, open_photographs])
def test_a_folder_is_refused(tmp_path: Path, opener):
    (tmp_path / "file").write_text("text")
    for path, says in (("none", "can't read"), ("file", "can't read"), ("", "there is|has no")):
        with pytest.raises(SourceError, match=says):
            opener(tmp_path / path)
