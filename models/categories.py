"""The classes of the data sets that these networks are trained on, in the order of the logits."""

from collections.abc import Mapping
from typing import NamedTuple


class Category(NamedTuple):
    id: int  # in the data set's files, from 1
    name: str


def numbered(blocks: Mapping[int, str]) -> tuple[Category, ...]:
    """From names with commas between, which count on from the number before them.

    >>> numbered({1: "person, bicycle", 13: "stop sign"})[-1]
    Category(id=13, name='stop sign')
    """
    return tuple(
        Category(number, name)
        for first, names in blocks.items()
        for number, name in enumerate(names.split(", "), first)
    )


# Source: instances_val2017.json. Eleven of the 91 numbers were given up before the release.
COCO = numbered(
    {
        1: "person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, "
        "fire hydrant",
        13: "stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, "
        "zebra, giraffe",
        27: "backpack, umbrella",
        31: "handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, "
        "baseball glove, skateboard, surfboard, tennis racket, bottle",
        46: "wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, "
        "broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed",
        67: "dining table",
        70: "toilet",
        72: "tv, laptop, mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, "
        "refrigerator",
        84: "book, clock, vase, scissors, teddy bear, hair drier, toothbrush",
    }
)

# Source: YouTube-VIS 2019, train.json; Mask2Former's ytvis.py has the same.
YOUTUBE_VIS_2019 = numbered(
    {
        1: "person, giant_panda, lizard, parrot, skateboard, sedan, ape, dog, snake, monkey, hand, "
        "rabbit, duck, cat, cow, fish, train, horse, turtle, bear, motorbike, giraffe, leopard, "
        "fox, deer, owl, surfboard, airplane, truck, zebra, tiger, elephant, snowboard, boat, "
        "shark, mouse, frog, eagle, earless_seal, tennis_racket"
    }
)

# Source: YouTube-VIS 2021, train/instances.json; Mask2Former's ytvis.py has the same.
YOUTUBE_VIS_2021 = numbered(
    {
        1: "airplane, bear, bird, boat, car, cat, cow, deer, dog, duck, earless_seal, elephant, "
        "fish, flying_disc, fox, frog, giant_panda, giraffe, horse, leopard, lizard, monkey, "
        "motorbike, mouse, parrot, person, rabbit, shark, skateboard, snake, snowboard, squirrel, "
        "surfboard, tennis_racket, tiger, train, truck, turtle, whale, zebra"
    }
)
