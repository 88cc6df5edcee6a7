import os

import pytest


@pytest.fixture(scope="session")
def host() -> tuple[str, ...]:
    return (os.environ["HOST_RUNNER"],)
