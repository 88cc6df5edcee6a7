"""Replacing modules of one class inside a copy of a network."""

import copy
from collections.abc import Callable
from typing import TypeVar

from torch import nn

Root = TypeVar("Root", bound=nn.Module)
Old = TypeVar("Old", bound=nn.Module)


def replace_modules(root: Root, kind: type[Old], make: Callable[[Old], nn.Module]) -> Root:
    """A deep copy of `root` in which every module of class `kind` below it is `make(module)`."""
    result = copy.deepcopy(root)
    for path, module in list(result.named_modules()):
        if isinstance(module, kind):
            parent, _, name = path.rpartition(".")
            setattr(result.get_submodule(parent), name, make(module))
    return result
