"""The official layouts: COCO's instances json and YouTube-VIS' json, checked as they are read."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from models.errors import DataError
from models.training.data.records import Categories, Label, Picture, Video


def read_coco(document: Path, pictures: Path) -> tuple[Categories, list[Picture]]:
    """Pictures with objects; crowds are left out, as in SparseInst's training. Raises DataError."""
    data = read_document(document, ("images", "annotations", "categories"))
    categories = read_categories(document, data["categories"])
    places = {identifier: place for place, identifier in enumerate(categories.ids)}
    objects: dict[Any, list[Label]] = defaultdict(list)
    for each in data["annotations"]:
        image = key(document, each, "image_id")
        label, segmentation = (
            label_of(document, each, places),
            field(document, each, "segmentation"),
        )
        if not each.get("iscrowd"):
            objects[image].append(Label(label, segmentation))
    records = [
        Picture(
            pictures / str(field(document, each, "file_name")),
            *size_of(document, each),
            tuple(objects.pop(key(document, each, "id"), ())),
        )
        for each in data["images"]
    ]
    if objects:
        raise DataError(
            f"{document}: an annotation is of image {next(iter(objects))!r}, which is not listed"
        )
    return categories, [record for record in records if record.objects]


def read_ytvis(document: Path, pictures: Path) -> tuple[Categories, list[Video]]:
    """Videos with their tracks, frame by frame. Raises DataError."""
    data = read_document(document, ("videos", "annotations", "categories"))
    categories = read_categories(document, data["categories"])
    places = {identifier: place for place, identifier in enumerate(categories.ids)}
    tracks: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for each in data["annotations"]:
        tracks[key(document, each, "video_id")].append(each)
    videos = [
        read_video(document, each, pictures, tracks.pop(key(document, each, "id"), []), places)
        for each in data["videos"]
    ]
    if tracks:
        raise DataError(
            f"{document}: an annotation is of video {next(iter(tracks))!r}, which is not listed"
        )
    return categories, videos


def read_video(
    document: Path,
    video: Mapping[str, Any],
    pictures: Path,
    tracks: Iterable[Mapping[str, Any]],
    places: Mapping[int, int],
) -> Video:
    names = field(document, video, "file_names")
    height, width = size_of(document, video)
    if not isinstance(names, list) or not names:
        raise DataError(f"{document}: video {video['id']!r} has no file_names")
    objects: list[list[Label]] = [[] for _ in names]
    for track in tracks:
        segmentations = field(document, track, "segmentations")
        label = label_of(document, track, places)
        count = len(segmentations) if isinstance(segmentations, list) else "no list of"
        if count != len(names):
            raise DataError(
                f"{document}: a track of video {video['id']!r} has {count} "
                f"segmentations, expected {len(names)}, one a frame"
            )
        for frame, segmentation in enumerate(segmentations):
            if segmentation and not track.get("iscrowd"):
                objects[frame].append(Label(label, segmentation))
    frames = zip(names, objects, strict=True)
    return Video(
        str(video["id"]),
        tuple(Picture(pictures / str(n), height, width, tuple(found)) for n, found in frames),
    )


def read_document(document: Path, lists: tuple[str, ...]) -> dict[str, Any]:
    try:
        data = json.loads(document.read_bytes())
    except OSError as error:
        raise DataError(f"can't read {document}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{document} is not JSON, or was cut off: {error}") from error
    for name in lists:
        if not isinstance(data, dict) or not isinstance(data.get(name), list):
            raise DataError(f"{document} has no list {name!r}; expected {', '.join(lists)}")
        if not all(isinstance(each, dict) for each in data[name]):
            raise DataError(f"{document}: an entry of {name!r} is no object")
    return dict(data)


def read_categories(document: Path, listed: list[dict[str, Any]]) -> Categories:
    ids = [key(document, each, "id") for each in listed]
    if not ids or len(set(ids)) < len(ids) or not all(type(i) is int and i > 0 for i in ids):
        raise DataError(f"{document}: expected categories with different ids above 0, got {ids}")
    ordered = sorted(listed, key=lambda each: int(each["id"]))
    return Categories(
        tuple(each["id"] for each in ordered),
        tuple(str(each.get("name", each["id"])) for each in ordered),
    )


def label_of(document: Path, annotation: Mapping[str, Any], places: Mapping[int, int]) -> int:
    identifier = key(document, annotation, "category_id")
    if identifier not in places:
        raise DataError(f"{document}: category {identifier!r} is not listed under 'categories'")
    return places[identifier]


def size_of(document: Path, entry: Mapping[str, Any]) -> tuple[int, int]:
    height, width = field(document, entry, "height"), field(document, entry, "width")
    if not all(type(side) is int and side > 0 for side in (height, width)):
        raise DataError(f"{document}: expected a height and a width, got {height!r} and {width!r}")
    return height, width


def key(document: Path, entry: Mapping[str, Any], name: str) -> Any:
    """An int or a str, by which other entries are found."""
    value = field(document, entry, name)
    if not isinstance(value, int | str):
        raise DataError(f"{document}: expected a number as {name!r}, got {str(value)[:80]}")
    return value


def field(document: Path, entry: Mapping[str, Any], name: str) -> Any:
    if name not in entry:
        raise DataError(f"{document}: an entry has no {name!r}: {str(entry)[:80]}")
    return entry[name]
