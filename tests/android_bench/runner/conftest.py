"""The runner that users build, for this machine and for a phone's emulated CPU."""

from pathlib import Path

import pytest

from android_bench.building import Runner
from export.manifest import open_bundle
from export.ncnn_net import Arrays
from tests.android_bench.runner.bundled import BundledJob, bundled_job, wheel_outputs
from tests.android_bench.runner.program import Command


@pytest.fixture(scope="session")
def host(host_runner: Runner) -> Command:
    return (str(host_runner.path),)


@pytest.fixture(scope="session")
def arm(arm_runner: Runner, emulator: str) -> Command:
    """With everything that qemu can emulate, float16 arithmetic among it."""
    return (emulator, "-cpu", "max", str(arm_runner.path))


@pytest.fixture(scope="session")
def old_arm(arm_runner: Runner, emulator: str) -> Command:
    """ARMv8.0, which has no float16 arithmetic."""
    return (emulator, "-cpu", "cortex-a57", str(arm_runner.path))


@pytest.fixture(scope="session")
def bundled(phone_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> BundledJob:
    return bundled_job(open_bundle(phone_bundle), tmp_path_factory.mktemp("bundled"))


@pytest.fixture(scope="session")
def expected(bundled: BundledJob) -> dict[str, Arrays]:
    """What the wheel makes of the job, by key."""
    return {graph.key: wheel_outputs(graph) for graph in bundled.job.graphs}
