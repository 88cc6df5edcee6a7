"""Networks that come trained: the folder of a run each, with its weights and a card.

A weight matrix is kept in float16, which changes no mask by more than a pixel of the grid; what has
one dimension (biases, statistics) stays float32.
"""

from pathlib import Path

from models.training.run_folder import is_run


def trained_runs() -> dict[str, Path]:
    """By name."""
    folders = sorted(Path(__file__).parent.iterdir())
    return {folder.name: folder for folder in folders if is_run(folder)}
