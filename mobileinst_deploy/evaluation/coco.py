"""Average precision of masks in single pictures, by COCO's own evaluator and its rules."""

from collections.abc import Sequence

from mobileinst_deploy.evaluation.picture_truth import PictureTruth
from mobileinst_deploy.evaluation.scores import Evaluation, Evaluator, FoundObject, run


def evaluate_pictures(truth: PictureTruth, found: Sequence[FoundObject]) -> Evaluation:
    """Over all images and categories of the ground truth; without results 0."""
    return run(Evaluator(truth.images, truth.categories, truth.objects, found))
