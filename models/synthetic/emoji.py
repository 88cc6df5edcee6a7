"""Ten kinds of things among Fluent emoji, whose files are named after their code points.

The pictures are Microsoft's Fluent emoji (MIT), as the npm package @lobehub/fluent-emoji-3d has
them; none is part of this repository.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from models.synthetic.errors import SourceError

# Category -> the first code point's ranges, from and to, both included.
EMOJI: Mapping[str, tuple[tuple[int, int], ...]] = {
    "animal": ((0x1F400, 0x1F43E), (0x1F980, 0x1F9AE), (0x1FAB0, 0x1FAB3), (0x1FABF, 0x1FACE)),
    "building": ((0x1F3D5, 0x1F3DB), (0x1F3DF, 0x1F3F0), (0x1F5FC, 0x1F5FF)),
    "clothing": ((0x1F451, 0x1F462), (0x1F97B, 0x1F97F), (0x1F9E2, 0x1F9E6), (0x1FA70, 0x1FA74)),
    "face": ((0x1F600, 0x1F640), (0x1F910, 0x1F917), (0x1F920, 0x1F92F), (0x1F970, 0x1F976)),
    "food": ((0x1F32D, 0x1F32F), (0x1F344, 0x1F37F), (0x1F950, 0x1F96F), (0x1FAD0, 0x1FADB)),
    "hand": ((0x1F446, 0x1F450), (0x1F90C, 0x1F90F), (0x1F918, 0x1F91F), (0x1F58E, 0x1F596)),
    "person": ((0x1F3C2, 0x1F3C4), (0x1F466, 0x1F46F), (0x1F574, 0x1F57A), (0x1F6B4, 0x1F6B6),
               (0x1F9CD, 0x1F9CF)),
    "plant": ((0x1F331, 0x1F343), (0x1F490, 0x1F490), (0x1FAB4, 0x1FABB)),
    "sport": ((0x1F3A3, 0x1F3A3), (0x1F3B1, 0x1F3BF), (0x1F3C0, 0x1F3C0), (0x1F3C5, 0x1F3C9),
              (0x1F3CF, 0x1F3D3), (0x1F93A, 0x1F94F)),
    "vehicle": ((0x1F680, 0x1F69E), (0x1F6A0, 0x1F6B2), (0x1F6E5, 0x1F6FC), (0x1F3CD, 0x1F3CE)),
}  # fmt: skip
DERIVED = ("1f3fb", "1f3fc", "1f3fd", "1f3fe")  # skin tones but one: near copies of each other


def sort_emoji(files: Path) -> Iterator[tuple[str, Path]]:
    """(category, file) of every picture that is of one. Raises SourceError where there is none."""
    found = [
        (category, path)
        for path in sorted(files.glob("*.webp"))
        if (category := category_of(path.stem)) is not None
    ]
    if not found:
        raise SourceError(f"{files} has no .webp files named after code points, as 1f436.webp")
    yield from found


def category_of(name: str) -> str | None:
    """Of "1f468-1f3fb-200d-1f33e", by its first code point."""
    first, *rest = name.split("-")
    if not set(rest).isdisjoint(DERIVED):
        return None
    point = int(first, 16)
    for category, ranges in EMOJI.items():
        if any(start <= point <= stop for start, stop in ranges):
            return category
    return None
