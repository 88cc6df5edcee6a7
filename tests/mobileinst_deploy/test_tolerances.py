from dataclasses import replace
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest

from export.manifest import Precision
from mobileinst_deploy.parity.metrics import TensorMetrics, compare
from mobileinst_deploy.parity.tolerances import TOLERANCES, judge, short

GOOD = TensorMetrics(1e-5, 3e-6, 1.0, 110.0, 0, 0, (1, 4), (1, 4))
FP32, FP16, INT8 = (TOLERANCES[name] for name in ("fp32", "fp16", "int8"))


def test_every_precision_has_a_tolerance():
    assert tuple(TOLERANCES) == get_args(Precision)
    assert all(tolerance.name == name for name, tolerance in TOLERANCES.items())


def test_limits_only_widen_from_one_precision_to_the_next():
    order = list(TOLERANCES.values())
    for narrow, wide in pairwise(order):
        assert (narrow.relative or 0) < (wide.relative or 9)
        assert narrow.cosine > wide.cosine
        assert narrow.mask_iou_mean >= wide.mask_iou_mean
        assert narrow.top1_agreement >= wide.top1_agreement


@pytest.mark.parametrize(
    ("metrics", "passed", "sentence"),
    [
        (GOOD, True, "agrees to 3e-6, which is normal float32 rounding"),
        (replace(GOOD, max_abs=0.0, relative=0.0, snr_db=None), True, "is identical"),
        (
            replace(GOOD, relative=2e-4),
            False,
            "differs by 2e-4 of the largest value (limit 1e-4): this is more than float32 rounding "
            "gives in a trained or calibrated network",
        ),
        (
            replace(GOOD, relative=0.3, cosine=0.9999995),
            False,
            "differs by 0.3 of the largest value (limit 1e-4): this is a fault, not rounding; "
            "try --bisect to find the first layer that differs",
        ),
        (
            replace(GOOD, nan=12),
            False,
            "has 12 NaN: float32 does not overflow here, so an operator is wrong; "
            "try --bisect to find the first layer that differs",
        ),
        (
            replace(GOOD, shape_got=(4, 1)),
            False,
            "has shape (4, 1), expected (1, 4)",
        ),
        (
            replace(GOOD, reference_nonfinite=2, nan=2),
            False,
            "can't be judged: the reference itself has 2 NaN or Inf; check the weights",
        ),
        (
            replace(GOOD, max_abs=0.5, relative=None),
            False,
            "reaches 0.5 where the reference is all 0: this is a fault, not rounding; "
            "try --bisect to find the first layer that differs",
        ),
    ],
)
def test_fp32_verdicts(metrics, passed, sentence):
    verdict = judge(metrics, FP32)
    assert (verdict.passed, verdict.sentence) == (passed, sentence)


def test_nan_and_inf_are_told_apart():
    sentence = judge(replace(GOOD, nan=3, inf=1), FP16).sentence
    assert sentence.startswith("has 3 NaN and 1 Inf: a value left float16's range")


@pytest.mark.parametrize(
    ("terms", "passed", "beginning"),
    [
        ({}, True, "agrees to 3e-6"),
        ({"mask_iou_mean": 0.95, "mask_iou_min": 0.0}, True, "agrees to 3e-6"),
        ({"mask_iou_mean": 0.8}, False, "has masks of mean IoU 0.8 (limit 0.9): this is more than"),
        ({"mask_iou_mean": 0.2}, False, "has masks of mean IoU 0.2 (limit 0.9): this is a fault"),
        ({"top1_agreement": 0.8}, False, "names the same class for a share of 0.8 of the"),
        ({"kernel_cosine_mean": 0.5}, False, "has kernels of mean cosine 0.5 (limit 0.995)"),
    ],
)
def test_user_terms_are_judged_too(terms, passed, beginning):
    verdict = judge(GOOD, FP16, terms)
    assert verdict.passed is passed
    assert verdict.sentence.startswith(beginning)


def test_the_worst_figure_is_the_one_named():
    verdict = judge(replace(GOOD, relative=0.2), FP16, {"mask_iou_mean": 0.1})
    assert verdict.sentence.startswith("has masks of mean IoU 0.1")


def test_an_outlier_alone_does_not_fail_int8():
    assert judge(replace(GOOD, relative=0.4, cosine=0.99), INT8, {"mask_iou_mean": 0.9}).passed


@pytest.mark.parametrize("name", TOLERANCES)
def test_a_shifted_map_fails_in_every_precision(name):
    values = np.random.default_rng(0).normal(size=(1, 8, 16, 16))
    assert not judge(compare(values, np.roll(values, 1, -1)), TOLERANCES[name]).passed


@pytest.mark.parametrize("name", TOLERANCES)
def test_rounding_of_the_precision_passes(name):
    values = np.random.default_rng(0).normal(size=(1, 8, 16, 16)).astype(np.float32)
    rounded = values.astype(np.float32 if name == "fp32" else np.float16)
    assert judge(compare(values, rounded), TOLERANCES[name]).passed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3.2e-6, "3e-6"),
        (0.0099, "1e-2"),
        (0.3, "0.3"),
        (0.123, "0.12"),
        (0.99964, "0.99964"),
        (1.0, "1"),
        (12.5, "12.5"),
        (None, "none"),
    ],
)
def test_short_figures(value, text):
    assert short(value) == text
