"""A data set in the layout of YouTube-VIS: JPEG pictures, and one json with the tracks."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.rle import run_lengths
from models.synthetic.clip import Mask, SyntheticClip

PICTURES = "JPEGImages"
INSTANCES = "instances.json"
CARD = "card.json"
JPEG_QUALITY = 90

Plain = dict[str, Any]  # as json has it


@dataclass(frozen=True)
class DatasetSize:
    clips: int
    frames: int
    tracks: int
    masks: int


def write_dataset(
    folder: Path,
    clips: Iterable[SyntheticClip],
    categories: Sequence[str],
    card: Mapping[str, Any],
) -> DatasetSize:
    """Writes JPEGImages, instances.json and card.json into the folder, clip by clip.

    The card says where it all comes from. Every id counts from 1: 0 means 'unmatched' to COCO.
    Raises OSError, and ValueError for a category of a clip that is not among those given.
    """
    ids = {name: number for number, name in enumerate(categories, start=1)}
    videos: list[Plain] = []
    tracks: list[Plain] = []
    for clip in clips:
        video = video_entry(len(videos) + 1, clip)
        write_pictures(folder / PICTURES, video["file_names"], clip)
        videos.append(video)
        tracks += track_entries(len(tracks) + 1, video["id"], clip, ids)
    instances = {
        "info": card,
        "categories": [{"id": number, "name": name} for name, number in ids.items()],
        "videos": videos,
        "annotations": tracks,
    }
    (folder / INSTANCES).write_text(json.dumps(instances))
    (folder / CARD).write_text(json.dumps(card, indent=2) + "\n")
    return count(videos, tracks)


def count(videos: Sequence[Plain], tracks: Sequence[Plain]) -> DatasetSize:
    masks = sum(part is not None for track in tracks for part in track["segmentations"])
    return DatasetSize(len(videos), sum(video["length"] for video in videos), len(tracks), masks)


def write_pictures(folder: Path, names: Sequence[str], clip: SyntheticClip) -> None:
    for name, picture in zip(names, clip.pictures, strict=True):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        _, encoded = cv2.imencode(".jpg", picture[..., ::-1], quality)
        path.write_bytes(encoded.tobytes())


def video_entry(video_id: int, clip: SyntheticClip) -> Plain:
    names = [f"{video_id - 1:05}/{frame:05}.jpg" for frame in range(len(clip.pictures))]
    return {"id": video_id, **sides(clip), "length": len(names), "file_names": names}


def track_entries(
    first_id: int, video_id: int, clip: SyntheticClip, category_ids: Mapping[str, int]
) -> list[Plain]:
    """Without actors that are never seen: nothing could match such a track."""
    if unlisted := set(clip.categories) - category_ids.keys():
        known = ", ".join(category_ids)
        raise ValueError(f"expected categories out of {known}, got {', '.join(sorted(unlisted))}")
    seen = [
        identity
        for identity, masks in enumerate(clip.masks)
        if any(mask is not None for mask in masks)
    ]
    return [
        {
            "id": track_id,
            "video_id": video_id,
            "category_id": category_ids[clip.categories[identity]],
            "iscrowd": 0,
            **sides(clip),
            "length": len(clip.pictures),
            "sprite": clip.sprites[identity],
            "visibilities": [round(share, 4) for share in clip.visibility[identity]],
            **per_frame(clip.masks[identity]),
        }
        for track_id, identity in enumerate(seen, start=first_id)
    ]


def sides(clip: SyntheticClip) -> Plain:
    return {"height": clip.pictures.shape[1], "width": clip.pictures.shape[2]}


def per_frame(masks: Sequence[Mask | None]) -> Plain:
    """Segmentations, areas in pixels and boxes as x, y, width, height; None where it is unseen."""
    measures: dict[str, Callable[[Mask], object]] = {
        "segmentations": as_rle,
        "areas": area,
        "bboxes": box,
    }
    return {
        name: [None if mask is None else measure(mask) for mask in masks]
        for name, measure in measures.items()
    }


def area(mask: Mask) -> int:
    return int(mask.sum())


def as_rle(mask: Mask) -> Plain:
    return {"size": list(mask.shape), "counts": run_lengths(mask)}


def box(mask: Mask) -> list[int]:
    (top, high), (left, wide) = (extent(np.flatnonzero(mask.any(axis))) for axis in (1, 0))
    return [left, top, wide, high]


def extent(places: NDArray[np.intp]) -> tuple[int, int]:
    """The first of ascending places, and how many there are from it to the last."""
    return int(places[0]), int(places[-1] - places[0] + 1)
