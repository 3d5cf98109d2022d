"""Estimates: errors by other routes, probabilities in closed form, and how often intervals hold the truth."""

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.coverage import quantile
from spinstack.measure.statistics.estimate import (
    Estimate,
    central_slopes,
    check_rows,
    chi_square,
    from_scatter,
    linear_fit,
    probability,
    propagated,
    standard_errors,
)
from spinstack.measure.statistics.linear import factored, pseudo_inverse


def line(rows=40, sigma=0.1, seed=0):
    x = np.linspace(-1, 1, rows)
    design = np.stack([np.ones(rows), x], axis=1)
    return design, design @ [1.0, 2.0] + sigma * np.random.default_rng(seed).normal(size=rows)


def test_probability_of_chi_square_is_its_closed_form():
    for x in (0.1, 3.0, 20.0):
        assert probability(x, 2) == pytest.approx(np.exp(-x / 2))
        assert probability(x, 4) == pytest.approx(np.exp(-x / 2) * (1 + x / 2))
    assert np.isnan(probability(1.0, 0))
    stated = Estimate(np.zeros(1), np.eye(1), np.ones(3), chi_square=3.0, degrees_of_freedom=2)
    assert stated.probability == pytest.approx(np.exp(-1.5))
    assert stated.reduced_chi_square == 1.5
    assert stated.freedom == np.inf
    assert np.isnan(Estimate(np.zeros(1), np.eye(1), np.ones(1), 0.0, 0).reduced_chi_square)


def test_noise_that_remembers_leaves_fewer_degrees_of_freedom():
    """An autoregression of coefficient r has as many independent readings as (1 - r)/(1 + r) times its rows."""
    rng = np.random.default_rng(2)
    slow = np.zeros(4000)
    for i, w in enumerate(rng.normal(size=3999), 1):
        slow[i] = 0.5 * slow[i - 1] + w
    fit = linear_fit(np.ones((4000, 1)), slow)
    assert fit.freedom == pytest.approx(4000 / 3, rel=0.08)
    assert float(fit.errors[0]) == pytest.approx(2 / np.sqrt(4000), rel=0.08)


def test_chi_square_of_a_vector_does_not_depend_on_the_axes():
    rng = np.random.default_rng(1)
    C = np.diag([4.0, 9.0, 0.25])
    d = np.array([2.0, 3.0, 1.0])
    assert chi_square(d, C) == pytest.approx(1 + 1 + 4)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    assert chi_square(turn @ d, turn @ C @ turn.T) == pytest.approx(6)


def test_propagated_errors_are_the_scatter_of_drawn_values():
    C = np.array([[0.04, 0.015], [0.015, 0.01]])
    at = np.array([2.0, 1.0])

    def ratio(p):
        return np.array([p[0] / p[1], p[0] * p[1]])

    slopes = central_slopes(ratio, at, np.sqrt(np.diag(C)))
    assert slopes == pytest.approx(np.array([[1, -2], [1, 2]]), rel=1e-5)
    drawn = np.random.default_rng(2).multivariate_normal(at, 1e-4 * C, size=40_000)
    scatter = np.cov(np.array([ratio(p) for p in drawn]).T)
    assert propagated(slopes, 1e-4 * C) == pytest.approx(scatter, rel=0.04, abs=1e-7)
    assert standard_errors(np.array([[-1e-30, 0], [0, 4.0]])).tolist() == [0.0, 2.0]
    # where nothing is known of the size of a parameter, a step is still taken
    assert central_slopes(lambda p: p**2, np.array([1.0]), np.zeros(1)) == pytest.approx(2.0, rel=1e-3)


def test_the_error_of_a_mean_and_of_a_slope_are_the_textbook_ones():
    design, y = line()
    fit = linear_fit(design, y)
    x = design[:, 1]
    slope = np.sum(x * y) / np.sum(x**2)
    s = np.sqrt(np.sum((y - y.mean() - slope * x) ** 2) / 38)
    assert fit.factor == 1.0
    assert fit.errors == pytest.approx([s / np.sqrt(40), s / np.sqrt(np.sum(x**2))])
    assert fit.freedom == fit.degrees_of_freedom == 38
    assert fit.reduced_chi_square == pytest.approx(s**2)
    # absolute size of the weights does not matter, their ratio does
    weighted = linear_fit(design, y, np.full(40, 7.0))
    assert weighted.covariance == pytest.approx(fit.covariance)
    half = linear_fit(design, y, np.where(x < 0, 1.0, 1e6))
    assert half.values == pytest.approx(linear_fit(design[x < 0], y[x < 0]).values, rel=1e-5)


def test_what_a_fit_absorbed_counts_as_unknown():
    """Drift with a free value at each of 12 places, taken off as means or written out as columns."""
    rng = np.random.default_rng(3)
    group = np.tile(np.arange(12), 4)
    time = np.linspace(-1, 1, 48)
    y = rng.normal(size=12)[group] + 0.3 * time + 0.05 * rng.normal(size=48)
    full = linear_fit(np.column_stack([time, np.eye(12)[group]]), y)
    means = np.bincount(group, y) / 4, np.bincount(group, time) / 4
    design, target = (time - means[1][group])[:, None], y - means[0][group]
    K = pseudo_inverse(factored(design))
    values = K @ target
    part = from_scatter(values, K @ K.T, target - design @ values, np.ones(48), absorbed=12)
    assert values[0] == pytest.approx(full.values[0])
    assert part.degrees_of_freedom == full.degrees_of_freedom == 35
    assert part.chi_square == pytest.approx(full.chi_square)


def test_copies_of_a_reading_add_nothing():
    design, y = line()
    twice = linear_fit(np.vstack([design, design]), np.concatenate([y, y]), copies=2)
    once = linear_fit(design, y)
    assert twice.covariance == pytest.approx(once.covariance, rel=1e-12)
    assert twice.degrees_of_freedom == once.degrees_of_freedom


def test_intervals_hold_the_truth_as_often_as_they_say_also_for_noise_that_remembers():
    for rho, wanted in ((0.0, 0.03), (0.6, 0.06)):
        rng = np.random.default_rng(4)
        inside = []
        for _ in range(400):
            e = rng.normal(size=120)
            for i in range(1, 120):
                e[i] = rho * e[i - 1] + np.sqrt(1 - rho**2) * e[i]
            design, _ = line(120)
            fit = linear_fit(design, design @ [1.0, 2.0] + e)
            inside.append(np.abs(fit.values - [1.0, 2.0]) < quantile(0.683, fit.freedom) * fit.errors)
            assert fit.factor == 1.0 or fit.freedom < fit.degrees_of_freedom
        assert np.mean(inside) == pytest.approx(0.683, abs=wanted)


def test_too_few_rows_and_what_cannot_be_told_apart_are_refused():
    with pytest.raises(MeasurementError, match=r"rows: got 2, for 3 unknowns \(a, b, c\)\. Allowed: at least 4\."):
        check_rows(2, 3, ("a", "b", "c"))
    check_rows(4, 3)
    with pytest.raises(MeasurementError, match="apart") as caught:
        linear_fit(np.ones((9, 2)), np.arange(9.0))
    assert caught.value.field == "fit"
    assert "window" in caught.value.remedy
