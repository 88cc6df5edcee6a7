"""A run's file: what it may say, and one line for what it may not."""

from pathlib import Path

import msgspec
import pytest

from models.errors import ConfigError
from models.training.config import TrainConfig, read_config, shipped_configs, to_tables
from models.zoo import MobileInstConfig, find

DATA = 'data = { layout = "coco", document = "a.json", pictures = "." }\n'
SCHEDULE = "schedule = { iterations = 3, batch_size = 1 }\n"
WHOLE = DATA + SCHEDULE


def read(tmp_path: Path, text: str) -> TrainConfig:
    path = tmp_path / "run.toml"
    path.write_text(text)
    return read_config(path)


def test_model_by_name_or_by_fields(tmp_path: Path):
    named = read(tmp_path, 'model = "mobileinst-topformer-t-ytvis"\n' + WHOLE)
    assert named.network() == find("mobileinst-topformer-t-ytvis")
    own = read(tmp_path, "model = { num_classes = 3 }\n" + WHOLE)
    assert own.network() == MobileInstConfig(num_classes=3)


@pytest.mark.parametrize("text", ["", 'model = "mobileinst-topformer-t"\n', "[model]\ndim = 32"])
def test_tables_say_everything(tmp_path: Path, text: str):
    config = read(tmp_path, text + WHOLE if text.endswith("\n") else WHOLE + text)
    tables = to_tables(config)
    assert msgspec.convert(tables, TrainConfig) == config
    assert tables["preprocessing"]["mean"] == config.preprocessing.mean


REFUSED = {
    "no TOML": ("data = {", "run.toml is not TOML"),
    "no data": (SCHEDULE, "missing required field `data`"),
    "no schedule": (DATA, "missing required field `schedule`"),
    "unknown key": ("wieghts = 'x'\n" + WHOLE, "unknown key wieghts; expected model, weights|"),
    "unknown key deep inside": (
        WHOLE + "[model]\nnum_querys = 3",
        "unknown key model.num_querys; expected backbone, .*num_queries",
    ),
    "wrong type": (WHOLE + "[run]\nseed = 'x'", r"Expected `int`, got `str` - at `\$.run.seed`"),
    "negative rate": (WHOLE + "[optimiser]\nlearning_rate = -1.0", "> 0.0 - at `.*learning_rate"),
    "unknown layout": (WHOLE.replace("coco", "voc"), "Invalid enum value 'voc'"),
    "two lengths": (DATA + "[schedule]\nbatch_size = 1\niterations = 1\nepochs = 1",
                    "expected either iterations or epochs"),
    "no length": (DATA + "[schedule]\nbatch_size = 1", "expected either iterations or epochs"),
    "milestones": (DATA + "[schedule]\nbatch_size = 1\nepochs = 9\nmilestones = [8, 3]",
                   r"milestones that grow, got \[8, 3\]"),
    "no sides": (WHOLE + "[augmentation]\nshort_sides = []", "expected short_sides"),
    "side of 0": (WHOLE + "[augmentation]\nshort_sides = [0]", "expected short_sides"),
    "flip of 2": (WHOLE + "[augmentation]\nflip = 2", "a probability of flip, got 2"),
    "unknown model": (WHOLE + 'model = "yolo"', "unknown model 'yolo': the known names are"),
    "impossible model": (WHOLE + "[model]\ndim = 30", "dim is 30, expected a multiple of 4 x 8"),
    "size": (WHOLE + "[preprocessing]\nheight = 100\nwidth = 64", "input size 100x64"),
    "std": (WHOLE + "[preprocessing]\nheight = 64\nwidth = 64\nstd = [1, 0, 1]", "a std above 0"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED)
def test_what_describes_no_run_is_refused(tmp_path: Path, text: str, says: str):
    if text.startswith(WHOLE + "model ="):
        text = text.removeprefix(WHOLE) + "\n" + WHOLE
    with pytest.raises(ConfigError, match=says) as caught:
        read(tmp_path, text)
    assert "run.toml" in str(caught.value)


def test_no_file_and_no_text(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"can't read .*none.toml: No such file"):
        read_config(tmp_path / "none.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"odd.toml is not TOML"):
        read_config(tmp_path / "odd.toml")


def test_the_papers_numbers():
    """§4.2, and Eq. 3."""
    coco, ytvis = (read_config(shipped_configs()[name]) for name in ("coco", "ytvis"))
    assert (coco.optimiser.learning_rate, coco.optimiser.backbone_multiplier) == (1e-4, 0.5)
    assert (coco.schedule.iterations, coco.schedule.batch_size) == (270_000, 64)
    assert coco.schedule.milestones == (210_000, 250_000)
    sides = coco.augmentation.short_sides
    assert (min(sides), max(sides), coco.augmentation.longest) == (416, 640, 864)
    assert ytvis.optimiser.learning_rate == coco.optimiser.learning_rate / 2
    assert (ytvis.schedule.epochs, ytvis.schedule.milestones) == (12, (8, 11))
    assert ytvis.augmentation.short_sides == (360,)
    assert ytvis.data.reach > 0
    for config in (coco, ytvis):
        weights = config.losses
        assert (weights.classes, weights.mask, weights.objectness) == (2, 2, 1)
