"""What a peer is: a network of one frame, with no state between frames.

Its bundle has the graph `keyframe` (every frame is one) and, where masks need instances that were
chosen first, `masks`. What depends on data (suppression, cropping, assembly) stays outside of both.
"""

from typing import Any

from torch import Tensor, nn

INSTANCES = 100  # whose masks are made, as many as CondInst's and SOLOv2's authors keep of an image


class Peer(nn.Module):
    """Image [B, 3, H, W], normalised RGB (`models.preprocessing`) -> a NamedTuple of raw tensors.

    Batch first; every shape follows from the image's size, no operation from its content.
    """

    mask_head: nn.Module | None
    """What makes masks of n chosen instances, where that is a graph of its own.

    Its forward takes by name some fields of the prediction as they are and rows of n instances, B
    being 1, and gives mask logits [1, n, h, w].
    """

    def __init__(self) -> None:
        super().__init__()
        self.mask_head = None

    def select(self, outputs: Any, n: int) -> dict[str, Tensor]:
        """The mask head's inputs by name, for the n instances of the best scores, best first.

        In the order of its forward. Plain scores, without suppression. `outputs` is what this
        network's forward gave for one image; its first field has a row a candidate: [1, N, …].
        """
        raise NotImplementedError(f"{type(self).__name__} gives its masks itself")
