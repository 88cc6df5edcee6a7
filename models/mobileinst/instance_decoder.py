"""The dual transformer instance decoder and the heads behind it (§3.2, Eq. 1).

N queries of width D look at the global features x6, at each other, at the pooled mask features and
at each other again; no feed-forward layers. M is the number of pixels looked at.
"""

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from models.layers import MultiHeadAttention, sine_position


class Stage(nn.Module):
    """Q = LN(Q + CrossAttn(Q, X, X)); Q = LN(Q + SelfAttn(Q)): two lines of Eq. 1.

    The sine position embedding is added to the keys of X, not to its values.

    Shapes: queries [B, N, D], x [B, C, h, w] -> [B, N, D].
    """

    def __init__(self, dim: int, num_heads: int, context_channels: int) -> None:
        super().__init__()
        self.cross_attention = MultiHeadAttention(dim, num_heads, context_channels)
        self.cross_norm = nn.LayerNorm(dim)
        self.self_attention = MultiHeadAttention(dim, num_heads)
        self.self_norm = nn.LayerNorm(dim)

    def forward(self, queries: Tensor, x: Tensor) -> Tensor:
        _, c, h, w = x.shape
        pixels = x.flatten(2).transpose(1, 2)  # [B, M, C]
        keys = pixels + sine_position(h, w, c).to(pixels)
        queries = self.cross_norm(queries + self.cross_attention(queries, keys, pixels))
        y: Tensor = self.self_norm(queries + self.self_attention(queries, queries, queries))
        return y


class LocalPool(nn.Module):
    """X_L = f_pool(X_mask) (§3.2, Tab. 4): max or average over size×size, or none.

    Windows that stick out at the right or bottom count what they cover, so no pixel is lost.
    """

    def __init__(self, kind: str, size: int) -> None:
        super().__init__()
        self.kind = kind
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == "none":
            return x
        if self.kind == "max":
            return F.max_pool2d(x, self.size, ceil_mode=True)
        return F.avg_pool2d(x, self.size, ceil_mode=True)


class InstanceDecoder(nn.Module):
    """x6 [B, C, H/64, W/64] and X_mask [B, D, H/8, W/8] -> queries [B, N, D].

    `stages` names what each stage looks at, in order: "global" (x6) or "local" (pooled X_mask).
    """

    def __init__(
        self,
        stages: tuple[str, ...],
        pool: LocalPool,
        num_queries: int,
        dim: int,
        num_heads: int,
        global_channels: int,
    ) -> None:
        super().__init__()
        self.kinds = stages
        self.pool = pool
        self.queries = nn.Embedding(num_queries, dim)
        context = {"global": global_channels, "local": dim}
        self.stages = nn.ModuleList(Stage(dim, num_heads, context[kind]) for kind in stages)

    def forward(self, x6: Tensor, mask_features: Tensor) -> Tensor:
        context = self.context(x6, mask_features)
        return self.later_stages(self.first_stage(context), context)

    def context(self, x6: Tensor, mask_features: Tensor) -> dict[str, Tensor]:
        """What the stages look at, by kind."""
        context = {"global": x6}
        if "local" in self.kinds:
            context["local"] = self.pool(mask_features)
        return context

    def first_stage(self, context: dict[str, Tensor]) -> Tensor:
        """The learned queries behind the first stage: [B, N, D]."""
        queries = self.queries.weight.expand(len(context["global"]), -1, -1)
        y: Tensor = self.stages[0](queries, context[self.kinds[0]])
        return y

    def later_stages(self, queries: Tensor, context: dict[str, Tensor]) -> Tensor:
        """[B, N, D] -> [B, N, D]; the queries may be another frame's (§3.5)."""
        for kind, stage in zip(self.kinds[1:], self.stages[1:], strict=True):
            queries = stage(queries, context[kind])
        return queries


class Instances(NamedTuple):
    class_logits: Tensor  # [B, N, classes]
    objectness: Tensor  # [B, N, 1], a logit
    kernels: Tensor  # [B, N, D]


class Heads(nn.Module):
    """Queries [B, N, D] -> Instances."""

    def __init__(self, dim: int, num_classes: int) -> None:
        super().__init__()
        self.classify = nn.Linear(dim, num_classes)
        self.objectness = nn.Linear(dim, 1)
        self.kernel = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, dim))

    def forward(self, queries: Tensor) -> Instances:
        return Instances(self.classify(queries), self.objectness(queries), self.kernel(queries))
