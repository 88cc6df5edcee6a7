"""Published latencies of one core of a Snapdragon 778G, set against the bound of the same frame.

A share above 1 says that the figure can't have been measured in that precision with that algorithm
on that core: it lies below what the core's arithmetic takes alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from android_bench.device.profiles import Profile
from export.manifest import Bundle
from mobileinst_deploy.estimate.amortising import amortised_ms

SOC = "SM7325"  # the Snapdragon 778G's ro.soc.model
INPUT = (1, 3, 320, 640)  # the published figures' input
MOBILEINST = "mobileinst-topformer-b"
EVERY_FRAME = 1
TABLE_1 = "MobileInst, Tab. 1"
TABLE_7 = "MobileInst, Tab. 7"
REVISION = "a later revision of MobileInst's abstract"


@dataclass(frozen=True)
class PublishedLatency:
    model: str  # its name in the zoo
    source: str
    ms: float
    interval: int = EVERY_FRAME  # frames a keyframe


PUBLISHED = (
    PublishedLatency(MOBILEINST, TABLE_1, 158),
    PublishedLatency(MOBILEINST, REVISION, 433),
    PublishedLatency(MOBILEINST, TABLE_7, 154),
    PublishedLatency(MOBILEINST, TABLE_7, 143, interval=3),
    PublishedLatency(MOBILEINST, TABLE_7, 140, interval=6),
    PublishedLatency("mobileinst-seaformer-b", TABLE_1, 172),
    PublishedLatency("sparseinst-topformer-b", TABLE_1, 317),
    PublishedLatency("sparseinst-resnet50", TABLE_1, 684),
    PublishedLatency("condinst-topformer-b", TABLE_1, 549),
    PublishedLatency("condinst-resnet50", TABLE_1, 857),
    PublishedLatency("yolact-mobilenetv2", TABLE_1, 294),
    PublishedLatency("yolact-topformer-b", TABLE_1, 306),
    PublishedLatency("yolact-resnet50", TABLE_1, 674),
    PublishedLatency("solov2-lite-resnet18", TABLE_1, 479),
    PublishedLatency("solov2-lite-resnet50", TABLE_1, 797),
    PublishedLatency("solov2-mobilenetv2", TABLE_1, 974),
    PublishedLatency("crossvis-topformer-b", "MobileInst, Tab. 2", 549),
    PublishedLatency("sparseinst-vis-topformer-b", "MobileInst, Tab. 2", 317),
)


@dataclass(frozen=True)
class PublishedBound:
    source: str
    ms: float
    interval: int  # frames a keyframe
    graphs: tuple[str, ...]  # whose bounds make the frame's
    bounds_ms: dict[str, float]  # by setting
    shares: dict[str, float]  # the bound over the figure: of the peak that it would mean
    below: tuple[str, ...]  # the settings whose bound the figure undercuts


def published_for(bundle: Bundle, profile: Profile) -> tuple[PublishedLatency, ...]:
    """Those of this network, at their input's size, on their chip."""
    keyframe = bundle.manifest.graphs.get("keyframe")
    shapes = {spec.shape for spec in keyframe.inputs} if keyframe else set()
    if SOC not in profile.soc or INPUT not in shapes:
        return ()
    return tuple(one for one in PUBLISHED if one.model == bundle.manifest.model.name)


def published_bound(
    figure: PublishedLatency, bounds_ms: Mapping[str, Mapping[str, float]]
) -> PublishedBound | None:
    """`bounds_ms`: by setting and graph. None where the bundle lacks a graph of the schedule."""
    graphs = frame_graphs(tuple(next(iter(bounds_ms.values()))), figure.interval)
    if graphs is None:
        return None
    key, reuse = graphs
    frame_ms = {
        setting: amortised_ms(own, key, reuse, figure.interval)
        for setting, own in bounds_ms.items()
    }
    return PublishedBound(
        figure.source,
        figure.ms,
        figure.interval,
        (*key, *([reuse] if reuse else [])),
        frame_ms,
        {setting: bound / figure.ms for setting, bound in frame_ms.items()},
        tuple(setting for setting, bound in frame_ms.items() if bound > figure.ms),
    )


def frame_graphs(graphs: tuple[str, ...], interval: int) -> tuple[tuple[str, ...], str] | None:
    """The keyframe's graphs, the paper's literal one if it is there, and the plain reuse graph."""
    literal = "keyframe_literal" if "keyframe_literal" in graphs else "keyframe"
    key = (literal, *(name for name in graphs if name == "masks"))
    if interval == EVERY_FRAME:
        return key, ""
    return (key, "reuse_plain") if "reuse_plain" in graphs else None
