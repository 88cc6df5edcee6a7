"""What a tracked video leaves: tracks with their masks, in the layout of YouTube-VIS results."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from mobileinst_deploy.tracking.frames import TrackedFrame, TrackSummary
from mobileinst_deploy.tracking.rle import encode
from models.categories import Category


@dataclass(frozen=True)
class TrackResult:
    identity: int
    category_id: int  # of the data set
    score: float  # 0..1
    segmentations: tuple[str | None, ...]  # compressed RLE, a frame each; None: not in it


@dataclass(frozen=True)
class VideoResult:
    video_id: int
    length: int  # frames
    height: int
    width: int
    tracks: tuple[TrackResult, ...]  # by identity


class Segmentation(TypedDict):
    size: tuple[int, int]  # height, width
    counts: str


class ResultRow(TypedDict):
    """A track, as YouTube-VIS's evaluation reads it."""

    video_id: int
    category_id: int
    score: float
    segmentations: list[Segmentation | None]


@dataclass
class Collector:
    """Takes a video's frames one after the other and keeps their masks as short texts."""

    counts: dict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    length: int = 0
    height: int = 0
    width: int = 0

    def add(self, frame: TrackedFrame) -> None:
        for instance in frame.instances:
            self.height, self.width = instance.mask.shape
            if instance.mask.any():
                self.counts[instance.identity][self.length] = encode(instance.mask)
        self.length += 1

    def result(
        self, summaries: Iterable[TrackSummary], categories: Sequence[Category], video_id: int
    ) -> VideoResult:
        """The tracks that have a pixel in one of the frames; in the order of the summaries."""
        tracks = tuple(
            TrackResult(
                summary.identity,
                categories[summary.label].id,
                summary.score,
                tuple(map(self.counts[summary.identity].get, range(self.length))),
            )
            for summary in summaries
            if summary.identity in self.counts
        )
        return VideoResult(video_id, self.length, self.height, self.width, tracks)


def collect(
    frames: Iterable[TrackedFrame],
    summaries: Callable[[], Iterable[TrackSummary]],
    categories: Sequence[Category],
    video_id: int = 1,
) -> VideoResult:
    """Runs through the frames of one video; asks for the summaries (`tracker.summaries`) then.

    Height and width are 0 where no frame has an instance.
    """
    collector = Collector()
    for frame in frames:
        collector.add(frame)
    return collector.result(summaries(), categories, video_id)


def to_ytvis(results: Iterable[VideoResult]) -> list[ResultRow]:
    """The rows of a results file. Without one, the file is an empty list."""
    return [
        {
            "video_id": result.video_id,
            "category_id": track.category_id,
            "score": track.score,
            "segmentations": [
                {"size": (result.height, result.width), "counts": counts} if counts else None
                for counts in track.segmentations
            ],
        }
        for result in results
        for track in result.tracks
    ]
