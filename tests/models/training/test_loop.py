"""Runs of a few iterations: continued, logged, shared by workers, learning what they see."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.errors import TrainingError
from models.training.config import Optimiser, Run, Schedule
from models.training.data.samples import Recipe, Samples, collate
from models.training.data.transforms import Augmentation
from models.training.log import LOG, Measured, TrainingLog
from models.training.loop import Shares
from models.training.matcher import match
from models.training.processes import Processes
from models.training.schedule import Plan
from models.training.starting import read_data
from models.zoo import MobileInstConfig, build
from tests.models.training.conftest import DataSet
from tests.models.training.runs import (
    COCO,
    SMALL,
    StoppedError,
    assert_same,
    read_log,
    run,
    small_config,
    stop_behind,
    weights,
)

LOCAL = replace(SMALL, stages=("local",), semantic_enhancer=False)  # x6 is not used


@pytest.mark.parametrize(("ema", "model"), [(0.0, SMALL), (0.9, SMALL), (0.0, LOCAL)])
def test_continued_is_uninterrupted_to_the_bit(
    data_set: DataSet, ema: float, model: MobileInstConfig
):
    """Stopped behind the fifth iteration, with a checkpoint of the fourth."""
    config = small_config(model=model, run=Run(checkpoint_every=2, log_every=1, ema=ema))
    whole = run(data_set, "whole", config)
    with pytest.raises(StoppedError):
        run(data_set, "torn", config, stop_behind(5))
    torn = run(data_set, "torn", config)
    assert_same(weights(torn), weights(whole))
    logs = [
        [{**row, "seconds_per_iteration": ""} for row in read_log(folder)]
        for folder in (torn, whole)
    ]
    assert logs[0] == logs[1]
    assert [row["iteration"] for row in logs[0]] == ["1", "2", "3", "4", "5", "6"]


def test_the_average_is_what_is_left(data_set: DataSet):
    """Over two iterations: memory 1/10, then 2/11 of what was before."""
    schedule = Schedule(iterations=2, batch_size=2, warmup=0)
    states = []
    for iterations in (1, 2):
        once = Schedule(iterations=iterations, batch_size=2, warmup=0)
        states.append(weights(run(data_set, f"plain {iterations}", small_config(schedule=once))))
    config = small_config(schedule=schedule, run=Run(ema=0.99))
    got = weights(run(data_set, "average", config))
    name = "heads.kernel.0.weight"
    begun = build(SMALL).state_dict()[name]
    first = begun + (states[0][name] - begun) * 9 / 10
    expected = first + (states[1][name] - first) * 9 / 11
    torch.testing.assert_close(got[name], expected)
    assert not torch.equal(got[name], states[1][name])


def test_workers_change_nothing(data_set: DataSet):
    """However many processes load pictures."""
    alone = run(data_set, "alone", small_config())
    helped = run(data_set, "helped", small_config(run=Run(workers=2)))
    assert_same(weights(alone), weights(helped))


def test_images_alone(data_set: DataSet):
    """Without pairs, from COCO's layout; the passed terms are 0."""
    rows = read_log(run(data_set, "coco", small_config(data=COCO)))
    assert [row["passed_dice"] for row in rows] == ["0", "0", "0"]
    assert all(math.isfinite(float(row["total"])) for row in rows)


def test_log_adds_up(data_set: DataSet):
    rows = read_log(run(data_set, "log", small_config()))
    for row in rows:
        names = ("dice", "pixels", "passed_dice", "passed_pixels")
        masks = sum(float(row[name]) for name in names)
        total = 2 * float(row["classes"]) + 2 * masks + float(row["objectness"])
        assert float(row["total"]) == pytest.approx(total, rel=1e-4)
    assert [float(row["learning_rate"]) for row in rows] == pytest.approx([5.005e-4, 1e-3, 1e-4])


def test_rows_are_means(data_set: DataSet):
    """Of every iteration that was done since the row before."""
    losses: list[float] = []
    folder = run(data_set, "log", small_config(), lambda done, loss: losses.append(loss))
    means = np.reshape(losses, (3, 2)).mean(1)
    assert [float(row["total"]) for row in read_log(folder)] == pytest.approx(means, rel=1e-5)


def test_a_torn_log_is_cut(data_set: DataSet):
    """A row that was being written, and a blank line."""
    config = small_config(run=Run(checkpoint_every=2, log_every=1))
    with pytest.raises(StoppedError):
        run(data_set, "torn", config, stop_behind(3))
    with (data_set.folder / "torn" / LOG).open("a") as file:
        file.write("\n4,0.001,3.2")
    rows = read_log(run(data_set, "torn", config))
    assert [row["iteration"] for row in rows] == ["1", "2", "3", "4", "5", "6"]


def test_a_log_that_can_not_be_written(tmp_path: Path):
    log = TrainingLog(tmp_path, 0)
    (tmp_path / LOG).unlink()
    (tmp_path / LOG).mkdir()
    log.add(Measured(*range(8)), 1e-3)
    with pytest.raises(TrainingError, match=r"can't write .*log\.csv: Is a directory"):
        log.write(1)


def test_shares_make_the_batch():
    plan = Plan(iterations=3, batch_size=4, milestones=(), warmup=0)
    one, *two = (list(Shares(plan, Processes(r, n), 1)) for r, n in ((0, 1), (0, 2), (1, 2)))
    assert one == [[4, 5, 6, 7], [8, 9, 10, 11]]
    assert [sorted(a + b) for a, b in zip(*two, strict=True)] == one


def test_loss_that_is_no_number(data_set: DataSet):
    with pytest.raises(TrainingError, match="lower the learning_rate"):
        run(data_set, "wild", small_config(optimiser=Optimiser(1e30)))


def test_one_batch_is_overfitted(data_set: DataSet):
    """Mask IoU ≥ 0.95 on two pictures that it has seen often enough."""
    config = small_config(
        data=COCO,
        augmentation=Augmentation(short_sides=(128,), longest=320, flip=0.0),
        optimiser=Optimiser(2e-3, backbone_multiplier=1.0, largest_gradient=5.0),
        schedule=Schedule(iterations=80, batch_size=2, milestones=(60,), warmup=10),
        run=Run(checkpoint_every=1000),
    )
    data_set.coco["images"] = [data_set.coco["images"][place] for place in (0, 5)]
    seen = {image["id"] for image in data_set.coco["images"]}
    data_set.coco["annotations"] = [
        a for a in data_set.coco["annotations"] if a["image_id"] in seen
    ]
    data_set.write()
    network = build(SMALL)
    network.load_state_dict(weights(run(data_set, "overfit", config)))
    _, videos = read_data(config, data_set.folder)
    recipe = Recipe(config.preprocessing, config.augmentation, 0)
    batch = collate([Samples(videos, recipe, 2)[i] for i in range(2)])
    with torch.inference_mode():
        prediction = network(batch.images[0])
    matches = match(prediction, batch.targets)
    found = prediction.mask_logits[matches.images, matches.queries] > 0
    true = matches.masks > 0.5
    ious = (found & true).sum((1, 2)) / (found | true).sum((1, 2))
    assert ious.mean() >= 0.95
