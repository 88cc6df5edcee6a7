"""Every picture of the ground truth through the keyframe graph, in several runtimes."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from export.manifest import Bundle
from mobileinst_deploy.errors import InputError, RunError
from mobileinst_deploy.evaluation.clips import read_sized
from mobileinst_deploy.evaluation.detecting import (
    DetectionSettings,
    detect,
    load_keyframe,
)
from mobileinst_deploy.evaluation.judging import NOT_JUDGED
from mobileinst_deploy.evaluation.picture_results import check_picture_results
from mobileinst_deploy.evaluation.picture_truth import Image, PictureTruth
from mobileinst_deploy.evaluation.scores import FoundObject
from mobileinst_deploy.evaluation.video_runs import Load, Progress
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.tracking.network import Network
from mobileinst_deploy.tracking.rle import encode
from models.categories import Category
from models.frames import Frame


def detect_pictures(
    bundle: Bundle,
    runtimes: Sequence[Runtime],
    truth: PictureTruth,
    pictures: Path,
    categories: Sequence[Category],
    settings: DetectionSettings,
    progress: Progress,
    load: Load = load_keyframe,
) -> dict[Runtime, list[FoundObject]]:
    """`categories`: of the network's classes, with the ground truth's ids.

    Raises InputError where a picture can't be read, BundleError, RunError.
    """
    check_pictures(truth, pictures)
    networks = {runtime: load(bundle, runtime) for runtime in runtimes}
    found: dict[Runtime, list[FoundObject]] = {runtime: [] for runtime in runtimes}
    for number, image in enumerate(truth.images.values(), start=1):
        path, size = pictures / image.file_name, (image.height, image.width)
        frame = Frame(0, read_sized(path, size, f"image {image.id}"), image.file_name)
        for runtime, network in networks.items():
            rows = [*result_rows(bundle, runtime, network, image, frame, categories, settings)]
            found[runtime] += check_picture_results(rows, truth, f"masks in {image.file_name}")
        progress(image.file_name, number, len(truth.images))
    return found


def check_pictures(truth: PictureTruth, pictures: Path) -> None:
    """Raises InputError where a file is missing."""
    for index, image in enumerate(truth.images.values()):
        if not os.path.isfile(pictures / image.file_name):  # False for what no system call takes
            raise InputError(
                f"there is no {pictures / image.file_name}, which images[{index}] of the ground "
                f"truth names (id {image.id}); give the folder that its names begin in with "
                "--pictures"
            )


def result_rows(
    bundle: Bundle,
    runtime: Runtime,
    network: Network,
    image: Image,
    frame: Frame,
    categories: Sequence[Category],
    settings: DetectionSettings,
) -> Iterator[dict[str, object]]:
    """In COCO's layout of results."""
    try:
        for one in detect(bundle, network, frame, settings):
            if categories[one.label].id == NOT_JUDGED:
                continue
            yield {
                "image_id": image.id,
                "category_id": categories[one.label].id,
                "score": one.score,
                "segmentation": {"size": one.mask.shape, "counts": encode(one.mask)},
            }
    except RunError as error:
        raise RunError(f"{runtime.name}: {error}") from error
