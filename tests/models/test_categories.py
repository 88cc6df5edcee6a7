"""The tables against facts that were written down elsewhere."""

import pytest

from models.categories import COCO, YOUTUBE_VIS_2019, YOUTUBE_VIS_2021, Category

# The numbers between 1 and 90 that no class of COCO has.
UNUSED = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
TABLES = {"coco": (COCO, 80), "2019": (YOUTUBE_VIS_2019, 40), "2021": (YOUTUBE_VIS_2021, 40)}


@pytest.mark.parametrize(("table", "count"), TABLES.values(), ids=TABLES)
def test_ids_ascend_and_names_differ(table: tuple[Category, ...], count: int):
    ids = [category.id for category in table]
    assert len({category.name for category in table}) == len(ids) == count
    assert ids == sorted(set(ids))
    assert ids[0] == 1


def test_coco_has_its_gaps():
    assert {category.id for category in COCO} == set(range(1, 91)) - UNUSED


@pytest.mark.parametrize(
    ("table", "category"),
    [
        (COCO, (44, "bottle")),
        (COCO, (62, "chair")),
        (COCO, (65, "bed")),
        (COCO, (82, "refrigerator")),
        (COCO, (90, "toothbrush")),
        (YOUTUBE_VIS_2019, (26, "owl")),
        (YOUTUBE_VIS_2019, (40, "tennis_racket")),
        (YOUTUBE_VIS_2021, (26, "person")),
        (YOUTUBE_VIS_2021, (40, "zebra")),
    ],
)
def test_known_pairs(table: tuple[Category, ...], category: tuple[int, str]):
    assert category in table


def test_five_classes_made_way_for_others():
    before, after = ({c.name for c in table} for table in (YOUTUBE_VIS_2019, YOUTUBE_VIS_2021))
    assert before - after == {"ape", "eagle", "hand", "owl", "sedan"}
    assert after - before == {"bird", "car", "flying_disc", "squirrel", "whale"}
