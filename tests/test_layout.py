"""The four packages resolve to this checkout, not to something else of the same name."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["models", "export", "android_bench", "mobileinst_deploy"])
def test_package_is_this_checkouts(name: str):
    package = importlib.import_module(name)
    assert package.__file__ is not None
    assert Path(package.__file__).parent == ROOT / name
