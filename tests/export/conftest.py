"""Bundles that cost nothing, for tests that damage them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from export.threads import one_thread
from tests.export.tiny import write_tiny_bundle


@pytest.fixture(scope="package", autouse=True)
def single_thread() -> Iterator[None]:
    """As in export itself; two threads wait for each other on a busy machine."""
    with one_thread():
        yield


@pytest.fixture
def tiny_bundle(tmp_path: Path) -> Path:
    """Passes every check of the contract."""
    return write_tiny_bundle(tmp_path / "tiny")
