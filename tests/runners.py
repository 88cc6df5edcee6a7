"""The runner as users build it, for tests that run it: built once, then from the cache."""

import shutil
from collections.abc import Iterator

import pytest

from android_bench.building import Runner, build_runner, host_target
from android_bench.building.cache import BUILDS_VARIABLE, builds_folder
from android_bench.building.packages import PROGRAMS, find_program
from android_bench.errors import BenchError

EMULATOR = "qemu-aarch64-static"


@pytest.fixture(scope="session", autouse=True)
def one_builds_folder() -> Iterator[None]:
    """Also for tests that play another user by XDG_CACHE_HOME: a build takes minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(BUILDS_VARIABLE, str(builds_folder()))
        yield


def runner_for(target: str) -> Runner:
    """Skips where the toolchain is not installed; a build that fails is a failure."""
    try:
        for package in PROGRAMS:
            find_program(package)
    except BenchError as error:
        pytest.skip(str(error))
    return build_runner(target)


@pytest.fixture(scope="session")
def arm_runner() -> Runner:
    """For Android; run it by `emulator`."""
    return runner_for("aarch64-android")


@pytest.fixture(scope="session")
def host_runner() -> Runner:
    """For this machine."""
    target = host_target()
    if target is None:
        pytest.skip("the runner has no target for this machine")
    return runner_for(target)


@pytest.fixture(scope="session")
def emulator() -> str:
    """Runs aarch64 programs."""
    found = shutil.which(EMULATOR)
    if found is None:
        pytest.skip(f"{EMULATOR} is not installed (Debian: qemu-user-static)")
    return found
