"""Files that appear whole or not at all."""

import os
from pathlib import Path


def replace_file(path: Path, content: bytes, mode: int | None = None) -> None:
    """Writes the content in the place of what is there. Raises OSError, and leaves nothing then.

    With a mode, as chmod takes it, for a file that is to be run.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        if mode is not None:
            partial.chmod(mode)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
