"""Ten kinds of things among Fluent emoji, whose files are named after their code points.

The pictures are Microsoft's Fluent emoji (MIT), as the npm package @lobehub/fluent-emoji-3d has
them; none is part of this repository. Of near copies, as mirrored hands, one is listed.
"""

import re
from collections.abc import Iterable, Mapping

# Category -> code points and ranges of them, in hexadecimal, both ends included.
EMOJI: Mapping[str, str] = {
    "animal": "1f400 1f402 1f404-1f410 1f412-1f419 1f41b-1f42a 1f42c-1f43c 1f43f 1f54a 1f577 "
    "1f980-1f99f 1f9a1-1f9a9 1f9ab-1f9ae 1fab0-1fab3 1fabc 1fabf 1face 1facf",
    "building": "1f3aa 1f3d8 1f3da 1f3db 1f3df-1f3e3 1f3e5 1f3e6 1f3e8 1f3ea-1f3ed 1f3ef 1f3f0 "
    "1f492 1f54b-1f54d 1f5fc 1f6d5 1f6d6 26e9 26ea 26fa",
    "clothing": "1f393 1f3a9 1f451-1f45a 1f45e-1f462 1f576 1f97b-1f97f 1f9ba 1f9e2-1f9e6 "
    "1fa70-1fa74 1fa96 26d1",
    "face": "1f600-1f602 1f604 1f605 1f607-1f619 1f61b 1f61c 1f61e-1f626 1f628-1f62e "
    "1f630-1f635 1f637 1f642-1f644 1f910-1f915 1f917 1f920-1f925 1f927-1f92f 1f970-1f976 "
    "1f978-1f97a 1f9d0 1fae0-1fae5 1fae8",
    "food": "1f32d-1f330 1f336 1f33d 1f344-1f34e 1f350-1f373 1f375-1f37b 1f37e 1f37f 1f382 "
    "1f950-1f961 1f964-1f96f 1f9c0 1f9c1 1f9c3-1f9c9 1f9cb 1fad0-1fad5 1fad8 1fada 1fadb 2615",
    "hand": "1f446-1f448 1f44a-1f450 1f590 1f596 1f64c 1f64f 1f90c 1f90f 1f918 1f919 1f91b "
    "1f91d-1f91f 1f932 1faf0 1faf1 1faf3-1faf7 261d 270a-270c",
    "person": "1f3c3 1f3c4 1f3c7 1f3ca-1f3cc 1f46b 1f46e-1f470 1f472 1f477 1f478 1f481-1f483 "
    "1f486 1f487 1f574 1f575 1f57a 1f645-1f647 1f64b 1f64d 1f64e 1f6b4 1f6b6 1f926 1f930 1f931 "
    "1f934 1f935 1f937-1f93a 1f93c-1f93e 1f977 1f9b8 1f9b9 1f9cd 1f9ce 1f9d1 1f9d5 1f9d6 "
    "1f9d8-1f9df 1fac3-1fac5 26f7 26f9",
    "plant": "1f331-1f335 1f337-1f33c 1f33e-1f343 1f384 1f38b 1f38d 1f3f5 1f490 1f940 1fab4 1fab5 "
    "1fab7 1fabb 2618",
    "sport": "1f3af 1f3b1 1f3b3 1f3be-1f3c0 1f3c5 1f3c6 1f3c8 1f3c9 1f3cf-1f3d3 1f3f8 1f3f9 1f93f "
    "1f945 1f947 1f94a 1f94c-1f94f 1f6f7 1f6f9 1f6fc 1fa80 1fa81 1fa83 26bd 26be 26f8",
    "vehicle": "1f3cd 1f3ce 1f680-1f686 1f688-1f68e 1f690-1f69d 1f69f-1f6a2 1f6a4 1f6b2 1f6e5 "
    "1f6e9 1f6eb 1f6f0 1f6f3-1f6f6 1f6f8 1f6fa 1f6fb 26f4 26f5 2708",
}
ADULT = 0x1F9D1  # with what its work has; with hair alone it is a head
HEADS = {0x1F9B0, 0x1F9B1, 0x1F9B2, 0x1F9B3, 0x1F384}
DARKEST, JOINER, AS_PICTURE = 0x1F3FF, 0x200D, 0xFE0F
OTHER_TONES = {*range(0x1F3FB, DARKEST)}
NAME = re.compile(r"[0-9a-f]+(-[0-9a-f]+)*\.webp")


def points_of(text: str) -> list[int]:
    """Of "1f3aa 1f3d8-1f3db", each."""
    ends = [[int(end, 16) for end in one.split("-")] for one in text.split()]
    return [point for first, *last in ends for point in range(first, (last or [first])[0] + 1)]


CATEGORY_OF = {point: name for name, text in EMOJI.items() for point in points_of(text)}


def sort_emoji(names: Iterable[str]) -> dict[str, list[str]]:
    """Of names as "1f468-1f3ff-200d-1f33e.webp", those of each category, in order.

    Of a thing's skin tones one is taken: training and validation, which share no name, share no
    shape either.
    """
    found: dict[str, dict[tuple[int, ...], str]] = {category: {} for category in EMOJI}
    parsed = sorted((parse(name), name) for name in names if NAME.fullmatch(name))
    for points, name in sorted(parsed, key=lambda pair: DARKEST in pair[0]):
        shape = tuple(point for point in points if point != DARKEST)
        category = category_of(shape)
        if category is not None and (shape == points or sum(shape) % 2):  # half of them are dark
            found[category][shape] = name
    return {category: sorted(shapes.values()) for category, shapes in found.items()}


def category_of(shape: tuple[int, ...]) -> str | None:
    """Of a thing that stands alone, or of an adult at work."""
    first, *rest = shape
    if first == ADULT:
        works = rest[:1] == [JOINER] and HEADS.isdisjoint(rest) and OTHER_TONES.isdisjoint(rest)
        return CATEGORY_OF[first] if works else None
    return None if rest else CATEGORY_OF.get(first)


def parse(name: str) -> tuple[int, ...]:
    points = (int(point, 16) for point in name.partition(".")[0].split("-"))
    return tuple(point for point in points if point != AS_PICTURE)
