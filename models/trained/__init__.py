"""Networks that come trained: the folder of a run each, with its weights and a card.

Matrices are kept in float16, what has one dimension (biases, statistics) in float32.
"""

from pathlib import Path

from models.training.run_folder import is_run


def trained_runs() -> dict[str, Path]:
    """By name."""
    folders = sorted(Path(__file__).parent.iterdir())
    return {folder.name: folder for folder in folders if is_run(folder)}
