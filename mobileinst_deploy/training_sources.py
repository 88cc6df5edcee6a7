"""The cut-outs and photographs of the training data, from packages of npm and PyPI.

    python -m mobileinst_deploy.training_sources FOLDER

keeps the packages in FOLDER/packages, and writes FOLDER/pictures/sprites/CATEGORY/*.webp and
FOLDER/pictures/photographs/*.png, as `mobileinst synthesise` takes them.
"""

import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import click
import cv2
import numpy as np

from export.staging import folder_beside, make_readable, replace_folder
from mobileinst_deploy.cli.main import run
from mobileinst_deploy.registry_packages import Package, fetched
from models.synthetic.emoji import sort_emoji
from models.synthetic.pictures import ORIGIN

Box = tuple[int, int, int, int]  # first row and column, and those behind the last
Tint = tuple[float, float, float]  # factors of red, green, blue


EMOJI = Package(
    "Fluent emoji by Microsoft, npm package @lobehub/fluent-emoji-3d 1.1.0",
    "lobehub-fluent-emoji-3d-1.1.0.tgz",
    "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
    "MIT",
    "npm",
    ("npm", "pack", "--loglevel", "error", "--ignore-scripts", "@lobehub/fluent-emoji-3d@1.1.0"),
)  # fmt: skip
# One wheel for everyone, whatever Python runs here: only its pictures are used.
PHOTOGRAPHS = Package(
    "PyPI package scikit-image 0.26.0",
    "scikit_image-0.26.0-cp312-cp312-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
    "7df650e79031634ac90b11e64a9eedaf5a5e06fcd09bcd03a34be01745744466",
    "BSD-3-Clause, each photograph CC0, public domain or without known restrictions",
    "pip",
    (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps",
     "--only-binary", ":all:", "--python-version", "3.12",
     "--platform", "manylinux_2_28_x86_64", "scikit-image==0.26.0"),
)  # fmt: skip

WHOLE: Box = (0, 0, 10_000, 10_000)
PLAIN: Tint = (1, 1, 1)
# Those that show none of the categories, or a part that does not; grey ones in their thing's hue.
PARTS: Mapping[str, tuple[Box, Tint]] = {
    "brick.png": (WHOLE, (1.3, 0.85, 0.7)),
    "camera.png": ((300, 330, 512, 512), (0.9, 1.0, 0.7)),  # the lawn
    "coffee.png": ((300, 0, 400, 160), PLAIN),  # the table
    "grass.png": (WHOLE, (0.75, 1.05, 0.5)),
    "gravel.png": (WHOLE, (1.0, 0.95, 0.85)),
    "hubble_deep_field.jpg": (WHOLE, PLAIN),
    "ihc.png": (WHOLE, PLAIN),
    "retina.jpg": ((280, 280, 1130, 1130), PLAIN),  # without its black surroundings
    "rocket.jpg": ((0, 0, 427, 275), PLAIN),  # the masts beside it
    "text.png": (WHOLE, (1.0, 0.95, 0.8)),
}


def prepare(folder: Path, emoji: Package = EMOJI, photographs: Package = PHOTOGRAPHS) -> None:
    """Raises InputError for a package that can't be had or is another; OSError."""
    archives = [fetched(each, folder / "packages") for each in (emoji, photographs)]
    with folder_beside(folder / "pictures") as staging:
        unpack_emoji(archives[0], staging / "sprites")
        unpack_photographs(archives[1], staging / "photographs")
        (staging / "sprites" / ORIGIN).write_text(emoji.origin + "\n")
        (staging / "photographs" / ORIGIN).write_text(photographs.origin + "\n")
        make_readable(staging)
        replace_folder(staging, folder / "pictures")


def unpack_emoji(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        files = {Path(each.name).name: each for each in tar if each.name.endswith(".webp")}
        for category, names in sort_emoji(files).items():
            (folder / category).mkdir(parents=True)
            for name in names:
                content = tar.extractfile(files[name])
                assert content is not None  # a file, as its name says
                (folder / category / name).write_bytes(content.read())


def unpack_photographs(archive: Path, folder: Path) -> None:
    folder.mkdir()
    with zipfile.ZipFile(archive) as wheel:
        for name, ((top, left, bottom, right), tint) in PARTS.items():
            content = np.frombuffer(wheel.read(f"skimage/data/{name}"), np.uint8)
            picture = cv2.imdecode(content, cv2.IMREAD_COLOR)
            assert picture is not None  # the sha256 was checked
            tinted = picture[top:bottom, left:right] * np.array(tint[::-1])
            _, encoded = cv2.imencode(".png", np.clip(np.rint(tinted), 0, 255).astype(np.uint8))
            (folder / name).with_suffix(".png").write_bytes(encoded.tobytes())


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def main(folder: Path) -> None:
    """Fetch and unpack the cut-outs and photographs of the training data into FOLDER."""
    prepare(folder)


if __name__ == "__main__":
    run(main)
