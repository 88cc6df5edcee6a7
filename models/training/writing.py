"""Files of a run that appear whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from models.errors import TrainingError


@contextmanager
def becoming(path: Path) -> Iterator[Path]:
    """A name beside it for a file or a folder, which takes its place if all goes well.

    Raises TrainingError where that can't be written, and leaves nothing then.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        remove(part)
        yield part
        os.replace(part, path)
    except (OSError, SafetensorError) as error:
        raise TrainingError(
            f"can't write {path}: {error}; make room there, or choose another folder"
        ) from error
    finally:
        remove(part)


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
