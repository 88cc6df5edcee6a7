"""Which data set's layout a json has."""

from typing import Literal

import msgspec

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.documents import decode_document

Layout = Literal["youtube-vis", "coco"]


class Keys(msgspec.Struct):
    """What tells them apart; nothing is decoded."""

    videos: msgspec.Raw = msgspec.Raw()
    images: msgspec.Raw = msgspec.Raw()


def find_layout(encoded: bytes, source: str) -> Layout:
    """Of ground truth; `source` is what messages call it. Raises InputError where it has none."""
    keys = decode_document(encoded, Keys, f"{source} is no ground truth")
    if bytes(keys.videos):
        return "youtube-vis"
    if bytes(keys.images):
        return "coco"
    raise InputError(
        f'{source} is no ground truth: expected "videos", as YouTube-VIS has them, or "images", as '
        "COCO has them"
    )
