"""One thread for the tests of the networks."""

from collections.abc import Iterator

import pytest

from export.threads import one_thread


@pytest.fixture(scope="package", autouse=True)
def single_thread() -> Iterator[None]:
    """Two threads wait for each other on a busy machine."""
    with one_thread():
        yield
