"""SVG as text: every name and value is escaped, and equal pictures are equal bytes."""

from collections.abc import Iterable

from markupsafe import Markup, escape

LETTER = 7.0  # px of an average letter at the charts' 12 px; the browser's font is not known


def element(name: str, *children: str | Markup, **attributes: str | float) -> Markup:
    """`class_` stands for class, and other underscores for hyphens."""
    given = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), show(value))
        for key, value in attributes.items()
    )
    inside = Markup("").join(escape(child) for child in children)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), given, inside)


def show(value: str | float) -> str:
    """Tenths of a pixel are enough."""
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


def picture(
    title: str, description: str, width: float, height: float, marks: Iterable[Markup]
) -> Markup:
    """Width and height are those of its own pixels; the page makes it fit."""
    return element(
        "svg",
        element("title", title),
        element("desc", description),
        *marks,
        viewBox=f"0 0 {show(width)} {show(height)}",
        width=width,
        height=height,
        role="img",
        xmlns="http://www.w3.org/2000/svg",
    )


def text(x: float, y: float, content: str, class_: str = "", anchor: str = "start") -> Markup:
    """`y`: of the base line."""
    return element("text", content, x=x, y=y, class_=f"t {class_}".rstrip(), text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    return element("path", d=f"M{show(x1)} {show(y1)}L{show(x2)} {show(y2)}", class_=class_)


def box(x: float, y: float, width: float, height: float, class_: str, radius: float = 0) -> Markup:
    return element("rect", x=x, y=y, width=width, height=height, rx=radius, class_=class_)


def dots(places: Iterable[tuple[float, float]], class_: str) -> Markup:
    """Round ends of lines without length: hundreds of samples stay small."""
    path = "".join(f"M{show(x)} {show(y)}h0" for x, y in places)
    return element("path", d=path, class_=class_)


def text_width(content: str) -> float:
    return LETTER * len(content)


def shorten(content: str, width: float) -> str:
    """To what fits into so many px; the end stays, which tells a layer from its neighbours."""
    most = int(width / LETTER)
    return content if len(content) <= most else f"…{content[1 - most :]}"
