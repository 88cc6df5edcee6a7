"""Packages become cut-outs and photographs; here tiny ones, which a client copies."""

import hashlib
import json
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.registry_packages import Package, fetched
from mobileinst_deploy.training_sources import EMOJI, PARTS, PHOTOGRAPHS, prepare
from tests.command import run
from tests.models.synthetic.scenes import save, speckled

NAMES = ("1f436", "1f431", "1f9d1-200d-1f33e", "1f3c3", "1f4a9")
COPY = "import shutil, sys; shutil.copy(sys.argv[1], '.')"


def copied(package: Package, archive: Path) -> Package:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return replace(
        package,
        archive=archive.name,
        sha256=digest,
        command=(sys.executable, "-c", COPY, str(archive)),
    )


@pytest.fixture
def packages(tmp_path: Path) -> tuple[Package, Package]:
    """Each category has two cut-outs or none."""
    for name in NAMES:
        save(tmp_path / f"package/assets/{name}.webp", speckled(20, 30, 1).picture)
    emoji, wheel = tmp_path / "emoji.tgz", tmp_path / "photographs.whl"
    with tarfile.open(emoji, "w:gz") as tar:
        tar.add(tmp_path / "package", "package")
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, (box, _) in PARTS.items():
            sides = [min(end, 40 + start) for start, end in zip(box[:2], box[2:], strict=True)]
            _, content = cv2.imencode(Path(name).suffix, np.full((*sides, 3), 100, np.uint8))
            archive.writestr(f"skimage/data/{name}", content.tobytes())
    return copied(EMOJI, emoji), copied(PHOTOGRAPHS, wheel)


def test_pictures_appear(tmp_path: Path, packages: tuple[Package, Package]):
    prepare(tmp_path / "out", *packages)
    pictures = tmp_path / "out/pictures"
    assert sorted(path.name for path in (pictures / "sprites").glob("*/*")) == [
        f"{name}.webp" for name in sorted(NAMES[:4])
    ]
    photographs = {path.stem: cv2.imread(str(path)) for path in pictures.glob("photographs/*.png")}
    assert photographs.keys() == {Path(name).stem for name in PARTS}
    assert photographs["ihc"][0, 0].tolist() == [100, 100, 100]
    assert photographs["brick"][0, 0].tolist() == [70, 85, 130]  # blue, green, red
    assert photographs["rocket"].shape == (40, 40, 3)
    assert not list((tmp_path / "out").glob(".*"))


def test_a_data_set_of_them(tmp_path: Path, packages: tuple[Package, Package]):
    prepare(tmp_path / "out", *packages)
    folders = [f"{tmp_path}/out/pictures/{name}" for name in ("sprites", "photographs")]
    options = ("--sprites", folders[0], "--backgrounds", folders[1], "--drawn", 0.5)
    size = ("--clips", 2, "--frames", 2, "--size", "48x80", "--split", "val")
    ran = run("synthesise", "-o", tmp_path / "set", *options, *size)
    assert ran.code == 3  # a category without pictures can't be drawn from
    for empty in (tmp_path / "out/pictures/sprites").iterdir():
        if empty.is_dir() and not list(empty.iterdir()):
            empty.rmdir()
    ran = run("synthesise", "-o", tmp_path / "set", *options, *size)
    assert ran.code == 0, ran.err
    card = json.loads((tmp_path / "set/card.json").read_text())
    for key, package in zip(("sprites", "backgrounds"), packages, strict=True):
        assert f"{package.title}, {package.archive}, sha256 {package.sha256}" in card[key]
        assert package.licence in card[key]


def test_an_archive_is_fetched_once(tmp_path: Path, packages: tuple[Package, Package]):
    first = fetched(packages[0], tmp_path / "kept")
    again = fetched(replace(packages[0], command=("no-such-client",)), tmp_path / "kept")
    assert first == again == tmp_path / "kept/emoji.tgz"
    assert list((tmp_path / "kept").iterdir()) == [first]


FAILURES = {
    "no client": (("no-such-client",), "npm is needed for Fluent emoji .*: install it"),
    "offline": (
        (sys.executable, "-c", "import sys; sys.exit('noise\\nERR! no network\\nsee the log')"),
        r"can't fetch Fluent emoji .* \(npm: ERR! no network\): is this machine offline\?",
    ),
    "nothing": ((sys.executable, "-c", ""), r"expected emoji\.tgz of npm, got none"),
    "another": (
        (sys.executable, "-c", "open('emoji.tgz', 'w').write('x')"),
        r"emoji\.tgz has the sha256 2d71.*, expected .*: remove it",
    ),
}


@pytest.mark.parametrize(("command", "says"), FAILURES.values(), ids=FAILURES)
def test_what_can_go_wrong(tmp_path: Path, packages, command: tuple[str, ...], says: str):
    with pytest.raises(InputError, match=says) as caught:
        prepare(tmp_path / "out", replace(packages[0], command=command), packages[1])
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out/pictures").exists()
