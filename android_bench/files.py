"""Files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def becoming(path: Path) -> Iterator[Path]:
    """A file beside it to write, which takes its place if all goes well; else nothing is left."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes, mode: int | None = None) -> None:
    """Writes the content in the place of what is there. Raises OSError, and leaves nothing then.

    With a mode, as chmod takes it, for a file that is to be run.
    """
    with becoming(path) as partial:
        partial.write_bytes(content)
        if mode is not None:
            partial.chmod(mode)
