"""The scene that docs/synthetic.md composes."""

import re
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).parents[3] / "docs" / "synthetic.md"


def test_the_documents_scene_is_what_it_says():
    found = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1], names)
    clip = names["clip"]
    assert clip.categories == ("star", "disc", "heart", "gear")
    seen = ["".join("01"[mask is not None] for mask in track) for track in clip.masks]
    assert seen == ["111101111", "011111110", "111000111", "111000111"]
    assert clip.visibility[0][0] == 1
    assert clip.visibility[0][4] == 0
