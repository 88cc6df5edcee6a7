"""Resize, where TNN's Upsample takes every sample from the same place.

    mode (1 nearest, 2 linear), scale_h, scale_w, align_corners, out_h, out_w

TNN has three rules: nearest is floor(i*in/out); linear is half_pixel, or align_corners. ONNX has a
dozen, which often mean the same for given sizes; so the places themselves are compared.
TNN: source/tnn/device/cpu/acc/cpu_upsample_layer_acc.cc, layer/upsample_layer.cc.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from export.to_tnn.ops.convolution import SPATIAL, two_axes
from export.to_tnn.registry import Lowered, Refusal, Tensor, constant, handles, integers

Places = NDArray[np.float64]
MODES = {"nearest": 1, "linear": 2}
CLOSE = 1e-4  # of a pixel; rules that differ, differ by more than that somewhere


def half_pixel(i: Places, side: int, out: int, scale: float) -> Places:
    return (i + 0.5) / scale - 0.5


def align_corners(i: Places, side: int, out: int, scale: float) -> Places:
    return i * ((side - 1) / (out - 1) if out > 1 else 0)


def pytorch_half_pixel(i: Places, side: int, out: int, scale: float) -> Places:
    return half_pixel(i, side, out, scale) if out > 1 else np.zeros_like(i)


def asymmetric(i: Places, side: int, out: int, scale: float) -> Places:
    return i / scale


def half_pixel_symmetric(i: Places, side: int, out: int, scale: float) -> Places:
    return side / 2 * (1 - out / (scale * side)) + half_pixel(i, side, out, scale)


#: https://onnx.ai/onnx/operators/onnx__Resize.html, coordinate_transformation_mode
TRANSFORMATIONS: dict[str, Callable[[Places, int, int, float], Places]] = {
    "half_pixel": half_pixel,
    "align_corners": align_corners,
    "pytorch_half_pixel": pytorch_half_pixel,
    "asymmetric": asymmetric,
    "half_pixel_symmetric": half_pixel_symmetric,
}
#: the same, nearest_mode
ROUNDINGS: dict[str, Callable[[Places], Places]] = {
    "floor": np.floor,
    "ceil": np.ceil,
    "round_prefer_floor": lambda x: np.ceil(x - 0.5),
    "round_prefer_ceil": lambda x: np.floor(x + 0.5),
}


@handles(
    "Resize",
    "Upsample",
    SPATIAL,
    "the last two axes",
    "nearest as floor(i*in/out), linear as half_pixel or align_corners, or what takes the same "
    "samples; no cubic",
    "no antialiasing where it gets smaller",
    also=("Upsample",),
)
def resize(
    x: Tensor,
    roi: Tensor | None = None,
    scales: Tensor | None = None,
    sizes: Tensor | None = None,
    *,
    antialias: int = 0,
    axes: Sequence[int] = (),
    coordinate_transformation_mode: str = "half_pixel",
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
    keep_aspect_ratio_policy: str = "stretch",
    mode: str = "nearest",
    nearest_mode: str = "round_prefer_floor",
) -> Lowered:
    two_axes(x)
    rule = (mode, coordinate_transformation_mode, nearest_mode)
    if mode not in MODES or rule[1] not in TRANSFORMATIONS or keep_aspect_ratio_policy != "stretch":
        raise Refusal(f"TNN has no such rule: {', '.join(rule)}", "use nearest or linear")
    steps = factors(x, scales, sizes, axes or range(x.rank))
    if antialias and any(scale < 1 for _, scale in steps):
        raise Refusal("antialias=1, TNN has none", "export it without")
    if any(out != side for (out, _), side in zip(steps[:2], x.shape[:2], strict=True)):
        raise Refusal("it resizes batch or channels", "transpose in a node before it")
    spatial = [(side, *step) for side, step in zip(x.shape[2:], steps[2:], strict=True)]
    corners = corner_rule(rule, spatial)
    return Lowered("Upsample", (x,), (MODES[mode], 0, 0, corners, *(out for _, out, _ in spatial)))


def factors(
    x: Tensor, scales: Tensor | None, sizes: Tensor | None, axes: Sequence[int]
) -> list[tuple[int, float]]:
    """(side of the result, scale) for every axis."""
    steps = [(side, 1.0) for side in x.shape]
    if sizes is not None and sizes.shape != (0,):
        for axis, out in zip(axes, integers(sizes, "sizes"), strict=True):
            steps[axis] = (out, out / x.shape[axis])
    elif scales is not None:
        for axis, scale in zip(axes, constant(scales, "scales").tolist(), strict=True):
            steps[axis] = (int(np.floor(x.shape[axis] * scale)), scale)
    return steps


def corner_rule(rule: tuple[str, str, str], sides: list[tuple[int, int, float]]) -> int:
    """TNN's align_corners with which it takes ONNX's samples. Raises Refusal where neither does."""
    for corners in (0, 1):
        if all(
            np.allclose(
                places_in_onnx(rule, *side), places_in_tnn(rule[0], corners, *side), 0, CLOSE
            )
            for side in sides
        ):
            return corners
    raise Refusal(
        f"TNN takes other samples than {', '.join(rule)}",
        "use nearest with asymmetric and floor, or linear with half_pixel or align_corners",
    )


def places_in_onnx(rule: tuple[str, str, str], side: int, out: int, scale: float) -> Places:
    mode, transformation, nearest_mode = rule
    places = TRANSFORMATIONS[transformation](np.arange(out, dtype=np.float64), side, out, scale)
    rounded = ROUNDINGS[nearest_mode](places) if mode == "nearest" else places
    return np.clip(rounded, 0, side - 1)


def places_in_tnn(mode: str, corners: int, side: int, out: int, scale: float) -> Places:
    i: Places = np.arange(out, dtype=np.float64)
    if mode == "nearest":
        return np.full(out, np.nan) if corners else np.floor(i * side / out)
    places = (align_corners if corners else half_pixel)(i, side, out, out / side)
    return np.clip(places, 0, side - 1)
