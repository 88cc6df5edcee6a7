"""Pictures and masks of scenes composed by hand, against a literal compositing."""

import numpy as np
import pytest

from models.synthetic.motion import Pose, resting, returning, straight, vanishing
from models.synthetic.render import LEAST_PIXELS, render
from models.synthetic.scene import Actor, Backdrop, Camera, Scene
from models.synthetic.sprites import Sprite
from tests.models.synthetic.scenes import HEIGHT, WIDTH, block, scene_of, speckled

Corner = tuple[int, int]  # left, top


def at(sprite: Sprite, corner: Corner, flip: bool = False) -> Pose:
    """The sprite pixel for pixel with its first pixel there."""
    height, width = sprite.picture.shape[:2]
    x, y = corner[0] + width / 2, corner[1] + height / 2
    return Pose(x, y, float(max(height, width)), flip=flip)


def paste(sprites: list[tuple[Sprite, Corner]]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Pixel by pixel: the picture, unrounded, and whose alpha is above a half and foremost."""
    picture = np.full((HEIGHT, WIDTH, 3), 128.0)
    owner = np.full((HEIGHT, WIDTH), -1)
    for index, (sprite, (left, top)) in enumerate(sprites):
        for row, column in np.ndindex(sprite.picture.shape[:2]):
            y, x = top + row, left + column
            if 0 <= y < HEIGHT and 0 <= x < WIDTH:
                *colour, alpha = (int(value) for value in sprite.picture[row, column])
                share = alpha / 255
                picture[y, x] = (1 - share) * picture[y, x] + share * np.array(colour)
                owner[y, x] = index if alpha > 127.5 else owner[y, x]
    return picture, [owner == index for index in range(len(sprites))]


def test_a_literal_compositing_gives_the_same():
    sprites = [
        (speckled(30, 24, 0), (-5, 3)),  # over the left edge
        (block(17, 33), (10, 12)),
        (speckled(25, 25, 1), (30, 20)),  # over the bottom
        (speckled(12, 9, 2), (25, 18)),
    ]
    clip = render(scene_of(*((sprite, (at(sprite, corner),)) for sprite, corner in sprites)))
    picture, masks = paste(sprites)
    assert np.abs(clip.pictures[0] - picture).max() <= 0.501
    assert len(clip.masks) == 4
    for identity, mask in enumerate(masks):
        np.testing.assert_array_equal(clip.masks[identity][0], mask)


def test_visibility_is_a_share_of_the_whole_silhouette():
    sprites = [(block(10, 20), (-5, 3)), (block(4, 6), (0, 5)), (block(9, 9), (70, 3))]
    clip = render(scene_of(*((sprite, (at(sprite, corner),)) for sprite, corner in sprites)))
    assert clip.visibility == (((150 - 24) / 200,), (1.0,), (0.0,))
    assert [len(frames) for frames in clip.masks] == [1, 1, 1]
    assert clip.masks[2][0] is None


def test_flip_and_gain():
    sprite = speckled(20, 30, 0)
    sprite.picture[..., 3] = 255
    pose = at(sprite, (5, 5), flip=True)
    dimmed = Pose(pose.x, pose.y, pose.size, flip=True, gain=0.5)
    clip = render(scene_of((sprite, (pose, dimmed))))
    expected = sprite.picture[:, ::-1, :3].astype(float)
    np.testing.assert_array_equal(clip.pictures[0, 5:25, 5:35], expected)
    assert np.abs(clip.pictures[1, 5:25, 5:35] - expected / 2).max() <= 0.5


def test_a_quarter_turn_is_clockwise():
    sprite = speckled(20, 20, 0)
    sprite.picture[..., 3] = 255
    clip = render(scene_of((sprite, (Pose(30, 20, 20, angle=90),))))
    turned = np.rot90(sprite.picture[..., :3], -1).astype(int)
    assert np.abs(clip.pictures[0, 10:30, 20:40] - turned).max() <= 1


def test_half_the_size_is_the_mean_of_blocks():
    sprite = speckled(40, 40, 0)
    sprite.picture[..., 3] = 255
    clip = render(scene_of((sprite, (Pose(30, 20, 20),))))
    blocks = sprite.picture[..., :3].reshape(20, 2, 20, 2, 3).mean((1, 3))
    assert np.abs(clip.pictures[0, 10:30, 20:40] - blocks).max() <= 0.501


WAITING = resting((30, 20), 10, 5)
STAGED = {  # a front actor, and in which frames the 10x10 block behind it is seen
    "nothing in front": (vanishing(WAITING, 0, 4), "11111"),
    "hidden for a while": (straight((-10, 20), (70, 20), 26, 5), "11011"),
    "in front at once": (vanishing(resting((30, 20), 30, 5), 2, 3), "00110"),
}


@pytest.mark.parametrize(("front", "seen"), STAGED.values(), ids=STAGED)
def test_an_occluded_actor_is_none_and_comes_back_as_itself(front, seen: str):
    clip = render(scene_of((block(10, 10), WAITING), (block(30, 30), front)))
    assert frames_seen(clip, 0) == seen
    assert clip.sprites == ("block/10x10", "block/30x30")


SOLO = {
    "leaves": (straight((30, 20), (90, 20), 10, 4), "1100"),
    "enters": (straight((-40, 20), (30, 20), 10, 3), "001"),
    "leaves and re-enters": (returning((30, 20), (80, 20), 10, 6), "110011"),
    "vanishes": (vanishing(resting((30, 20), 10, 4), 1, 2), "1001"),
}


@pytest.mark.parametrize(("path", "seen"), SOLO.values(), ids=SOLO)
def test_an_actor_alone(path, seen: str):
    assert frames_seen(render(scene_of((block(10, 10), path))), 0) == seen


def frames_seen(clip, identity: int) -> str:
    return "".join("01"[mask is not None] for mask in clip.masks[identity])


@pytest.mark.parametrize(("covered", "there"), [(6, True), (7, False)])
def test_fewer_than_sixteen_pixels_are_none(covered: int, there: bool):
    """A block of 10 x 4, of which columns of 4 are covered: 16 pixels are left, or 12."""
    sprite, front = block(4, 10), block(40, 40)
    behind = (sprite, (at(sprite, (20, 10)),))
    clip = render(scene_of(behind, (front, (at(front, (20 + 10 - covered, 0)),))))
    assert LEAST_PIXELS == 16
    assert (clip.masks[0][0] is not None) is there
    assert clip.visibility[0][0] == (10 - covered) / 10


def test_backdrop_light_and_noise():
    canvas = np.random.default_rng(0).integers(0, 200, (60, 90, 3), dtype=np.uint8)
    backdrop = Backdrop(canvas, ((0.0, 0.0), (7.0, 4.0)))
    still = render(Scene(HEIGHT, WIDTH, 2, (), backdrop))
    np.testing.assert_array_equal(still.pictures[1], canvas[4 : 4 + HEIGHT, 7 : 7 + WIDTH])
    lit = render(Scene(HEIGHT, WIDTH, 2, (), backdrop, Camera((1.0, 0.5), noise=5, seed=3)))
    grain = lit.pictures[1] - canvas[4 : 4 + HEIGHT, 7 : 7 + WIDTH] / 2.0
    assert 4 < grain.std() < 6
    assert not still.masks


BAD_SCENES = {
    "no frames": ({"frames": 0}, "at least 1x1 and one frame"),
    "short path": (
        {"actors": (Actor(block(4, 4), resting((1, 1), 4, 2)),)},
        "2 in the path of",
    ),
    "short gains": ({"camera": Camera((1.0,))}, "1 in the camera's gains"),
    "long pan": ({"backdrop": Backdrop(np.zeros((9, 9, 3), np.uint8), ((0, 0),) * 4)}, "got 4 in"),
}


@pytest.mark.parametrize(("change", "says"), BAD_SCENES.values(), ids=BAD_SCENES)
def test_a_scene_is_refused(change, says: str):
    with pytest.raises(ValueError, match=says):
        Scene(**{"height": 8, "width": 8, "frames": 3, "actors": (), **change})


def test_a_sprite_without_alpha_is_refused():
    with pytest.raises(ValueError, match=r"expected a sprite uint8 \[h, w, 4\], got uint8"):
        Sprite(np.zeros((4, 4, 3), np.uint8), "block", "block/0")
