"""Makes emoji.mp4 from cut-outs that no training clip shows.

    python -m mobileinst_deploy.sample_clips.making SPRITES OUTPUT

SPRITES is the folder of that name that scripts/training-data keeps.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from models.synthetic import motion
from models.synthetic.backgrounds import draw_background
from models.synthetic.render import render
from models.synthetic.scene import Actor, Backdrop, Camera, Scene
from models.synthetic.sprite_folder import read_cutout
from models.synthetic.sprites import Sprite

HEIGHT, WIDTH, FRAMES, FPS = 384, 640, 72, 24
SLOWLY = (1 - np.cos(np.linspace(0, np.pi, FRAMES))) / 2  # from 0 to 1
ACTORS = {
    "face/1f911.webp": motion.along((110, 240), (230, 250), SLOWLY, 160),
    "hand/1faf6.webp": motion.returning((545, 300), (660, 310), 130, FRAMES),
    "vehicle/1f68e.webp": motion.along((140, 80), (240, 90), SLOWLY, 140),
    "face/1f602.webp": motion.along((500, 90), (560, 110), SLOWLY, 130),
}
PAN = 30  # pixels of the backdrop, in the whole clip


def scene(sprites: Path) -> Scene:
    actors = (
        Actor(Sprite(read_cutout(sprites / name), name.partition("/")[0], name), path)
        for name, path in ACTORS.items()
    )
    corners = tuple((frame * PAN / FRAMES, 0.0) for frame in range(FRAMES))
    backdrop = Backdrop(draw_background(3, HEIGHT, WIDTH + PAN + 10), corners)
    return Scene(HEIGHT, WIDTH, FRAMES, tuple(actors), backdrop, Camera(noise=2.0))


def main(sprites: Path, output: Path) -> None:
    codec = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(output), codec, FPS, (WIDTH, HEIGHT))
    for picture in render(scene(sprites)).pictures:
        writer.write(np.ascontiguousarray(picture[..., ::-1]))
    writer.release()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
