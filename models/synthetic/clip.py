"""A rendered clip with the truth about it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]  # [h, w]


@dataclass(frozen=True, eq=False)
class SyntheticClip:
    """Identity i is actor i of the scene, in each of the tuples below."""

    pictures: NDArray[np.uint8]  # [t, h, w, 3] RGB
    masks: tuple[tuple[Mask | None, ...], ...]  # [identity][frame]; None: not to be seen there
    categories: tuple[str, ...]  # of each identity
    sprites: tuple[str, ...]  # each identity's cut-out by name
    # [identity][frame]: pixels to be seen / pixels of the whole silhouette, with what is hidden
    # or lies outside the picture; 0 where the actor is not there. A mask may be None above 0.
    visibility: tuple[tuple[float, ...], ...]
