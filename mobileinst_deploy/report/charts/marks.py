"""Marks that differ in shape as well as in colour."""

from collections.abc import Callable

from markupsafe import Markup

from mobileinst_deploy.report.charts.svg import element, show

Shape = Callable[[float, float, float], str]  # x, y and half the size -> a path


def circle(x: float, y: float, r: float) -> str:
    return f"M{show(x - r)} {show(y)}a{show(r)} {show(r)} 0 1 0 {show(2 * r)} 0" + (
        f"a{show(r)} {show(r)} 0 1 0 {show(-2 * r)} 0z"
    )


def square(x: float, y: float, r: float) -> str:
    return f"M{show(x - r)} {show(y - r)}h{show(2 * r)}v{show(2 * r)}h{show(-2 * r)}z"


def diamond(x: float, y: float, r: float) -> str:
    r *= 1.3
    return (
        f"M{show(x)} {show(y - r)}l{show(r)} {show(r)}l{show(-r)} {show(r)}l{show(-r)} {show(-r)}z"
    )


def triangle(x: float, y: float, r: float) -> str:
    r *= 1.2
    return f"M{show(x)} {show(y - r)}l{show(r)} {show(2 * r)}h{show(-2 * r)}z"


SHAPES: tuple[Shape, ...] = (circle, square, diamond, triangle)


def mark(x: float, y: float, series: int, class_: str, size: float = 4) -> Markup:
    """`series` chooses the shape; `class_` has the colour."""
    return element("path", d=SHAPES[series % len(SHAPES)](x, y, size), class_=class_)
