"""Damaged manifests: a bundle, or one documented error, and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from export.errors import BundleError
from export.manifest import MANIFEST_NAME, read_bundle
from tests.export.to_tnn.damage import ROUNDS, damaged

TOKENS = [b"null", b"-1", b"0", b"1e9", b"1e999", b'"n"', b'"0n"', b"{}", b"[]", b"true", b"../"]
TOKENS += [b"\\u0000", b"\\n", b"\\ud800", b"\xff", b'"', b",", b":", b"]", b"}", b'"": 1,']
TOKENS += [b"[" * 2000, b"9" * 400, b"\0", b"fp16", b'"tnn"', b"NaN", b"1.5", b"x" * 5000]


def test_a_damaged_manifest_raises_nothing_else(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch):
    """In memory: a disk takes longer than all the rest."""
    content, rng = (tiny_bundle / MANIFEST_NAME).read_bytes(), np.random.default_rng(0)
    files, refusals = {}, []
    monkeypatch.setattr(Path, "read_bytes", lambda path: files[path.name])
    for _ in range(ROUNDS):
        files[MANIFEST_NAME] = damaged(content, TOKENS, rng)
        try:
            read_bundle(tiny_bundle)
        except BundleError as error:
            refusals.append(str(error))
    assert 0.3 * ROUNDS < len(refusals) < ROUNDS
    assert all(str(tiny_bundle) in line and "\n" not in line for line in refusals)
