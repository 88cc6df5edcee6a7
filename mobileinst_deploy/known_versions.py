"""Which packages the commands need, which versions were tested, and what is known to clash."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mobileinst_deploy.environment import Environment, build, is_below_need, numbers


@dataclass(frozen=True)
class Package:
    minimum: str  # as in pyproject.toml
    tested: str
    substitutes: tuple[str, ...] = ()  # other distributions of the same import name


PACKAGES: dict[str, Package] = {
    "click": Package("8.1", "8.5.1"),
    "msgspec": Package("0.20", "0.22.0"),
    "numpy": Package("2.0", "2.4.6"),
    "onnx": Package("1.18", "1.23.2"),
    "onnxruntime": Package("1.22", "1.31.1"),
    "opencv-python": Package("4.10", "5.0.0.93", ("opencv-python-headless",)),
    "rich": Package("13", "15.0.0"),
    "safetensors": Package("0.5", "0.8.0"),
    "adb-shell": Package("0.4.4", "0.4.4"),
    "torch": Package("2.9", "2.13.0"),
    "onnxscript": Package("0.5", "0.7.2"),
    "onnxsim": Package("0.8", "0.8.1"),
    "onnx-ir": Package("0.1", "1.1.0"),
    "fvcore": Package("0.1.5", "0.1.5.post20221221"),
    "pnnx": Package("20261020", "20261020"),
    "ncnn": Package("1.0.20261020", "1.0.20261020"),
    "scipy": Package("1.14", "1.17.1"),
    "pycocotools": Package("2.0.8", "2.0.11"),
    "matplotlib": Package("3.9", "3.11.2"),
    "jinja2": Package("3.1", "3.1.6"),
    "ziglang": Package("0.17.1", "0.17.1"),
    "cmake": Package("4.4.5", "4.4.5"),
    "ninja": Package("1.13.2", "1.13.2"),
    "setuptools": Package("77", "84.2.1"),
}

_BUNDLE = ("click", "msgspec", "numpy", "opencv-python", "safetensors")
COMMANDS: dict[str, tuple[str, ...]] = {
    "models": (*_BUNDLE, "torch", "fvcore"),
    "export": (
        *_BUNDLE,
        *("torch", "onnx", "onnxscript", "onnx-ir", "onnxsim", "onnxruntime", "pnnx", "ncnn"),
    ),
    "convert": (*_BUNDLE, "torch", "onnx", "onnx-ir", "onnxsim", "onnxruntime", "pnnx", "ncnn"),
    "inspect": (*_BUNDLE, "onnx"),
    "parity": (*_BUNDLE, "torch", "onnx", "onnxruntime"),
    "ranges": (*_BUNDLE, "torch", "onnx", "onnxruntime"),
    "runner": ("click", "msgspec", "rich", "ziglang", "cmake", "ninja", "setuptools"),
    "bench": (*_BUNDLE, "onnxruntime", "rich"),
    "bundle": (*_BUNDLE, "rich"),
    "summarise": ("click", "msgspec", "numpy", "rich"),
    "compare": ("click", "msgspec", "numpy", "rich"),
    "preview": (*_BUNDLE, "onnxruntime"),
    "track": (*_BUNDLE, "onnxruntime", "scipy", "pycocotools", "rich"),
    "curve": (*_BUNDLE, "onnxruntime", "rich", "scipy", "pycocotools", "matplotlib"),
    "eval": (*_BUNDLE, "onnxruntime", "rich", "scipy", "pycocotools"),
    "report": (*_BUNDLE, "rich", "jinja2", "scipy", "pycocotools"),
    "train": (*_BUNDLE, "torch", "scipy", "pycocotools", "rich"),
    "synthesise": (*_BUNDLE, "rich"),
    "devices": ("click", "msgspec", "rich", "adb-shell"),
    "doctor": ("click",),
}

OPENCVS = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
WATCHED = tuple(
    dict.fromkeys((*PACKAGES, *OPENCVS, "protobuf", "torchvision", "timm", "ultralytics"))
)

Severity = Literal["problem", "note"]


@dataclass(frozen=True)
class Fact:
    """A combination that is known to break or to be risky, and what to do about it."""

    severity: Severity
    applies: Callable[[Environment], bool]
    advice: str


def has_old_protobuf(environment: Environment) -> bool:
    return is_below_need(environment, "onnx", "protobuf")


def has_two_opencvs(environment: Environment) -> bool:
    return sum(name in environment.versions for name in OPENCVS) > 1


def lacks_libgl(environment: Environment) -> bool:
    return "libGL" in (environment.cv2_error or "")


def has_broken_opencv(environment: Environment) -> bool:
    return environment.cv2_error is not None and not lacks_libgl(environment)


def has_other_torchvision(environment: Environment) -> bool:
    """torchvision is of another build than torch (cpu, cu130), or wants a newer one."""
    torch, vision = (environment.versions.get(name) for name in ("torch", "torchvision"))
    if torch is None or vision is None:
        return False
    return build(torch) != build(vision) or is_below_need(environment, "torchvision", "torch")


def has_torch_mover(environment: Environment) -> bool:
    return not environment.versions.keys().isdisjoint(("torchvision", "timm", "ultralytics"))


def has_other_torch(environment: Environment) -> bool:
    torch = environment.versions.get("torch")
    return torch is not None and numbers(torch) != numbers(PACKAGES["torch"].tested)


def has_other_adb_shell(environment: Environment) -> bool:
    installed = environment.versions.get("adb-shell")
    return installed is not None and numbers(installed) != numbers(PACKAGES["adb-shell"].tested)


KNOWN: tuple[Fact, ...] = (
    Fact(
        "problem",
        has_old_protobuf,
        "protobuf is older than onnx needs; another package holds it back: keep that package in "
        "an environment of its own",
    ),
    Fact(
        "problem",
        has_two_opencvs,
        "several OpenCV packages share the folder cv2 and overwrite each other: uninstall them "
        "all, then install one",
    ),
    Fact(
        "problem",
        lacks_libgl,
        "OpenCV needs the system library libGL: install opencv-python-headless in place of "
        "opencv-python, or the system package libgl1",
    ),
    Fact(
        "problem",
        has_broken_opencv,
        "OpenCV is installed but 'import cv2' fails: {0.cv2_error}",
    ),
    Fact(
        "problem",
        has_other_torchvision,
        "torchvision does not fit this torch: it is of another build (CPU, CUDA) or wants a newer "
        "one; nothing here needs torchvision: uninstall it",
    ),
    Fact(
        "note",
        has_torch_mover,
        "torchvision, which timm and ultralytics bring, may replace torch when it is installed or "
        "updated: an environment of its own is safer",
    ),
    Fact(
        "note",
        has_other_torch,
        f"torch is not {PACKAGES['torch'].tested}, the version tested: the nodes of an exported "
        "graph may differ, and 'mobileinst parity' tells whether it still agrees",
    ),
    Fact(
        "problem",
        has_other_adb_shell,
        f"adb-shell is not {PACKAGES['adb-shell'].tested}, and phones are spoken to by methods "
        "that it keeps for itself: install that version",
    ),
)
