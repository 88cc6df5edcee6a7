"""A run of some iterations of a small network, as a config file beside its data."""

from pathlib import Path

from tests.models.training.conftest import make_data_set

SETTINGS = {
    "data": '{ layout = "ytvis", document = "ytvis.json", pictures = ".", reach = 2 }',
    "model": '{ backbone = "topformer-tiny", num_queries = 6, num_classes = 2, dim = 32, '
    "num_heads = 2 }",
    "preprocessing": '{ height = 64, width = 96, resize = "stretch" }',
    "augmentation": "{ short_sides = [32], longest = 64 }",
    "optimiser": "{ learning_rate = 1e-3 }",
    "schedule": "{ iterations = 4, batch_size = 2, warmup = 0 }",
    "run": "{ checkpoint_every = 2, log_every = 2 }",
}


def write_config(path: Path, **changes: str) -> None:
    """With other values than the usual ones, as TOML; "" leaves a key out."""
    whole = {**SETTINGS, **changes}
    path.write_text("".join(f"{key} = {value}\n" for key, value in whole.items() if value))


def set_up(folder: Path) -> None:
    """run.toml and its data."""
    folder.mkdir(exist_ok=True)
    make_data_set(folder)
    write_config(folder / "run.toml")
