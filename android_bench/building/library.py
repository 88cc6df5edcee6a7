"""ncnn as a static library for a target, kept apart from our own program."""

from pathlib import Path

from android_bench.building.cache import RESULT, becoming, key_of, locked
from android_bench.building.compile import Compilation, Progress
from android_bench.building.layers import ncnn_options
from android_bench.building.sdist import NCNN_VERSION, SDIST_SHA256, fetch_sdist, unpack
from android_bench.building.targets import Target
from android_bench.building.toolchain import Toolchain


def library_key(target: Target, toolchain: Toolchain) -> str:
    return key_of((SDIST_SHA256, *ncnn_options(target), *toolchain.key))


def ncnn_library(target: Target, toolchain: Toolchain, root: Path, progress: Progress) -> Path:
    """The folder with its headers and CMake package, built where the cache has none.

    Raises BenchError.
    """
    series, key = f"ncnn-{target.name}", library_key(target, toolchain)
    folder = root / f"{series}-{key}"
    with locked(root, series):
        if not folder.is_dir():
            with locked(root, "sdist"):
                archive = fetch_sdist(root)
            with becoming(root, series, key) as work:
                log = root / f"{series}.log"
                compile_ncnn(archive, work, log, target, toolchain, progress)
    return folder


def compile_ncnn(
    archive: Path, work: Path, log: Path, target: Target, toolchain: Toolchain, progress: Progress
) -> None:
    options = (
        *ncnn_options(target),
        f"-DNCNN_VERSION={NCNN_VERSION.rpartition('.')[2]}",
        f"-DCMAKE_INSTALL_PREFIX={work / RESULT}",
        "-DCMAKE_INSTALL_LIBDIR=lib",
    )
    ncnn = Compilation(
        f"ncnn for {target.name}", unpack(archive, work), work / "build", log, toolchain, options
    )
    ncnn.configure(progress)
    ncnn.require(target.needed)
    ncnn.build(progress, "install")
