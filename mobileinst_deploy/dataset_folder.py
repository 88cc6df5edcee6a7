"""Folders of data sets of ours, for `export.staging`: they appear whole or not at all."""

import json
from pathlib import Path

from export.staging import Kind
from models.synthetic.dataset import CARD

GENERATOR = "mobileinst synthesise"  # marks a card of ours


def is_dataset(path: Path) -> bool:
    """Whether it has a card of ours."""
    try:
        found = json.loads((path / CARD).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("generator") == GENERATOR


DATA_SET = Kind("data set", "is no data set of this command", is_dataset)
