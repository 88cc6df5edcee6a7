"""What the paper's tables in small are made of. Training, export and AP have tests of their own."""

import json
from pathlib import Path

import pytest

from mobileinst_deploy.ablations.rows import ROWS, config_of, runs
from mobileinst_deploy.ablations.running import SCORES, Study, command, settle
from mobileinst_deploy.ablations.table import markdown, read_aps
from mobileinst_deploy.errors import InputError, RunError
from models.training.config import read_config, shipped_configs
from models.training.run_folder import write_json
from models.training.saving import WEIGHTS

BASE = read_config(shipped_configs()["emoji"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_rows_differ_in_what_their_names_say(row, tmp_path: Path):
    config = config_of(BASE, row, seed=1, iterations=2600)
    frames = config.schedule.batch_size * (2 if config.data.reach else 1)
    assert frames == BASE.schedule.batch_size
    assert ("pairs" in row.name) == bool(config.data.reach)
    model = config.network()
    assert (model.stages, model.pool, model.semantic_enhancer) == (row.stages, row.pool, False)
    assert config.schedule.milestones == (1872, 2392)
    write_json(tmp_path / "config.json", config)
    assert read_config(tmp_path / "config.json") == config


def test_one_seed_of_every_row_comes_first():
    assert [seed for _, seed in runs(ROWS, range(2))] == [0] * len(ROWS) + [1] * len(ROWS)


def test_table_has_means_and_spreads():
    scores = {"global-frames": [{1: 0.10, 3: 0.05}, {1: 0.14, 3: 0.05}]}
    rows = [row for row in ROWS if row.name in ("global-frames", "local-frames")]
    assert markdown(rows, scores).splitlines() == [
        "| run | of Tab. | seeds | AP, T = 1 | AP, T = 3 |",
        "| --- | --- | ---: | ---: | ---: |",
        "| global-frames | 3 | 2 | 12.0 ± 2.0 | 5.0 ± 0.0 |",
        "| local-frames | 3 | 0 | - | - |",
    ]


def test_what_is_there_is_not_made_again(tmp_path: Path):
    """No data, so that anything that had to be made would fail."""
    row, study = ROWS[0], Study(BASE, tmp_path / "none", tmp_path, 10)
    run = tmp_path / row.run(0)
    run.mkdir()
    (run / WEIGHTS).write_bytes(b"")
    scored = {"rows": [{"of": {"interval": 3}, "scores": {"ap": 0.25}}]}
    (run / SCORES).write_text(json.dumps(scored))
    assert read_aps(settle(study, row, 0)) == {3: 0.25}
    with pytest.raises(RunError, match="'mobileinst train' ended with 3"):
        settle(study, row, 1)


def test_scores_that_are_none(tmp_path: Path):
    (tmp_path / SCORES).write_text("{}")
    with pytest.raises(InputError, match="holds no scores of 'mobileinst eval'"):
        read_aps(tmp_path / SCORES)


def test_command_that_fails():
    with pytest.raises(RunError, match="'mobileinst export' ended with 2"):
        command("export")
