"""How the peers' convolutions are drawn, as their released code does; biases start at 0."""

from collections.abc import Callable

from torch import Tensor, nn


def he(module: nn.Module) -> None:
    """Keeps the size of activations through layers with ReLU (He et al., ICCV 2015)."""
    draw(module, lambda w: nn.init.kaiming_normal_(w, mode="fan_in", nonlinearity="relu"))


def xavier(module: nn.Module) -> None:
    """Keeps the size of activations through linear layers (Glorot and Bengio, AISTATS 2010)."""
    draw(module, nn.init.xavier_uniform_)


def narrow(module: nn.Module) -> None:
    """A normal distribution with a standard deviation of 0.01, usual in detectors' heads."""
    draw(module, lambda w: nn.init.normal_(w, std=0.01))


def draw(module: nn.Module, rule: Callable[[Tensor], Tensor]) -> None:
    """Fills every convolution inside, in place."""
    for conv in module.modules():
        if isinstance(conv, nn.Conv2d):
            rule(conv.weight)
            if conv.bias is not None:
                nn.init.zeros_(conv.bias)
