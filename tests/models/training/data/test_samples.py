"""Samples by number: the same transform on picture and masks, and on both frames of a pair."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from models.errors import DataError
from models.preprocessing import Preprocessing, preprocess
from models.training.data.layouts import read_ytvis
from models.training.data.records import Video
from models.training.data.samples import (
    Recipe,
    Samples,
    collate,
    draw_other,
    read_picture,
    use_one_thread,
)
from models.training.data.transforms import Augmentation, draw_transform
from tests.models.training.conftest import HEIGHT, WIDTH, DataSet

STILL = Augmentation(short_sides=(HEIGHT,), longest=WIDTH, flip=0.0)
RECIPE = Recipe(Preprocessing(HEIGHT, WIDTH), STILL, seed=0)
JITTER = Augmentation(short_sides=(32, 48, 64), longest=100)


def videos(data_set: DataSet) -> list[Video]:
    return read_ytvis(data_set.folder / "ytvis.json", data_set.folder)[1]


def test_each_frame_once_an_epoch(data_set: DataSet):
    samples = Samples(videos(data_set), RECIPE, 18)
    epochs = [[samples[6 * e + i].images[0].sum().item() for i in range(6)] for e in range(3)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == sorted(epochs[2])
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_image_as_preprocessing_makes_it(data_set: DataSet):
    sample = Samples(videos(data_set)[:1], RECIPE, 1)[0]
    pictures = [read_picture(frame) for frame in videos(data_set)[0].frames]
    made = [preprocess(picture, RECIPE.preprocessing)[0] for picture in pictures]
    assert min(np.abs(sample.images[0].numpy() - each).max() for each in made) < 1e-5


@pytest.mark.parametrize("number", range(8))
def test_masks_lie_on_their_objects(data_set: DataSet, number: int):
    """Flipped and scaled alike: the round object is red, the square one blue."""
    samples = Samples(videos(data_set), replace(RECIPE, augmentation=JITTER, reach=2), 100)
    sample = samples[number]
    for image, targets in zip(sample.images, sample.targets, strict=True):
        for label, mask in zip(targets.labels.tolist(), targets.masks, strict=True):
            colours = image[:, mask > 0].mean(1)
            assert (colours[0] > colours[2]) == (label == 1)
            assert image[:, mask > 0].std(1).max() < 0.9  # few pixels of the background


def test_both_frames_are_moved_alike(data_set: DataSet):
    """The square stands still in frames 0 and 2 of a video."""
    recipe = replace(RECIPE, augmentation=JITTER, reach=2)
    samples = Samples(videos(data_set), recipe, 200)
    seen = 0
    for number in range(30):
        first, second = samples[number].targets
        squares = [t.masks[t.labels == 0] for t in (first, second)]
        if all(len(square) for square in squares):
            assert torch.equal(*squares)
            seen += 1
    assert seen > 3


def test_same_sample_whoever_asks(data_set: DataSet):
    recipe = replace(RECIPE, augmentation=JITTER, reach=1)
    one, other = (Samples(videos(data_set), recipe, 50) for _ in range(2))
    for number in (17, 3, 49):
        other[5]  # what was asked before does not matter
        assert all(map(torch.equal, one[number].images, other[number].images))


def test_processes_that_load_give_the_same(data_set: DataSet):
    samples = Samples(videos(data_set), replace(RECIPE, augmentation=JITTER, reach=1), 8)
    loader = DataLoader(
        samples, 4, num_workers=2, collate_fn=collate, worker_init_fn=use_one_thread
    )
    here = [collate([samples[i] for i in range(start, start + 4)]) for start in (0, 4)]
    for one, other in zip(loader, here, strict=True):
        assert all(map(torch.equal, one.images, other.images))


def test_another_frame_is_within_reach():
    generator = np.random.default_rng(0)
    drawn = {draw_other(4, 10, 2, generator) for _ in range(100)}
    assert drawn == {2, 3, 5, 6}
    assert draw_other(0, 1, 5, generator) == 0


def test_sides_of_the_papers_jitter():
    generator = np.random.default_rng(0)
    drawn = [draw_transform(Augmentation(), 480, 853, generator) for _ in range(300)]
    assert {min(t.height, t.width) for t in drawn} == {416, 448, 480, 486}  # 864 is the limit
    assert max(t.width for t in drawn) == 864
    assert 0.4 < np.mean([t.flip for t in drawn]) < 0.6


def test_batches_are_padded_to_multiples_of_32(data_set: DataSet):
    samples = Samples(videos(data_set), replace(RECIPE, augmentation=JITTER), 100)
    batch = collate([samples[i] for i in range(4)])
    assert batch.images[0].shape[2] % 32 == batch.images[0].shape[3] % 32 == 0
    for number, targets in enumerate(batch.targets):
        height, width = samples[number].images[0].shape[1:]
        assert torch.equal(batch.images[0][number, :, :height, :width], samples[number].images[0])
        assert not batch.images[0][number, :, height:].any()
        assert targets.masks.shape[1:] == batch.images[0].shape[2:]
        assert not targets.masks[:, :, width:].any()


def test_unreadable_picture(data_set: DataSet):
    path: Path = data_set.folder / "0/00000.png"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DataError, match="can't read"):
        [Samples(videos(data_set), RECIPE, 6)[i] for i in range(6)]


def test_missing_picture(data_set: DataSet):
    (data_set.folder / "1/00001.png").unlink()
    with pytest.raises(DataError, match=r"can't read .*1/00001\.png: No such file"):
        [Samples(videos(data_set), RECIPE, 6)[i] for i in range(6)]


def test_picture_of_another_size(data_set: DataSet):
    data_set.ytvis["videos"][0]["width"] = WIDTH + 1
    data_set.write()
    with pytest.raises(DataError, match="expected 48x81"):
        [Samples(videos(data_set), RECIPE, 6)[i] for i in range(6)]


def test_nothing_to_learn(data_set: DataSet):
    for each in data_set.ytvis["annotations"]:
        each["segmentations"] = [None] * len(each["segmentations"])
    data_set.write()
    with pytest.raises(DataError, match="no picture"):
        Samples(videos(data_set), RECIPE, 6)
