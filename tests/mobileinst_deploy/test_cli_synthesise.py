"""`mobileinst synthesise`: a data set appears whole, the same by seed, or not at all."""

import json
import re
import shutil
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import pytest

from mobileinst_deploy.evaluation.ground_truth import load_ground_truth
from mobileinst_deploy.sources import open_source
from tests.command import run
from tests.mobileinst_deploy.refusal import refused, row, tree
from tests.models.synthetic.scenes import photo_tree, save, sprite_tree

SMALL = ("--clips", 2, "--frames", 3, "--size", "48x80")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def instances(root: Path) -> dict:
    return json.loads((root / "instances.json").read_text())


def test_a_data_set_appears(folder: Path):
    ran = run("synthesise", "-o", "deep/shapes", *SMALL)
    assert ran.code == 0, ran.err
    assert "clips" in ran.out
    first = "deep/shapes/JPEGImages/00000"
    assert ran.err == f"Next: mobileinst track BUNDLE {first} -o tracked.mp4\n"
    pictures = {f"JPEGImages/{clip:05}/{frame:05}.jpg" for clip in range(2) for frame in range(3)}
    assert contents(folder / "deep/shapes").keys() == {"instances.json", "card.json", *pictures}
    assert [path.name for path in folder.iterdir()] == ["deep"]
    assert cv2.imread("deep/shapes/JPEGImages/00001/00002.jpg").shape == (48, 80, 3)


def test_the_summary_as_json(folder: Path):
    ran = run("synthesise", "-o", "shapes", *SMALL, "--format", "json")
    tracks = instances(folder / "shapes")["annotations"]
    masks = [part for track in tracks for part in track["segmentations"] if part]
    assert json.loads(ran.out) == {
        "clips": 2, "frames": 6, "tracks": len(tracks), "masks": len(masks)
    }  # fmt: skip
    assert len(masks) > 0


def test_a_seed_is_a_data_set(folder: Path):
    for name, seed in (("first", 7), ("again", 7), ("other", 8)):
        assert run("synthesise", "-o", name, *SMALL, "--seed", seed).code == 0
    assert contents(folder / "first") == contents(folder / "again")
    pictures = [
        contents(folder / name)["JPEGImages/00000/00000.jpg"] for name in ("first", "other")
    ]
    assert pictures[0] != pictures[1]


def test_the_card(folder: Path):
    sprites, photographs = sprite_tree(folder / "cutouts"), photo_tree(folder / "photos")
    options = ("--sprites", sprites, "--backgrounds", photographs, "--split", "val", "--seed", 3)
    assert run("synthesise", "-o", "own", *SMALL, *options).code == 0
    card = json.loads((folder / "own/card.json").read_text())
    assert card == instances(folder / "own")["info"]
    assert card.items() >= {
        "generator": "mobileinst synthesise", "seed": 3, "split": "val", "clips": 2, "frames": 3,
        "height": 48, "width": 80,
        "sprites": "10 pictures of the folder cutouts, under their own licence",
        "backgrounds": "5 pictures of the folder photos, under their own licence",
    }.items()  # fmt: skip
    assert card["versions"]["opencv"] == cv2.__version__
    assert str(folder) not in json.dumps(card)


def test_what_makes_a_clip_hard_is_chosen(folder: Path):
    photographs = photo_tree(folder / "photos")
    options = ("--actors", "4-4", "--sizes", "0.5-0.5", "--events", 1, "--drawn", 0.25)
    ran = run("synthesise", "-o", "hard", *SMALL, *options, "--backgrounds", photographs)
    assert ran.code == 0, ran.err
    card = json.loads((folder / "hard/card.json").read_text())
    assert card.items() >= {"actors": [4, 4], "sizes": [0.5, 0.5], "events": 1}.items()
    assert re.match("75% 5 pictures of the folder photos.*; 25% drawn by", card["backgrounds"])
    assert len(instances(folder / "hard")["annotations"]) > 4


@pytest.mark.parametrize("own", [True, False])
def test_train_and_val_share_no_sprite(folder: Path, own: bool):
    options = ("--sprites", sprite_tree(folder / "cutouts")) if own else ()
    used, categories = {}, {}
    for split in ("train", "val"):
        ran = run("synthesise", "-o", split, *SMALL, "--clips", 8, "--split", split, *options)
        assert ran.code == 0, ran.err
        found = instances(folder / split)
        used[split] = {track["sprite"] for track in found["annotations"]}
        categories[split] = found["categories"]
    assert used["train"]
    assert used["val"]
    assert not used["train"] & used["val"]
    assert categories["train"] == categories["val"]


def test_overwriting(folder: Path):
    run("synthesise", "-o", "shapes", *SMALL)
    before = contents(folder / "shapes")
    ran = run("synthesise", "-o", "shapes", *SMALL, "--seed", 1)
    assert (ran.code, contents(folder / "shapes")) == (2, before)
    assert ran.err == "Error: shapes exists: give --overwrite to replace that data set\n"
    assert run("synthesise", "-o", "shapes", *SMALL, "--clips", 1, "--overwrite").code == 0
    assert len(instances(folder / "shapes")["videos"]) == 1
    assert not (folder / "shapes/JPEGImages/00001").exists()


def test_a_full_disk_leaves_the_old_data_set(folder: Path):
    run("synthesise", "-o", "shapes", *SMALL)
    before = tree(folder)
    with mock.patch("pathlib.Path.write_bytes", side_effect=OSError(28, "No space left")):
        ran = run("synthesise", "-o", "shapes", *SMALL, "--overwrite")
    assert ran.code == 3
    assert "can't write shapes: [Errno 28] No space left; choose another output" in ran.err
    assert tree(folder) == before


def one_sprite(name: str, picture: np.ndarray | bytes):
    def prepare() -> None:
        path = Path("cutouts", name)
        path.parent.mkdir(parents=True)
        if isinstance(picture, bytes):
            path.write_bytes(picture)
        else:
            save(path, picture)

    return prepare


def a_folder(*names: str):
    return lambda: Path(*names).mkdir(parents=True)


def cut_sprites(ending: str, size: int):
    def prepare() -> None:
        for path in sprite_tree(Path("cutouts"), 1, ending).rglob(f"*{ending}"):
            path.write_bytes(path.read_bytes()[:size])

    return prepare


def someones_file() -> None:
    Path("out").mkdir()
    Path("out/thesis.txt").write_text("years of work")


OPAQUE = np.zeros((8, 8, 3), np.uint8)
MAKE = "synthesise -o out --clips 2 --frames 2 --size 48x80 "
REFUSALS = [
    row("no clips", "synthesise -o out --clips 0", 2, "--clips"),
    row("no frames", "synthesise -o out --frames 0", 2, "--frames"),
    row("too low", "synthesise -o out --size 31x80", 2, "at least 32x32 pixels .* got 31x80"),
    row("too narrow", "synthesise -o out --size 80x16", 2, "at least 32x32 pixels .* got 80x16"),
    row("no size", "synthesise -o out --size big", 2, "'big' is no size"),
    row("too much", "synthesise -o out --size 4096x4096 --frames 99999", 2, "memory"),
    row("no range", "synthesise -o out --actors few", 2, "'few' is no range: expected two numbers"),
    row("half a range", "synthesise -o out --actors 2", 2, "'2' is no range"),
    row("no whole number", "synthesise -o out --actors 1.5-2", 2, "is no range"),
    row("descending", "synthesise -o out --actors 6-2", 2, r"ascending, got \(6, 2\)"),
    row("too large", "synthesise -o out --sizes 0.5-2", 2, r"from 0\.01 to 1.* got \(0\.5, 2"),
    row("no size at all", "synthesise -o out --sizes nan-nan", 2, r"got \(nan, nan\)"),
    row("too many events", "synthesise -o out --events 2", 2, "--events"),
    row("events of no number", "synthesise -o out --events nan", 2, "share of events in 0..1"),
    row("all drawn", MAKE + "--drawn 1", 2, "--drawn"),
    row("drawn beside nothing", MAKE + "--drawn 0.5", 2, "all backgrounds are drawn, unless"),
    row(
        "drawn of no number",
        MAKE + "--backgrounds photos --drawn nan",
        2,
        r"in \[0, 1\), got nan",
        lambda: photo_tree(Path("photos")),
    ),
    row("negative seed", "synthesise -o out --seed -1", 2, "--seed"),
    row("unknown split", "synthesise -o out --split test", 2, "--split"),
    row("no output", "synthesise", 2, "--output"),
    row("no such sprites", MAKE + "--sprites none", 3, "can't read the folder none: No such"),
    row("empty sprites", MAKE + "--sprites cutouts", 3, "has no folder in it", a_folder("cutouts")),
    row(
        "empty category",
        MAKE + "--sprites cutouts",
        3,
        r"no picture in cutouts/cat: expected \.png or \.webp",
        a_folder("cutouts/cat"),
    ),
    row(
        "no alpha",
        MAKE + "--sprites cutouts",
        3,
        r"cutouts/cat/a\.png has no transparency: expected a cut-out with an alpha",
        one_sprite("cat/a.png", OPAQUE),
    ),
    row(
        "unreadable sprite",
        MAKE + "--sprites cutouts",
        3,
        r"cutouts/cat/a\.png can't be decoded",
        one_sprite("cat/a.png", b"no picture"),
    ),
    *(
        row(
            f"{ending} of {size} bytes",
            MAKE + "--sprites cutouts",
            3,
            rf"\{ending} can't be decoded: it is damaged",
            cut_sprites(ending, size),
        )
        for ending in (".png", ".webp")
        for size in (0, 7, 20, 60, 400, -1)
    ),
    row(
        "one sprite, two splits",
        MAKE + "--sprites cutouts --split train",
        3,
        "cutouts/cat has one picture: training and validation share none",
        lambda: sprite_tree(Path("cutouts"), 1),
    ),
    row("no such photographs", MAKE + "--backgrounds none", 3, "can't read the folder none"),
    row(
        "no photographs",
        MAKE + "--backgrounds photos",
        3,
        r"no picture in photos: expected \.jpg or",
        a_folder("photos"),
    ),
    row(
        "unreadable photograph",
        MAKE + "--backgrounds cutouts/cat",
        3,
        r"a\.jpg can't be decoded",
        one_sprite("cat/a.jpg", b"\xff\xd8\xff\xe0 cut"),
    ),
    row("somebody's folder", MAKE + "--overwrite", 2, "no data set of this", someones_file),
    row("a file", "synthesise -o file", 2, "no data set", lambda: Path("file").write_text("text")),
    row("in a file", "synthesise -o file/x", 2, "file is not a", lambda: Path("file").touch()),
    row("here", "synthesise -o . --overwrite", 2, "current folder"),
]


@pytest.mark.parametrize(("command", "code", "says", "prepare"), REFUSALS)
def test_bad_input(command: str, code: int, says: str, prepare, capfd: pytest.CaptureFixture[str]):
    prepare()
    refused(command, code, says, capfd)


def test_an_empty_folder_gives_way(folder: Path):
    Path("out").mkdir()
    assert run("synthesise", "-o", "out", *SMALL).code == 0
    assert instances(folder / "out")["videos"]
    shutil.rmtree("out")


def test_other_commands_read_it(folder: Path):
    assert run("synthesise", "-o", "shapes", *SMALL).code == 0
    truth = load_ground_truth(folder / "shapes/instances.json")
    listed = instances(folder / "shapes")
    assert len(truth.tracks) == len(listed["annotations"])
    assert len(truth.categories) == 12
    for video in listed["videos"]:
        clip = folder / "shapes/JPEGImages" / video["file_names"][0].split("/")[0]
        with open_source(str(clip)) as source:
            assert [frame.index for frame in source.frames] == [0, 1, 2]
