"""What reaches the graphs, and what is said when one of them or a picture is at fault."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mobileinst_deploy.errors import InputError, RunError
from mobileinst_deploy.runtimes.base import Arrays, Session
from mobileinst_deploy.tracking.contract import FOLDED, PLAIN
from mobileinst_deploy.tracking.settings import every
from mobileinst_deploy.tracking.video_tracker import VideoTracker
from models.frames import Frame
from tests.mobileinst_deploy.tracking.oracle import Oracle
from tests.mobileinst_deploy.tracking.oracle_bundle import DIM, oracle_bundle
from tests.mobileinst_deploy.tracking.stories import DEFAULTS, story, told, track

Call = tuple[str, Mapping[str, NDArray[Any]]]  # a graph and its inputs


@dataclass(frozen=True)
class Watched:
    """A session that writes its calls down, and answers as `spoil` says for some of its outputs."""

    graph: str
    session: Session
    calls: list[Call]
    spoil: Mapping[str, float]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        self.calls.append((self.graph, inputs))
        outputs = self.session.run(inputs)
        for output, value in self.spoil.items():
            outputs[output].flat[-1] = value
        return outputs


def watch(
    oracle: Oracle, interval: int, reuse: str = FOLDED, **spoil: Mapping[str, float]
) -> tuple[VideoTracker, list[Call]]:
    calls: list[Call] = []
    network = oracle.network(reuse)
    network.sessions = {
        graph: Watched(graph, session, calls, spoil.get(graph, {}))
        for graph, session in network.sessions.items()
    }
    return VideoTracker(oracle.bundle, network, every(interval), DEFAULTS), calls


LETTERS = {"keyframe": "K", "fold": "f", FOLDED: "r", PLAIN: "p"}
# What happens: T, reuse graph, actor, the graphs that run.
RUNS = {
    "a fold after each keyframe": (3, FOLDED, "999999", "KfrrKfrr"),
    "nothing to fold": (3, PLAIN, "999999", "KppKpp"),
    "keyframes alone need no fold": (1, FOLDED, "9999", "KKKK"),
    "nothing lives, nothing is reused": (3, FOLDED, "......", "KK"),
    "nothing reaches the threshold": (3, FOLDED, "000000", "KK"),
    "reused while it is hidden": (3, FOLDED, "9..9", "KfrrKf"),
    "lost, then found": (2, FOLDED, "99..99", "KfrKKfr"),
}


@pytest.mark.parametrize("what", RUNS)
def test_the_graphs_that_run(what: str):
    interval, reuse, actor, graphs = RUNS[what]
    oracle = story(actor)
    tracker, calls = watch(oracle, interval, reuse)
    for frame in oracle.frames:
        tracker.track(frame)
    assert "".join(LETTERS[graph] for graph, _ in calls) == graphs


@pytest.mark.parametrize(("count", "places"), [(4, 4), (1, 1), (None, 10)])
@pytest.mark.parametrize("graph", [FOLDED, PLAIN])
def test_live_kernels_come_first_and_zeros_behind(count: int | None, places: int, graph: str):
    oracle = story("7", "9", ".", bundle=oracle_bundle(count))
    tracker, calls = watch(oracle, 3, graph)
    tracker.track(oracle.frames[0])
    kernels = tracker.tracker.kernels(DIM)
    assert kernels.shape == (1, places, DIM)
    random = np.random.default_rng(0)
    wanted = [oracle.kernel(actor, random).astype(np.float32) for actor in (1, 0)][:places]
    assert np.allclose(kernels[0, : len(wanted)], wanted, atol=1e-5)
    assert not kernels[0, len(wanted) :].any()
    assert all(np.array_equal(i["kernels"], kernels) for name, i in calls if name == "fold")


@pytest.mark.parametrize(("value", "kind"), [(np.nan, "NaN"), (np.inf, "infinity")])
@pytest.mark.parametrize(
    ("graph", "output", "frame"),
    [
        ("keyframe", "class_logits", 0),
        ("keyframe", "objectness", 0),
        ("keyframe", "kernels", 0),
        ("keyframe", "mask_logits", 0),
        ("fold", "folded", 0),
        (FOLDED, "mask_logits", 1),
    ],
)
def test_a_number_that_is_none(graph: str, output: str, frame: int, value: float, kind: str):
    oracle = story("99")
    tracker, _ = watch(oracle, 3, **{graph: {output: value}})
    with pytest.raises(RunError) as caught:
        [tracker.track(each) for each in oracle.frames]
    line = f"story.mp4#{frame}: graph '{graph}' gives {kind} in its output '{output}'"
    assert str(caught.value) == line


def test_what_a_runtime_refuses_is_said_with_the_frame():
    oracle = story("99")
    tracker, _ = watch(oracle, 3)
    tracker.network.sessions[FOLDED] = Refusing()
    tracker.track(oracle.frames[0])
    with pytest.raises(RunError, match=r"^story\.mp4#1: out of memory$"):
        tracker.track(oracle.frames[1])


class Refusing:
    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        raise RunError("out of memory")


@pytest.mark.parametrize("size", [(24, 80), (48, 40), (80, 48), (1, 1)])
def test_a_picture_of_another_size(size: tuple[int, int]):
    oracle = story("999", first=5)
    tracker, calls = watch(oracle, 3)
    tracker.track(oracle.frames[0])
    before = len(calls)
    with pytest.raises(InputError) as caught:
        tracker.track(Frame(6, np.zeros((*size, 3), np.uint8), "story.mp4"))
    assert str(caught.value) == (
        f"story.mp4#6 is {size[0]}x{size[1]}, but the video began with 48x80; "
        "give frames of one size"
    )
    assert len(calls) == before


def test_a_video_may_begin_anywhere():
    tracked = track(story("999999", first=100), every(3))
    assert [frame.index for frame in tracked] == list(range(100, 106))
    assert [frame.index for frame in tracked if frame.is_keyframe] == [100, 103]


def test_free_n_tracks_as_ten_does():
    oracle = story("999.99", "8888..", bundle=oracle_bundle(count=None))
    assert told(oracle, track(oracle, every(2))) == ["111.11", "2222.."]
