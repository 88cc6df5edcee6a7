"""AdamW's groups of parameters, and the learning rate of an iteration (§4.2)."""

from bisect import bisect_right
from collections import defaultdict
from typing import Any

import torch
from torch import nn

from models.mobileinst.network import MobileInst
from models.training.config import Optimiser, Schedule

WARMUP_FROM = 1e-3
STEP = 0.1


def build_optimiser(network: MobileInst, settings: Optimiser) -> torch.optim.AdamW:
    """Vectors (norms, biases) and the queries are not decayed; the backbone learns more slowly."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = defaultdict(list)
    for name, parameter in network.named_parameters():
        slow = name.startswith("backbone.")
        plain = parameter.ndim < 2 or name.endswith("queries.weight")
        multiplier = settings.backbone_multiplier if slow else 1.0
        groups[multiplier, 0.0 if plain else settings.weight_decay].append(parameter)
    listed: list[dict[str, Any]] = [
        {"params": parameters, "lr_multiplier": multiplier, "weight_decay": decay}
        for (multiplier, decay), parameters in groups.items()
    ]
    return torch.optim.AdamW(listed, lr=settings.learning_rate)


def rate_factor(schedule: Schedule, iteration: int) -> float:
    """What the learning rate is multiplied by in that iteration, counted from 0."""
    warming = 1.0
    if iteration < schedule.warmup:
        warming = WARMUP_FROM + (1 - WARMUP_FROM) * iteration / schedule.warmup
    return float(warming * STEP ** bisect_right(sorted(schedule.milestones), iteration))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate * group["lr_multiplier"]
