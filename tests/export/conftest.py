"""Bundles that cost nothing, for tests that damage them."""

from pathlib import Path

import pytest

from tests.export.tiny import write_tiny_bundle


@pytest.fixture
def tiny_bundle(tmp_path: Path) -> Path:
    return write_tiny_bundle(tmp_path / "tiny")
