"""What the repository promises about itself."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 350  # lines
SOURCES = [
    path
    for folder in ("models", "export", "android_bench", "mobileinst_deploy", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def test_changelog_starts_with_this_version():
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == version("mobileinst-deploy")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_one_idea(path: Path):
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


def test_every_package_is_packaged():
    packages = {
        str(path.parent.relative_to(ROOT)).replace("/", ".")
        for path in SOURCES
        if path.name == "__init__.py" and path.parts[len(ROOT.parts)] != "tests"
    }
    listed = re.search(
        r"^packages = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.M | re.S
    )
    assert listed is not None
    assert set(re.findall(r'"([\w.]+)"', listed[1])) == packages


def test_commands_of_the_readme_exist():
    from mobileinst_deploy.cli.main import COMMANDS

    named = set(re.findall(r"`mobileinst (\w+)`", (ROOT / "README.md").read_text()))
    assert named == set(COMMANDS)
