"""ncnn's source, from the package index that pip is set up with, checked and kept."""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from android_bench.building.cache import file_digest
from android_bench.errors import BenchError

NCNN_VERSION = "1.0.20261020"
SDIST = f"ncnn-{NCNN_VERSION}.tar.gz"
SDIST_SHA256 = "ad8cdd63e9755cfa8e23b9b6d9ce46156077d80298a89e7c3ba325ffccfca200"
DOWNLOAD_S = 900.0
# Its setup.py takes today's date for its version, and pip refuses what does not fit the name.
FIXED_DATE = f"""import time
real = time.strftime
time.strftime = lambda form, *rest: {NCNN_VERSION[4:]!r} if form == "%Y%m%d" else real(form, *rest)
"""


def fetch_sdist(folder: Path) -> Path:
    """The archive in that folder, downloaded where it is not there yet. Raises BenchError."""
    archive = folder / SDIST
    if not archive.is_file() or file_digest(archive) != SDIST_SHA256:
        with tempfile.TemporaryDirectory(dir=folder, prefix="download-") as scratch:
            found = download(Path(scratch), archive)
            check_sdist(found)
            found.replace(archive)
    return archive


def download(scratch: Path, wanted: Path) -> Path:
    (scratch / "sitecustomize.py").write_text(FIXED_DATE)
    command = (
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--no-binary", "ncnn", "--no-build-isolation", "--dest", str(scratch)),
        f"ncnn=={NCNN_VERSION}",
    )
    environment = {**os.environ, "PYTHONPATH": str(scratch)}
    try:
        pip = subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace",
            timeout=DOWNLOAD_S, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"no {SDIST} from pip within {DOWNLOAD_S:g} s") from error
    if not (scratch / SDIST).is_file():
        raise BenchError(
            f"can't get ncnn's source by 'pip download': {pip_reason(pip.stderr)}; or put {SDIST} "
            f"where it belongs yourself: {wanted}"
        )
    return scratch / SDIST


def pip_reason(said: str) -> str:
    """The last error of pip's; the last line where none is called so."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["pip said nothing"])[-1]


def check_sdist(archive: Path) -> None:
    """Raises BenchError where its bytes are not the expected ones."""
    found = file_digest(archive)
    if found != SDIST_SHA256:
        raise BenchError(
            f"{archive.name} has sha256 {found}, expected {SDIST_SHA256}: the package index gave "
            "another file; nothing of it was used"
        )


def unpack(archive: Path, folder: Path) -> Path:
    """The folder with ncnn's CMakeLists.txt."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / SDIST.removesuffix(".tar.gz")
