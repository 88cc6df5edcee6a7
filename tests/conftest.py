"""Bundles that many tests read. Exporting takes seconds, so each is made once a run."""

import shutil
import signal
from pathlib import Path

import pytest

from tests.command import run

pytest_plugins = ["tests.device.fixtures", "tests.mobileinst_deploy.faulty", "tests.runners"]

RUNNERS = {"arm_runner", "host_runner"}
SMALL = "mobileinst-topformer-t"
ARGUMENTS = ("--size", "96x160", "--literal", "--frames", "2", "--kernels", "5")


def pytest_configure() -> None:
    """What is started in the background ignores Ctrl-C, which some tests send."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that need a runner come last: `scripts/test` builds it while the others run.

    Whole files, since a worker has a file's tests one after the other.
    """
    waiting = {
        item.path for item in items if not RUNNERS.isdisjoint(getattr(item, "fixturenames", ()))
    }
    items.sort(key=lambda item: item.path in waiting)


def export(model: str, output: Path, *options: str) -> Path:
    ran = run("export", model, "-o", output, *options)
    assert ran.code == 0, ran.err
    return output


@pytest.fixture(scope="session")
def small_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest network at 96x160, all five graphs as ONNX, two golden frames.

    Not to be changed, and neither is `phone_bundle`.
    """
    output = tmp_path_factory.mktemp("bundles") / "small"
    return export(SMALL, output, *ARGUMENTS, "--targets", "onnx")


@pytest.fixture(scope="session")
def phone_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in all formats, in float32 and with weights as float16."""
    return export(SMALL, tmp_path_factory.mktemp("bundles") / "phone", *ARGUMENTS)


@pytest.fixture
def bundle_copy(small_bundle: Path, tmp_path: Path) -> Path:
    """A copy of `small_bundle` that the test may damage."""
    return Path(shutil.copytree(small_bundle, tmp_path / "bundle"))
