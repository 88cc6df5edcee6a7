"""A keyframe and frames that reuse its kernels, with the state handed over inside the runtime.

The error of the keyframe's kernels travels through the fold into every later frame, as it does on
the phone. Which queries are live is the reference's choice for both sides: two scores that are
equal but for rounding may change places, and would set a kernel against another's masks.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from export.golden_io import IMAGE
from export.graphs import FOLD, KEYFRAME, REUSE_FOLDED, REUSE_PLAIN
from export.live_kernels import best_queries, gather_kernels
from export.manifest import Bundle
from export.reference import MobileInstReference
from mobileinst_deploy.feeding import fitting, frame_name, graph_image, kernel_count
from mobileinst_deploy.parity.report import Drift, InBoth, Subject, compare_tensor
from mobileinst_deploy.parity.tolerances import Tolerance
from mobileinst_deploy.runtimes.base import Arrays, Session
from models.frames import Frame


def run_sequence(
    bundle: Bundle,
    reference: MobileInstReference,
    runtime: str,
    sessions: Mapping[str, Session],
    frames: Sequence[Frame],
    tolerance: Tolerance,
) -> Iterator[Drift]:
    """Both reuse graphs on every frame behind the first, which is the keyframe."""
    first = fitting(bundle, frames[0])
    first_image = reference.image(first.picture)
    wanted = reference.keyframe(first_image)
    got = sessions[KEYFRAME].run({IMAGE: graph_image(bundle, first)})
    count = kernel_count(bundle)
    queries = best_queries(wanted["class_logits"][0], wanted["objectness"][0], count)
    wanted_kernels = gather_kernels(wanted["kernels"], queries, count)
    kernels = gather_kernels(got["kernels"], queries, count)
    state = {
        REUSE_PLAIN: {"kernels": kernels},
        REUSE_FOLDED: sessions[FOLD].run({"kernels": kernels}),
    }
    for since, frame in enumerate(frames[1:], start=1):
        frame = fitting(bundle, frame)
        image = reference.image(frame.picture)
        expected = reference.reuse(image, wanted_kernels)
        fed = graph_image(bundle, frame)
        for graph, kept in state.items():
            subject = Subject(runtime, graph, frame_name(frame))
            masks = sessions[graph].run({IMAGE: fed, **kept})
            both = partial(reuse_in_both, reference, first_image, queries, image, expected)
            drift = compare_tensor(subject, "mask_logits", expected, masks, tolerance, both)
            yield Drift(since, drift)


def reuse_in_both(
    reference: MobileInstReference,
    keyframe: NDArray[np.float32],
    queries: NDArray[np.intp],
    image: NDArray[np.float32],
    expected: Arrays,
) -> InBoth:
    """The sequence's masks in float64, kernels included, and in float32."""
    kernels = reference.exact.keyframe(keyframe)["kernels"][:, queries]
    return InBoth(reference.exact.reuse(image, kernels), expected)
