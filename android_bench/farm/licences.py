"""The licences of what is linked into the runner: they have to go where it goes."""

import tarfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from android_bench.building import Runner
from android_bench.building.cache import builds_folder
from android_bench.building.sdist import SDIST, fetch_sdist

RULE = "=" * 78
# In zig's package, what its targets link: the C library, libc++ and what unwinds the stack.
ZIG = {
    "aarch64-android": ("libc/musl/COPYRIGHT",),
    "x86_64-linux": ("libc/glibc/LICENSES",),
}
ZIG_ALWAYS = ("libcxx/LICENSE.TXT", "libcxxabi/LICENSE.TXT", "libunwind/LICENSE.TXT")
APACHE = "Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0"


def licences(runner: Runner) -> str:
    """One text. Raises BenchError where ncnn's source can't be had."""
    parts = {"mobileinst-deploy": own_licence(), "ncnn": ncnn_licence()}
    if runner.toolchain.startswith("zig"):
        parts |= dict(zig_licences(runner.target))
    return "\n".join(f"{RULE}\n{name}\n{RULE}\n\n{text.strip()}\n" for name, text in parts.items())


def own_licence() -> str:
    """As it was installed with the package; else where it is to be found."""
    listed = distribution("mobileinst-deploy").files or ()
    found = (Path(str(file.locate())) for file in listed if file.name == "LICENSE")
    return next((path.read_text() for path in found if path.is_file()), APACHE)


def ncnn_licence() -> str:
    root = builds_folder()
    root.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fetch_sdist(root)) as archive:
        member = archive.extractfile(f"{SDIST.removesuffix('.tar.gz')}/LICENSE.txt")
        assert member is not None  # the archive's hash is pinned
        return member.read().decode()


def zig_licences(target: str) -> Iterator[tuple[str, str]]:
    """Those that are there; none where the package has gone since the runner was built."""
    try:
        package = Path(str(distribution("ziglang").locate_file("ziglang/lib")))
    except PackageNotFoundError:
        return
    for name in (*ZIG[target], *ZIG_ALWAYS):
        if (path := package / name).is_file():
            yield name.partition("/")[0], path.read_text()
