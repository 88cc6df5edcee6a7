"""Ways in which a file gets damaged, and the rounds of it that a test runs."""

import os
from collections.abc import Sequence

import numpy as np

#: of damaged files a test; the whole run is FUZZ_ROUNDS=100000
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "4000"))


def damaged(content: bytes, tokens: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """With one to three changes."""
    for _ in range(int(rng.integers(1, 4))):
        content = changed(content, tokens, rng)
    return content


def changed(content: bytes, tokens: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """Somewhere a bit flipped, a byte replaced, a span lost, doubled or swapped for a token."""
    start, length = int(rng.integers(len(content) + 1)), int(rng.integers(1, 40))
    before, after = content[:start], content[start + length :]
    span, token = content[start : start + length], tokens[rng.integers(len(tokens))]
    bit = bytes([span[0] ^ 1 << int(rng.integers(8))]) if span else b""
    byte = rng.bytes(1)
    return [
        before + bit + span[1:] + after,
        before + byte + span[1:] + after,
        before,
        before + after,
        before + span + span + after,
        before + token + after,
        before + token + span + after,
    ][rng.integers(7)]
