"""Files that look like a TNN: an empty archive, and headers."""

from pathlib import Path

from mobileinst_deploy.runtimes.tnn.library import HEADER

STUB = Path(__file__).with_name("tnn_stub.h")
HEADERS = (
    *("core/blob.h", "core/common.h", "core/instance.h", "core/mat.h", "core/status.h"),
    *("core/tnn.h", "utils/blob_converter.h"),
)


def place_library(path: Path) -> Path:
    """An archive without members, which linkers take; its folder where there is no ending."""
    path = path if path.suffix else path / "libTNN.a"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"!<arch>\n")
    return path


def place_headers(include: Path) -> Path:
    (include / HEADER).parent.mkdir(parents=True)
    (include / HEADER).write_text("")
    return include


def place_stub(include: Path) -> Path:
    """Headers that compile, and do what `tnn_stub.h` says."""
    for name in HEADERS:
        header = include / "tnn" / name
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text(f'#include "{STUB}"\n')
    return include
