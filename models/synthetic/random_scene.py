"""Random scenes by a seed: what a data set is made of."""

import math
from dataclasses import dataclass, field

import numpy as np

from models.synthetic.backgrounds import BackgroundSource, DrawnBackgrounds
from models.synthetic.clip import SyntheticClip
from models.synthetic.drawn_sprites import DrawnSprites
from models.synthetic.encounters import stage
from models.synthetic.motion import wander
from models.synthetic.render import render
from models.synthetic.scene import Actor, Backdrop, Camera, Scene
from models.synthetic.seeds import PURPOSES, Split, stream
from models.synthetic.sprites import SpriteSource

SMALLEST_SIDE = 32  # pixels of a picture
MOST_ACTORS = 100
SMALLEST_SIZE = 0.01
MOST_PIXELS = 2**28  # of a clip's pictures together: they are in memory at once


@dataclass(frozen=True)
class ClipSettings:
    """Ranges are from, to, both included.

    Raises ValueError for numbers that make no clip, SourceError where a source has nothing for the
    split.
    """

    height: int = 192
    width: int = 320
    frames: int = 12
    actors: tuple[int, int] = (1, 6)
    sizes: tuple[float, float] = (0.15, 0.65)  # of the picture's shorter side
    noise: float = 3.0  # standard deviation, of 255
    light: float = 0.03  # how far the light drifts, as a fraction
    pan: float = 0.06  # of the picture's side, at most, in the whole clip
    events: float = 0.0  # share of the actors that cross another, or leave and come back
    split: Split = "all"
    sprites: SpriteSource = field(default_factory=DrawnSprites)
    backgrounds: BackgroundSource = field(default_factory=DrawnBackgrounds)

    def __post_init__(self) -> None:
        if min(self.height, self.width) < SMALLEST_SIDE or self.frames < 1:
            sides = f"{self.height}x{self.width}, {self.frames} frames"
            least = f"{SMALLEST_SIDE}x{SMALLEST_SIDE} pixels and 1 frame"
            raise ValueError(f"expected at least {least}, got {sides}")
        if not 1 <= self.actors[0] <= self.actors[1] <= MOST_ACTORS:
            raise ValueError(f"expected 1 to {MOST_ACTORS} actors, ascending, got {self.actors}")
        if not SMALLEST_SIZE <= self.sizes[0] <= self.sizes[1] <= 1:
            raise ValueError(
                f"expected sizes from {SMALLEST_SIZE} to 1, ascending, got {self.sizes}"
            )
        if not 0 <= self.events <= 1:
            raise ValueError(f"expected a share of events in 0..1, got {self.events}")
        if self.height * self.width * self.frames > MOST_PIXELS:
            raise ValueError(
                f"a clip of {self.frames} frames of {self.height}x{self.width} does not fit into "
                f"memory: expected at most {MOST_PIXELS} pixels, so ask for fewer or smaller frames"
            )
        self.sprites.check(self.split)
        self.backgrounds.check(self.split)


def render_clip(seed: int, settings: ClipSettings | None = None, clip: int = 0) -> SyntheticClip:
    return render(random_scene(seed, settings, clip))


def random_scene(seed: int, settings: ClipSettings | None = None, clip: int = 0) -> Scene:
    """Clip number `clip` of the seed: the same in every process.

    Raises SourceError where a file of the settings' sources can't be used.
    """
    settings = settings or ClipSettings()
    streams = (stream(seed, settings.split, clip, purpose) for purpose in PURPOSES)
    cast, motion, backdrop, camera, events = streams
    return Scene(
        settings.height,
        settings.width,
        settings.frames,
        random_actors(settings, cast, motion, events),
        random_backdrop(settings, backdrop),
        random_camera(settings, camera),
    )


def random_actors(
    settings: ClipSettings,
    cast: np.random.Generator,
    motion: np.random.Generator,
    events: np.random.Generator,
) -> tuple[Actor, ...]:
    """Sizes are drawn evenly over their logarithms."""
    count = int(cast.integers(settings.actors[0], settings.actors[1] + 1))
    sprites = [settings.sprites.pick(cast, settings.split) for _ in range(count)]
    low, high = (math.log(size) for size in settings.sizes)
    height, width = settings.height, settings.width
    sizes = np.exp(cast.uniform(low, high, count)) * min(height, width)
    paths = [wander(motion, height, width, settings.frames, float(size)) for size in sizes]
    staged = stage(events, paths, height, width, settings.events)
    return tuple(Actor(sprite, path) for sprite, path in zip(sprites, staged, strict=True))


def random_backdrop(settings: ClipSettings, random: np.random.Generator) -> Backdrop:
    """A pan at a constant speed, from one side of the canvas to the other."""
    room = [math.ceil(settings.pan * side) for side in (settings.height, settings.width)]
    canvas = settings.backgrounds.pick(
        random, settings.split, settings.height + room[0], settings.width + room[1]
    )
    first, last = random.uniform(0, room), random.uniform(0, room)
    corners = np.linspace(first[::-1], last[::-1], settings.frames)
    return Backdrop(canvas, tuple((x, y) for x, y in corners.tolist()))


def random_camera(settings: ClipSettings, random: np.random.Generator) -> Camera:
    steps = random.normal(0, settings.light / 3, settings.frames)
    gains = np.clip(1 + np.cumsum(steps), 1 - settings.light, 1 + settings.light)
    return Camera(tuple(gains.tolist()), settings.noise, int(random.integers(2**32)))
