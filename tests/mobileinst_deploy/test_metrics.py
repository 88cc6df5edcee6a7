import json
import math
from dataclasses import asdict

import numpy as np
import pytest

from mobileinst_deploy.parity.metrics import (
    Agreement,
    compare,
    in_user_terms,
    kernel_cosine,
    mask_iou,
    top_class_agreement,
)

RANDOM = np.random.default_rng(0)
NAN, INF = math.nan, math.inf


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.parametrize(
    ("reference", "candidate", "max_abs", "relative", "cosine"),
    [
        (array(), array(), 0, 0, 1),
        (array(0, 0), array(0, 0), 0, 0, 1),
        (array(1, -2), array(1, -2), 0, 0, 1),
        (array(1, -4), array(1, -2), 2, 0.5, 9 / math.sqrt(17 * 5)),
        (array(0, 0), array(0, 3), 3, None, 0),
        (array(3, 0), array(0, 0), 3, 1, 0),
        (array(1, 2), array(-1, -2), 4, 2, -1),
        (array(1e30), array(1e30), 0, 0, 1),
        (array(1e-30, 1e-30), array(2e-30, 2e-30), 1e-30, 1, 1),
    ],
)
def test_compare(reference, candidate, max_abs, relative, cosine):
    metrics = compare(reference, candidate)
    assert metrics.max_abs == pytest.approx(max_abs)
    assert metrics.relative == (None if relative is None else pytest.approx(relative))
    assert metrics.cosine == pytest.approx(cosine)


def test_identical_arrays_have_no_noise_at_all():
    values = RANDOM.normal(size=(3, 50, 7)).astype(np.float32)
    metrics = compare(values, values.copy())
    assert (metrics.relative, metrics.cosine, metrics.snr_db) == (0, 1, None)


@pytest.mark.parametrize(("noise", "snr_db"), [(0.1, 20), (0.01, 40), (1, 0), (10, -20)])
def test_snr_is_in_decibels(noise, snr_db):
    assert compare(np.full(9, 1.0), np.full(9, 1 + noise)).snr_db == pytest.approx(snr_db)


@pytest.mark.parametrize(
    ("reference", "candidate", "nan", "inf", "in_reference"),
    [
        (array(1, 2, 3), array(1, NAN, 3), 1, 0, 0),
        (array(1, 2, 3), array(INF, -INF, NAN), 1, 2, 0),
        (array(1, NAN, INF), array(1, 2, 3), 0, 0, 2),
        (array(NAN), array(NAN), 1, 0, 1),
        (array(INF), array(INF), 0, 1, 1),
    ],
)
def test_what_is_not_finite_is_counted_and_left_out(reference, candidate, nan, inf, in_reference):
    metrics = compare(reference, candidate)
    assert (metrics.nan, metrics.inf, metrics.reference_nonfinite) == (nan, inf, in_reference)
    assert (metrics.max_abs, metrics.relative, metrics.cosine) == (0, 0, 1)


@pytest.mark.parametrize(
    ("expected", "got"), [((2, 3), (3, 2)), ((6,), (1, 6)), ((), (1,)), ((0,), (0, 4))]
)
def test_another_shape_is_reported(expected, got):
    metrics = compare(np.ones(expected), np.full(got, NAN))
    assert (metrics.shape_expected, metrics.shape_got) == (expected, got)
    assert metrics.nan == math.prod(got)
    figures = (metrics.max_abs, metrics.relative, metrics.cosine, metrics.snr_db)
    assert figures == (None,) * 4


EXTREMES = [0.0, 1.0, -1e38, 3e38, 1e-45, NAN, INF, -INF]


@pytest.mark.parametrize("reference", EXTREMES)
@pytest.mark.parametrize("candidate", EXTREMES)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_every_figure_is_plain_json(reference, candidate, kind):
    metrics = compare(np.array([reference, 1], kind), np.array([candidate, 2], kind))
    json.dumps(asdict(metrics), allow_nan=False)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.int32, np.uint8, np.bool_])
def test_differences_do_not_depend_on_the_type(kind):
    assert compare(np.array([0, 1], kind), np.array([1, 1], kind)).max_abs == 1


def masks(*rows: str) -> np.ndarray:
    """Each row of # (on) and . (off) is a mask of one line."""
    return np.array([[[9.0 if c == "#" else -9.0 for c in row]] for row in rows], np.float32)[None]


@pytest.mark.parametrize(
    ("reference", "candidate", "mean", "minimum"),
    [
        (masks("##.."), masks("##.."), 1, 1),
        (masks("...."), masks("...."), 1, 1),
        (masks("##.."), masks("...."), 0, 0),
        (masks("...."), masks("##.."), 0, 0),
        (masks("###."), masks(".###"), 0.5, 0.5),
        (masks("##..", "...."), masks("#...", "...."), 0.75, 0.5),
        (np.empty((1, 0, 4, 4)), np.empty((1, 0, 4, 4)), 1, 1),
    ],
)
def test_mask_iou(reference, candidate, mean, minimum):
    assert mask_iou(reference, candidate) == Agreement(mean, minimum)


def test_the_threshold_is_one_of_probability():
    logits = np.array([[[-0.3, -0.1]]])  # probabilities 0.43 and 0.48
    on_from_045 = np.array([[[-9.0, 9.0]]])
    assert mask_iou(logits, on_from_045).mean == 1
    assert mask_iou(logits, on_from_045, probability_threshold=0.4).mean == 0.5


def test_a_mask_of_nan_is_empty():
    assert mask_iou(masks("##"), masks("##") * np.float32(NAN)) == Agreement(0, 0)


@pytest.mark.parametrize(
    ("candidate", "k", "share"),
    [
        ([[3, 2, 1], [1, 2, 3]], 1, 1),
        ([[2, 3, 1], [1, 2, 3]], 1, 0.5),
        ([[2, 3, 1], [1, 2, 3]], 2, 1),
        ([[1, 2, 3], [3, 2, 1]], 1, 0),
        ([[1, 2, 3], [3, 2, 1]], 5, 1),
        ([[3, 3, 1], [1, 2, 3]], 1, 1),
        ([[NAN, 2, 1], [1, 2, 3]], 1, 0.5),
    ],
)
def test_top_class_agreement(candidate, k, share):
    reference = np.array([[[3.0, 2, 1], [1, 2, 3]]])
    assert top_class_agreement(reference, np.array([candidate], np.float64), k) == share


def test_no_query_agrees_with_none():
    assert top_class_agreement(np.empty((1, 0, 80)), np.empty((1, 0, 80))) == 1


@pytest.mark.parametrize(
    ("candidate", "mean", "minimum"),
    [
        ([[1, 0], [0, 2]], 1, 1),
        ([[5, 0], [0, 1]], 1, 1),
        ([[1, 0], [0, -2]], 0, -1),
        ([[1, 0], [2, 0]], 0.5, 0),
        ([[1, 0], [0, NAN]], 0.5, 0),
    ],
)
def test_kernel_cosine(candidate, mean, minimum):
    reference = np.array([[[1.0, 0], [0, 2]]])
    assert kernel_cosine(reference, np.array([candidate], np.float64)) == Agreement(mean, minimum)


def test_no_kernel_agrees_with_none():
    assert kernel_cosine(np.empty((1, 0, 8)), np.empty((1, 0, 8))) == Agreement(1, 1)


@pytest.mark.parametrize(
    ("name", "shape", "keys"),
    [
        ("class_logits", (1, 4, 80), ["top1_agreement", "top5_agreement"]),
        ("kernels", (1, 4, 8), ["kernel_cosine_mean", "kernel_cosine_min"]),
        ("mask_logits", (1, 4, 5, 5), ["mask_iou_mean", "mask_iou_min"]),
        ("objectness", (1, 4, 1), []),
        ("features", (1, 4, 5, 5), []),
    ],
)
def test_each_tensor_has_the_terms_of_its_name(name, shape, keys):
    values = RANDOM.normal(size=shape)
    terms = in_user_terms(name, values, values)
    assert list(terms) == keys
    assert all(value == 1 for value in terms.values())


def test_another_shape_has_no_user_terms():
    assert in_user_terms("kernels", np.ones((1, 2, 3)), np.ones((1, 3, 3))) == {}
