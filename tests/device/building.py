"""Builds the played phone's programs: packages, source, adbd. `tests/device/prepare` runs it."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.device import commands, sources
from tests.device.cache import Programs, cache, programs, reason_file

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ORIGIN = "Origin: Debian"
LOCK_WAIT_S = 300  # for another apt-get


def main() -> int:
    try:
        cache().mkdir(parents=True, exist_ok=True)
        with alone():
            prepare()
            reason_file().unlink(missing_ok=True)
    except (LookupError, OSError, subprocess.CalledProcessError) as error:
        why = f"Google's adbd can't be built here: {reason(error)}"
        print(why, file=sys.stderr)
        with suppress(OSError):
            reason_file().write_text(f"{why}\n")
        return 1
    return 0


def prepare() -> None:
    """Brings what is missing. The cache may be kept where the system's packages are not."""
    if shutil.which("apt-get") is None:
        raise LookupError("it needs Debian's packages, and there is no apt-get")
    install_packages()
    if not (programs().stamp.exists() and programs().stamp.read_text() == wanted()):
        build()


def reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        said = (error.stderr or "").strip().splitlines()
        return f"{error.cmd[0]} failed: {said[-1] if said else error.returncode}"
    return str(error)


@contextmanager
def alone() -> Iterator[None]:
    """One at a time, however many test runs begin at once."""
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wanted() -> str:
    """What the programs are built from. The distribution's release stands for its packages."""
    release = platform.freedesktop_os_release().get("VERSION_ID", "")
    texts = (Path(module.__file__ or "").read_text() for module in (sources, commands))
    return hashlib.sha256("\0".join((release, *texts)).encode()).hexdigest() + "\n"


def build() -> None:
    print("Building the phone that the tests talk to (some two minutes)", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=cache(), prefix="building-") as name:
        scratch = Path(name)
        made = Programs(scratch / "phone")
        made.folder.mkdir()
        compile_adbd(unpacked(scratch), scratch, made.adbd)
        commands.write_commands(made.bin)
        made.stamp.write_text(wanted())
        shutil.rmtree(programs().folder, ignore_errors=True)
        made.folder.rename(programs().folder)


def run(*command: str | Path, folder: Path | None = None) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    ran = subprocess.run(
        command, cwd=folder, check=True, env=environment, capture_output=True, text=True
    )
    return ran.stdout


def install_packages() -> None:
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *sources.PACKAGES]
    known = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    missing = [name for name in sources.PACKAGES if f"{name} installed" not in known.split("\n")]
    if not missing:
        return
    if os.geteuid() != 0:
        raise LookupError(f"not root, and these packages are missing: {' '.join(missing)}")
    apt = ("apt-get", "-qq", "-o", f"DPkg::Lock::Timeout={LOCK_WAIT_S}")
    run(*apt, "update")
    run(*apt, "install", "-y", "--no-install-recommends", "--no-upgrade", *missing)


def unpacked(scratch: Path) -> Path:
    """The source package with our edits, from the servers that the system's packages are from."""
    apt = ("apt-get", "-qq", *own_lists(scratch))
    run(*apt, "update", folder=scratch)
    run(*apt, "source", "--download-only", sources.SOURCE_PACKAGE, folder=scratch)
    described = next(scratch.glob(f"{sources.SOURCE_PACKAGE}_*.dsc"))
    if f"_{sources.UPSTREAM}-" not in described.name:
        raise LookupError(f"it needs Debian 12's {sources.UPSTREAM}, and this is {described.name}")
    tree = scratch / "tree"
    run("dpkg-source", "--no-check", "--extract", described, tree)  # apt has checked it
    for edit in sources.EDITS:
        edit.apply(tree)
    return tree


def own_lists(scratch: Path) -> list[str]:
    """Options by which apt-get reads source packages, though the system may list none."""
    line = f"deb-src [signed-by={KEYRING}] $(REPO_URI) $(RELEASE) $(COMPONENT)"
    listing = ("apt-get", "indextargets", "--format", line, "Created-By: Packages", ORIGIN)
    listed = run(*listing)
    if not listed:  # the system's own lists have been removed, as images do
        run("apt-get", "-qq", "update")
        listed = run(*listing)
    (scratch / "sources.list").write_text(listed)
    for folder in ("lists/partial", "cache/archives/partial"):
        (scratch / folder).mkdir(parents=True)
    places = {
        "Dir::Etc::SourceList": scratch / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": scratch / "lists",
        "Dir::Cache": scratch / "cache",
        "APT::Sandbox::User": "root",
    }
    return [word for name, place in places.items() for word in ("-o", f"{name}={place}")]


def compile_adbd(tree: Path, scratch: Path, target: Path) -> None:
    prelude = scratch / "prelude.h"
    prelude.write_text(sources.PRELUDE)
    objects = scratch / "objects"
    objects.mkdir()

    def compiled(number: int, name: str) -> Path:
        target = objects / f"{number}.o"
        run(*compilers[Path(name).suffix], *common, "-c", name, "-o", target, folder=tree)
        return target

    compilers = {".c": sources.C, ".cpp": (*sources.CPP, "-include", str(prelude))}
    common = [*(f"-I{folder}" for folder in sources.INCLUDES)]
    common += [f"-D{name}={value}" for name, value in sources.DEFINES.items()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(compiled, range(len(sources.FILES)), sources.FILES))
    libraries = f"/usr/lib/{run('gcc', '-print-multiarch').strip()}/android"
    link = (f"-L{libraries}", f"-Wl,-rpath={libraries}", *(f"-l{x}" for x in sources.LIBRARIES))
    run("g++", "-s", "-o", target, *made, *link)


if __name__ == "__main__":
    sys.exit(main())
