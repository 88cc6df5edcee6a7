"""Imports fvcore, which calls the deprecated torch.jit.script then; warnings are errors here."""

import warnings
from collections.abc import Iterator

import pytest

from export.threads import one_thread

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import fvcore.nn  # noqa: F401


@pytest.fixture(scope="package", autouse=True)
def single_thread() -> Iterator[None]:
    """Two threads wait for each other on a busy machine."""
    with one_thread():
        yield
