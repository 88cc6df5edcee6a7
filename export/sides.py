"""The sides of a tensor's shape: numbers, or "n" and "9n" for lengths that are free at run time.

Needs no torch.
"""

from collections.abc import Sequence

FREE = "n"  # the number of live kernels


def rows(per_kernel: int, kernels: int | None) -> int | str:
    """per_kernel × n, or its name ("n", "9n") where n is free."""
    if kernels is not None:
        return per_kernel * kernels
    return FREE if per_kernel == 1 else f"{per_kernel}{FREE}"


def per_kernel(side: str) -> int:
    """9 for "9n", 1 for "n"."""
    return int(side.removesuffix(FREE) or 1)


def concrete_shape(shape: Sequence[int | str], kernels: int) -> tuple[int, ...]:
    """The shape with a free n set to `kernels`."""
    return tuple(per_kernel(side) * kernels if isinstance(side, str) else side for side in shape)
