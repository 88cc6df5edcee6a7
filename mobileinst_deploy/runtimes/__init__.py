"""The runtimes by name."""

from export.manifest import Bundle
from mobileinst_deploy.runtimes.artifacts import (
    NCNN,
    NCNN_HALF,
    NCNN_HALF_STORAGE,
    ONNXRUNTIME,
    ONNXRUNTIME_INT8,
    TNN_INTERPRETER,
    TNN_INTERPRETER_HALF_STORAGE,
)
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.runtimes.half_emulation import HALF_EMULATION
from mobileinst_deploy.runtimes.native import NCNN_RUNNERS
from mobileinst_deploy.runtimes.pytorch import TORCH
from mobileinst_deploy.runtimes.tnn import TNN, TNN_HALF_STORAGE

RUNTIMES: dict[str, Runtime] = {
    runtime.name: runtime
    for runtime in (
        TORCH,
        ONNXRUNTIME,
        ONNXRUNTIME_INT8,
        NCNN,
        NCNN_HALF_STORAGE,
        NCNN_HALF,
        *NCNN_RUNNERS,
        HALF_EMULATION,
        TNN_INTERPRETER,
        TNN_INTERPRETER_HALF_STORAGE,
        TNN,
        TNN_HALF_STORAGE,
    )
}


def usable(bundle: Bundle) -> tuple[tuple[Runtime, ...], dict[str, str]]:
    """The runtimes that the bundle has files for, and why others of them can't be used here.

    Without the native runner, which computes what ncnn's wheel does: whoever wants it names it.
    """
    formats = [r for r in RUNTIMES.values() if r.format is not None and not r.native]
    wanted = [runtime for runtime in formats if runtime.has_files(bundle)]
    reasons = {runtime.name: reason for runtime in wanted if (reason := runtime.lacks())}
    return tuple(runtime for runtime in wanted if runtime.name not in reasons), reasons
