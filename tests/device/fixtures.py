"""Fixtures with a played phone. They skip, with the reason, where there is none."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.device.adbd import played_phone
from tests.device.cache import why_not
from tests.device.phone import Phone
from tests.device.witness import make_key

PhoneWith = Callable[..., Phone]


@pytest.fixture(scope="session")
def phone_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The private key of a host, with the public one beside it."""
    if reason := why_not():
        pytest.skip(reason)
    return make_key(tmp_path_factory.mktemp("keys") / "adbkey")


@pytest.fixture
def phone_with(phone_keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneWith]:
    """Starts phones with the options of `played_phone`; they end with the test."""
    with ExitStack() as phones:

        def start(**options: Any) -> Phone:
            folder = tmp_path_factory.mktemp("phone")
            return phones.enter_context(played_phone(folder, phone_keys, **options))

        yield start


@pytest.fixture
def phone(phone_with: PhoneWith) -> Phone:
    """A phone of this test alone: nothing in its storage, nothing running."""
    return phone_with()


@pytest.fixture(scope="module")
def lasting_phone(phone_keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    """One for all tests of a module, which have to leave it as it was."""
    with played_phone(tmp_path_factory.mktemp("phone"), phone_keys) as phone:
        yield phone


@pytest.fixture
def unauthorised(phone_with: PhoneWith) -> Phone:
    """A phone whose owner has not accepted the host's key."""
    return phone_with(authorised=False)
