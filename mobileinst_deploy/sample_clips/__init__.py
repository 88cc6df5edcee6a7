"""A clip for the trained network that comes with the package: held-out cut-outs in motion.

Its licence stands in LICENSES.md, how it was made in making.py.
"""

from pathlib import Path

EMOJI_CLIP = Path(__file__).parent / "emoji.mp4"
