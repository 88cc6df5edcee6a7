"""The smallest job: one ReLU, whose output is known without running anything.

Its text is written here, letter by letter, so that it can be wrong.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PARAM = "7767517\n2 2\nInput in0 0 1 in0\nReLU relu 1 1 in0 out0\n"
SHAPE = (2, 3, 5)
FIRST = "mobileinst-job\t1"


def values() -> NDArray[np.float32]:
    """Channels of 15 values, which ncnn pads to 16."""
    return np.linspace(-1, 1, 30, dtype="<f4").reshape(SHAPE)


def file_line(path: Path, name: str | None = None) -> str:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return "\t".join(("file", digest, str(len(content)), name or path.name))


def job_lines(folder: Path, keys: Sequence[str] = ("tiny",)) -> list[str]:
    """Without the first. The files that they name are in the folder."""
    shape = ",".join(map(str, SHAPE))
    lines = [f"bundle\tthe tiny one\t{'0' * 64}"]
    lines += [file_line(folder / name) for name in ("net.param", "net.bin", "in.f32")]
    for key in keys:
        lines.append(f"graph\t{key}\trelu\tfp32\tnet.param\tnet.bin")
        lines.append(f"input\t{key}\tin0\timage\t{shape}\tin.f32")
        lines.append(f"output\t{key}\tout0\tmasks")
    return lines


def write_files(folder: Path, image: NDArray[np.float32] | None = None, param: str = PARAM) -> None:
    (folder / "net.param").write_text(param)
    (folder / "net.bin").write_bytes(b"")
    (folder / "in.f32").write_bytes((values() if image is None else image).tobytes())


def write_job(folder: Path, lines: Sequence[str]) -> Path:
    path = folder / "job.txt"
    path.write_text("".join(f"{line}\n" for line in (FIRST, *lines)))
    return path


def tiny_job(folder: Path, keys: Sequence[str] = ("tiny",), *more: str) -> Path:
    write_files(folder)
    return write_job(folder, [*job_lines(folder, keys), *more])
