"""Ground truth of single pictures in COCO's layout, loaded and checked.

Layout: cocodataset.org/#format-data, "Object Detection". What is not named here is ignored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.documents import Category, Id, Side, decode_document, read_file
from mobileinst_deploy.evaluation.ground_truth import check_unique
from mobileinst_deploy.evaluation.scores import TrueObject
from mobileinst_deploy.evaluation.video_masks import Segmentation, picture_mask

Number = Annotated[int, Meta(ge=0, lt=2**53)]


@dataclass(frozen=True)
class Image:
    id: Number
    width: Side
    height: Side
    file_name: str  # below the folder of pictures


@dataclass(frozen=True)
class Annotation:
    id: Number
    image_id: Number
    category_id: Id
    segmentation: Segmentation
    area: Annotated[float, Meta(ge=0)] | None = None  # in pixels; None: the mask's
    iscrowd: Annotated[int, Meta(ge=0, le=1)] = 0


@dataclass(frozen=True)
class Document:
    images: Annotated[tuple[Image, ...], Meta(min_length=1)]
    categories: Annotated[tuple[Category, ...], Meta(min_length=1)]
    annotations: tuple[Annotation, ...]


@dataclass(frozen=True)
class PictureTruth:
    images: Mapping[int, Image]  # by id
    categories: Mapping[int, Category]  # by id
    objects: tuple[TrueObject, ...]


def load_picture_truth(path: Path) -> PictureTruth:
    """Raises InputError, with the file and the place, where it can't be read or contradicts itself.

    The pictures are not looked for.
    """
    return parse_picture_truth(read_file(path), str(path))


def parse_picture_truth(encoded: bytes, source: str) -> PictureTruth:
    """Of JSON; `source` is what messages call it. Raises InputError."""
    document = decode_document(
        encoded, Document, f"{source} is not ground truth in the layout of COCO"
    )
    check_unique((row.id for row in document.annotations), f"{source}: annotations")
    check_unique((row.id for row in document.images), f"{source}: images")
    check_unique((row.id for row in document.categories), f"{source}: categories")
    images = {image.id: image for image in document.images}
    categories = {category.id: category for category in document.categories}
    objects = tuple(
        true_object(row, images, categories, f"{source}: annotations[{index}]")
        for index, row in enumerate(document.annotations)
    )
    return PictureTruth(images, categories, objects)


def true_object(
    row: Annotation, images: Mapping[int, Image], categories: Mapping[int, Category], place: str
) -> TrueObject:
    image = known_image(row.image_id, row.category_id, images, categories, place)
    mask = picture_mask(row.segmentation, image.height, image.width, f"{place}.segmentation")
    area = float(mask.frame_areas[0]) if row.area is None else row.area  # as the file says, else
    return TrueObject(row.image_id, row.category_id, bool(row.iscrowd), area, mask.rle)


def known_image(
    image_id: int,
    category_id: int,
    images: Mapping[int, Image],
    categories: Mapping[int, Category],
    place: str,
) -> Image:
    """Raises InputError where the ground truth has no such image or category."""
    if image_id not in images:
        raise InputError(f"{place}: the ground truth has no image with the id {image_id}")
    if category_id not in categories:
        raise InputError(f"{place}: the ground truth has no category with the id {category_id}")
    return images[image_id]


def first_images(truth: PictureTruth, count: int | None) -> PictureTruth:
    """The first images, in the file's order; None: all of them."""
    kept = dict(list(truth.images.items())[:count])
    return replace(truth, images=kept, objects=objects_of(truth.objects, kept))


def objects_of(
    objects: Sequence[TrueObject], images: Mapping[int, Image]
) -> tuple[TrueObject, ...]:
    return tuple(one for one in objects if one.image_id in images)
