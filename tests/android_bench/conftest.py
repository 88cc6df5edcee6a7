"""What is run on a phone that is a folder."""

from pathlib import Path

import pytest

from tests.android_bench.local_phone import RUNNER, LocalPhone, android_tools


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder, for locks and the host's token."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mobileinst-deploy"


@pytest.fixture
def local_phone(tmp_path: Path) -> LocalPhone:
    return LocalPhone(tmp_path / "phone")


@pytest.fixture(params=["posix", "android"])
def any_phone(local_phone: LocalPhone, request: pytest.FixtureRequest) -> LocalPhone:
    """With this machine's shell and tools, and with Android's."""
    if request.param == "android":
        android_tools(local_phone.tools)
    return local_phone


@pytest.fixture
def fake_runner(tmp_path: Path) -> Path:
    path = tmp_path / "runner"
    path.write_text(RUNNER)
    return path
