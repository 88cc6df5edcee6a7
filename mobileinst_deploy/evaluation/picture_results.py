"""Masks that were found in single pictures, in COCO's layout of results, checked."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from mobileinst_deploy.evaluation.documents import decode_document, read_file
from mobileinst_deploy.evaluation.picture_truth import PictureTruth, known_image
from mobileinst_deploy.evaluation.scores import FoundObject
from mobileinst_deploy.evaluation.video_masks import Rle, picture_mask


@dataclass(frozen=True)
class PictureRow:
    """One object that was found."""

    image_id: int
    category_id: int
    score: float
    segmentation: Rle


def load_picture_results(path: Path, truth: PictureTruth) -> tuple[FoundObject, ...]:
    """Raises InputError, with the file and the place, where it does not fit the ground truth."""
    return parse_picture_results(read_file(path), truth, str(path))


def check_picture_results(
    rows: object, truth: PictureTruth, source: str
) -> tuple[FoundObject, ...]:
    """Of a list of dicts; else as `load_picture_results`."""
    return parse_picture_results(msgspec.json.encode(rows), truth, source)


def parse_picture_results(
    encoded: bytes, truth: PictureTruth, source: str
) -> tuple[FoundObject, ...]:
    what = f"{source} is no list of results in the layout of COCO"
    rows = decode_document(encoded, tuple[PictureRow, ...], what)
    return tuple(found_object(row, truth, f"{source}: [{index}]") for index, row in enumerate(rows))


def found_object(row: PictureRow, truth: PictureTruth, place: str) -> FoundObject:
    image = known_image(row.image_id, row.category_id, truth.images, truth.categories, place)
    mask = picture_mask(row.segmentation, image.height, image.width, f"{place}.segmentation")
    area = float(mask.frame_areas[0])
    return FoundObject(row.image_id, row.category_id, row.score, area, mask.rle)
