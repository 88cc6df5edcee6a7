"""What a bundle's classes are called, and which ids they have in results."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from export.manifest import Bundle
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.feeding import check_reuses
from models.categories import COCO, YOUTUBE_VIS_2019, Category

KNOWN = {len(table): table for table in (COCO, YOUTUBE_VIS_2019)}  # by the number of classes

Name = Annotated[str, Meta(min_length=1)]


class Row(msgspec.Struct):
    id: Annotated[int, Meta(ge=1, le=2**53)]  # 0 reads as "no match" in COCO's evaluation
    name: Name


class DataSet(msgspec.Struct):
    """A file in COCO's or YouTube-VIS's layout; the rest of it is not read."""

    categories: list[Row]


def bundle_categories(bundle: Bundle, file: Path | None = None) -> tuple[Category, ...]:
    """In the order of the class logits.

    From the file, or else from the bundle, or else by the number of classes: 80 are COCO's, 40 are
    YouTube-VIS 2019's, and others are called by their index. Raises InputError where the file can't
    be read or has another number of classes, BundleError for an architecture that isn't tracked.
    """
    check_reuses(bundle, "tracking or evaluation")
    count = class_count(bundle)
    if file is None and bundle.manifest.model.categories:
        return tuple(Category(c.id, c.name) for c in bundle.manifest.model.categories)
    if file is None:
        return KNOWN.get(count) or tuple(Category(i + 1, f"class {i}") for i in range(count))
    categories = read_categories(file)
    if len(categories) != count:
        raise InputError(
            f"{file} has {len(categories)} categories, but the bundle's network has {count}; give "
            "the file of the data that it was trained on"
        )
    return categories


def class_count(bundle: Bundle) -> int:
    (logits,) = (s for s in bundle.graph("keyframe").outputs if s.name == "class_logits")
    return int(logits.shape[-1])


def read_categories(path: Path) -> tuple[Category, ...]:
    """A list of names, which get ids from 1; or a data set's categories, by ascending id."""
    try:
        read = msgspec.json.decode(path.read_bytes(), type=list[Name] | DataSet)
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f'{path} is neither a list of names in JSON nor has "categories": {error}'
        ) from error
    if isinstance(read, list):
        return tuple(Category(number, name) for number, name in enumerate(read, 1))
    rows = sorted(Category(row.id, row.name) for row in read.categories)
    if len({row.id for row in rows}) < len(rows):
        raise InputError(f"{path}: two of its categories have the same id")
    return tuple(rows)
