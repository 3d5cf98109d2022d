"""Quantiles in closed form, degrees of freedom of sums, stated errors that are too small."""

import numpy as np
import pytest
from scipy import stats

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.coverage import (
    bartlett,
    check_level,
    justified,
    pooled_freedom,
    quantile,
    student,
    variance_ratio,
)


@pytest.mark.parametrize("level", [0.5, 0.683, 0.95, 0.999])
def test_students_t_of_one_and_two_degrees_of_freedom(level):
    assert quantile(level, 1) == pytest.approx(np.tan(np.pi * level / 2))
    assert quantile(level, 2) == pytest.approx(level * np.sqrt(2 / (1 - level**2)))
    assert quantile(level, np.inf) == pytest.approx(stats.norm.ppf(0.5 + level / 2))


def test_one_widened_error_covers_as_much_as_a_normal_one():
    assert student(np.inf) == 1.0
    for freedom in (1, 3, 30):
        inside = stats.t.cdf(student(freedom), freedom) - stats.t.cdf(-student(freedom), freedom)
        assert inside == pytest.approx(stats.norm.cdf(1) - stats.norm.cdf(-1))


@pytest.mark.parametrize("level", [0, 1, 95, "0.95", True, np.nan])
def test_a_level_is_a_probability(level):
    with pytest.raises(MeasurementError, match="level"):
        check_level(level)


def test_degrees_of_freedom_of_a_sum():
    assert pooled_freedom([2.0, 2.0], [7, 7]) == pytest.approx(14)
    assert pooled_freedom([3.0, 0.0], [5, 2]) == pytest.approx(5)
    assert pooled_freedom([0.0], [3]) == np.inf
    # the variance of the pooled variance is that of a scaled chi-square of so many degrees of freedom
    rng = np.random.default_rng(0)
    pooled = 3 * rng.chisquare(4, 200_000) / 4 + 0.5 * rng.chisquare(9, 200_000) / 9
    assert 2 * pooled.mean() ** 2 / pooled.var() == pytest.approx(pooled_freedom([3, 0.5], [4, 9]), rel=0.02)


def test_stated_errors_stand_unless_chance_is_below_one_percent():
    rng = np.random.default_rng(1)
    scaled = [justified(float(np.mean(rng.normal(size=20) ** 2)), 20) > 1 for _ in range(4000)]
    assert np.mean(scaled) == pytest.approx(0.01, abs=0.005)
    assert justified(3.0, 40) == 3.0
    assert justified(0.2, 40) == 1.0
    assert justified(5.0, 0) == 1.0


def test_ratio_of_variances_with_one_degree_of_freedom_is_students_t_squared():
    for t in (0.3, 2.0, 9.0):
        assert variance_ratio(t**2, 1, 7) == pytest.approx(2 * stats.t.sf(t, 7))
    assert variance_ratio(1.0, 6, 6) == pytest.approx(0.5)


def test_bartlett_is_that_of_samples():
    rng = np.random.default_rng(2)
    groups = [rng.normal(size=n) * s for n, s in ((8, 1.0), (5, 1.0), (12, 2.5))]
    freedom = np.array([len(g) - 1 for g in groups])
    variances = np.array([g.var(ddof=1) for g in groups])
    pooled = float(freedom @ variances / freedom.sum())
    assert bartlett(variances, freedom, pooled) == pytest.approx(stats.bartlett(*groups).pvalue)
    assert bartlett(variances[:1], freedom[:1], pooled) == 1.0
    assert bartlett(np.array([0.0, 1.0]), np.array([3, 3]), 0.5) == 1.0
