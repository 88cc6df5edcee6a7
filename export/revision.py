"""Which revision of the toolkit made a bundle."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def git_revision() -> str | None:
    """The revision of this checkout, "-dirty" behind it if it was edited; None elsewhere."""
    if not (ROOT / ".git").exists():
        return None
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        result = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.strip()
