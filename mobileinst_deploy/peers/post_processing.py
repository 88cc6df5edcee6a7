"""The post-processing of a bundle's network, as something that can be timed like its graphs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from export.errors import BundleError
from export.golden_io import Arrays, find_golden, read_golden
from export.manifest import Bundle
from mobileinst_deploy.peers import condinst, solov2, yolact
from mobileinst_deploy.peers.instances import Floats, Instances
from mobileinst_deploy.peers.queries import best_queries
from mobileinst_deploy.runtimes.base import Runtime

Size = tuple[int, int]  # of the network's input: height, width


def of_solov2(size: Size, category_logits: Floats, mask_logits: Floats) -> Instances:
    return solov2.finish(solov2.choose(category_logits, len(mask_logits)), mask_logits)


def of_condinst(
    size: Size, class_logits: Floats, boxes: Floats, centerness: Floats, mask_logits: Floats
) -> Instances:
    found = condinst.choose(size, class_logits, boxes, centerness, len(mask_logits))
    return condinst.finish(found, mask_logits)


def of_queries(
    size: Size, class_logits: Floats, objectness: Floats, mask_logits: Floats
) -> Instances:
    return best_queries(class_logits, objectness, mask_logits)


# By the tensors that they take, of which a network has exactly one row's; each without its batch.
STEPS: dict[tuple[str, ...], Callable[..., Instances]] = {
    (
        "keyframe/class_logits",
        "keyframe/boxes",
        "keyframe/coefficients",
        "keyframe/prototypes",
    ): yolact.detect,
    (
        "keyframe/class_logits",
        "keyframe/boxes",
        "keyframe/centerness",
        "masks/mask_logits",
    ): of_condinst,
    ("keyframe/category_logits", "masks/mask_logits"): of_solov2,
    ("keyframe/class_logits", "keyframe/objectness", "keyframe/mask_logits"): of_queries,
}


@dataclass(frozen=True)
class PostProcessing:
    """A session: from the tensors of its row of `STEPS` to Instances."""

    step: Callable[..., Instances]
    size: Size

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        return self.step(self.size, *(array[0] for array in inputs.values()))._asdict()


def post_inputs(bundle: Bundle) -> Arrays:
    """What the network's row of `STEPS` takes, of the first golden frame; {} where it has none.

    Raises BundleError where the golden frame can't be read.
    """
    arrays = read_golden(bundle, find_golden(bundle, 0))
    return {name: arrays[name] for name in row_of(arrays)}


def row_of(arrays: Arrays) -> tuple[str, ...]:
    """The row of `STEPS` whose tensors are all there; () for none."""
    return next((row for row in STEPS if arrays.keys() >= {*row}), ())


def load(bundle: Bundle, graph: str) -> PostProcessing:
    """Behind whatever graph. Raises BundleError where no post-processing is known."""
    row = tuple(post_inputs(bundle))
    if row not in STEPS:
        raise BundleError(f"{bundle.path}: no post-processing is known for its outputs")
    preprocessing = bundle.manifest.preprocessing
    return PostProcessing(STEPS[row], (preprocessing.height, preprocessing.width))


NUMPY = Runtime("numpy", "numpy", load)
