import pytest

from android_bench.measurement.student import student_t

# Two-sided quantiles, NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
TABLE = [
    (0.95, 1, 12.706),
    (0.95, 2, 4.303),
    (0.95, 7, 2.365),
    (0.99, 7, 3.499),
    (0.998, 8, 4.501),
    (0.95, 30, 2.042),
]


@pytest.mark.parametrize(("confidence", "freedom", "expected"), TABLE)
def test_quantiles_are_those_of_the_tables(confidence, freedom, expected):
    assert student_t(confidence, freedom) == pytest.approx(expected, abs=5e-4)
