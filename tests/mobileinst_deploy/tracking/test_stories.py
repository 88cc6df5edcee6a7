"""Births, losses, returns and deaths of tracks, with perfect kernels."""

import pytest

from mobileinst_deploy.tracking.settings import TrackingSettings, every
from tests.mobileinst_deploy.tracking.oracle_bundle import oracle_bundle
from tests.mobileinst_deploy.tracking.stories import story, told, track

SHORT_MEMORY = TrackingSettings(memory=2)
NO_MEMORY = TrackingSettings(memory=0)

# What happens: T, settings, actors' scores, their identities.
STORIES: dict[str, tuple[int, TrackingSettings, list[str], list[str]]] = {
    "one object": (1, SHORT_MEMORY, ["9999"], ["1111"]),
    "two objects, the better one is born first": (1, SHORT_MEMORY, ["88", "99"], ["22", "11"]),
    "born later": (1, SHORT_MEMORY, ["9999", "..99"], ["1111", "..22"]),
    "between keyframes no object is born": (3, SHORT_MEMORY, [".99999"], ["...111"]),
    "born at the threshold alone": (1, SHORT_MEMORY, ["2249", "4444"], ["..22", "1111"]),
    "an older object may be less sure": (1, SHORT_MEMORY, ["9229"], ["1111"]),
    "but not below the score threshold": (1, SHORT_MEMORY, ["9009"], ["1..1"]),
    "scores between keyframes do not count": (3, SHORT_MEMORY, ["900900"], ["111111"]),
    "hidden for one frame between keyframes": (3, SHORT_MEMORY, ["9.9999"], ["1.1111"]),
    "hidden in a keyframe": (3, SHORT_MEMORY, ["999.99999"], ["111...111"]),
    "back within memory": (1, SHORT_MEMORY, ["9..9"], ["1..1"]),
    "back after memory": (1, SHORT_MEMORY, ["9...9"], ["1...2"]),
    "memory starts anew with each sight": (1, SHORT_MEMORY, ["9..9..9"], ["1..1..1"]),
    "memory counts keyframes": (3, SHORT_MEMORY, ["999......999"], ["111......111"]),
    "no memory": (1, NO_MEMORY, ["99.9"], ["11.2"]),
    "gone for good": (1, SHORT_MEMORY, ["99....", "888888"], ["11....", "222222"]),
    "back with another object in its place": (1, NO_MEMORY, ["9..", ".9."], ["1..", ".2."]),
    "a name is never given twice": (1, NO_MEMORY, ["9.9.9"], ["1.2.3"]),
    "nothing at all": (3, SHORT_MEMORY, ["......"], []),
    "all below the threshold": (3, SHORT_MEMORY, ["000000", "000000"], ["......"] * 2),
    "an empty keyframe amid others": (3, SHORT_MEMORY, ["999000999"], ["111...111"]),
    "nothing at first": (3, SHORT_MEMORY, ["...999"], ["...111"]),
    "one frame": (3, SHORT_MEMORY, ["9"], ["1"]),
}


@pytest.mark.parametrize("what", STORIES)
def test_identities_are(what: str):
    interval, settings, actors, identities = STORIES[what]
    oracle = story(*actors)
    assert told(oracle, track(oracle, every(interval), settings)) == identities


# More objects than places: the actors' scores, their identities with two places.
CROWDED = {
    "the best live": (["7777", "9999", "8888"], ["....", "1111", "2222"]),
    "a place that gets free is taken": (["7777", "9999", "88.."], ["..33", "1111", "22.."]),
    "a better one takes a place": (["7777", "8888", "..99"], ["22..", "1111", "..33"]),
    "and gives it back": (["7777", "8888", ".99."], ["2..2", "1111", ".33."]),
    "five objects": (["5555", "6666", "7777", "8888", "9999"], [*["...."] * 3, "2222", "1111"]),
}


@pytest.mark.parametrize("interval", [1, 2])
@pytest.mark.parametrize("what", CROWDED)
def test_with_two_places(what: str, interval: int):
    actors, identities = ([held(line, interval) for line in lines] for lines in CROWDED[what])
    oracle = story(*actors, bundle=oracle_bundle(count=2))
    assert told(oracle, track(oracle, every(interval))) == identities


def held(line: str, frames: int) -> str:
    """The same, each character for so many frames."""
    return "".join(frames * character for character in line)
