"""Four photographs for the export's golden frames and for parity where no video is given.

Their authors and licences stand in LICENSES.md.
"""

from importlib.resources import files
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from models.frames import Frame
from models.preprocessing import Preprocessing, preprocess


def sample_frames() -> list[Frame]:
    """The photographs by file name, each as frame 0 of itself, [h, w, 3] uint8 RGB."""
    photographs = [file for file in files(__name__).iterdir() if file.name.endswith(".jpg")]
    return [
        Frame(0, decode(photograph.read_bytes()), photograph.name)
        for photograph in sorted(photographs, key=lambda file: file.name)
    ]


def decode(encoded: bytes) -> NDArray[np.uint8]:
    bgr = cast(NDArray[np.uint8], cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR))
    return cast(NDArray[np.uint8], cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))


def photograph(height: int, width: int) -> NDArray[np.float32]:
    """One of them as a network's input, [1, 3, height, width], about -2.2 to 2.7."""
    return preprocess(sample_frames()[0].picture, Preprocessing(height, width, "stretch"))
