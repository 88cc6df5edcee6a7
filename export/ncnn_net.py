"""Runs an ncnn network through ncnn's wheel, on one thread. Needs no torch."""

import contextlib
import functools
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from export.errors import ConversionError
from export.manifest import Precision

Arrays = dict[str, NDArray[Any]]

HALF = ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic")
OFF: dict[str, bool] = {
    "use_vulkan_compute": False,
    "use_bf16_storage": False,
    "use_bf16_packed": False,
    **dict.fromkeys(HALF, False),
}
# Weights stored as float16 are another file, not another option: arithmetic stays float32.
OPTIONS: dict[Precision, dict[str, bool]] = {
    "fp32": OFF,
    "fp16-storage": OFF,
    "fp16": {**OFF, **dict.fromkeys(HALF, True)},
}


class NcnnNet:
    """A `.param` and its `.bin`, loaded. Raises ConversionError where ncnn refuses them."""

    def __init__(
        self, param: Path, weights: Path, precision: Precision = "fp32", *, keep: bool = False
    ) -> None:
        import ncnn

        self.mat = ncnn.Mat
        self.net = ncnn.Net()
        self.net.opt.num_threads = 1
        self.net.opt.lightmode = not keep  # False keeps blobs that were used up
        for option, value in OPTIONS[precision].items():
            setattr(self.net.opt, option, value)
        for load, path in ((self.net.load_param, param), (self.net.load_model, weights)):
            with stderr_of_libraries() as said:
                code = load(str(path))
            if code:
                raise ConversionError(f"ncnn can't load {path}: {said() or f'code {code}'}")

    def run(self, inputs: Mapping[str, NDArray[Any]], outputs: Sequence[str]) -> Arrays:
        """Blobs in and out by ncnn's names and without the batch axis, as ncnn has them.

        Raises ConversionError where ncnn fails.
        """
        extractor = self.net.create_extractor()
        with stderr_of_libraries() as said:
            for name, array in inputs.items():
                value = np.ascontiguousarray(array, np.float32)
                if extractor.input(name, self.mat(value).clone()):
                    raise ConversionError(f"ncnn takes no input {name!r}")
            results = {name: extractor.extract(name) for name in outputs}
        for name, (code, _) in results.items():
            if code:
                raise ConversionError(f"ncnn can't compute {name!r}: {said() or f'code {code}'}")
        return {name: np.array(mat) for name, (_, mat) in results.items()}


def supports_half_arithmetic() -> bool:
    """Whether ncnn computes in float16 on this CPU; elsewhere it silently takes float32."""
    import ncnn

    return bool(ncnn.cpu_support_arm_asimdhp())


@contextlib.contextmanager
def stderr_of_libraries() -> Iterator[Callable[[], str]]:
    """Catches what C code prints on stderr; yields a function that gives its first line."""
    file = scratch_file()
    file.seek(0)
    file.truncate()
    kept = os.dup(2)

    def said() -> str:
        file.seek(0)
        lines = file.read().decode(errors="replace").strip().splitlines()
        return lines[0] if lines else ""

    os.dup2(file.fileno(), 2)
    try:
        yield said
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@functools.cache
def scratch_file() -> IO[bytes]:
    """One for the process, since making one takes longer than a small graph."""
    return tempfile.TemporaryFile()
