"""AdamW's groups of parameters (§4.2)."""

from collections import defaultdict
from typing import Any

import torch
from torch import nn

from models.mobileinst.network import MobileInst
from models.training.config import Optimiser


def build_optimiser(network: MobileInst, settings: Optimiser) -> torch.optim.AdamW:
    """Vectors (norms, biases) and the queries are not decayed; the backbone learns more slowly."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = defaultdict(list)
    for name, parameter in network.named_parameters():
        multiplier = settings.backbone_multiplier if name.startswith("backbone.") else 1.0
        plain = parameter.ndim < 2 or name.endswith("queries.weight")
        groups[multiplier, 0.0 if plain else settings.weight_decay].append(parameter)
    listed: list[dict[str, Any]] = [
        {"params": parameters, "lr_multiplier": multiplier, "weight_decay": decay}
        for (multiplier, decay), parameters in groups.items()
    ]
    return torch.optim.AdamW(listed, lr=settings.learning_rate)


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate * group["lr_multiplier"]
