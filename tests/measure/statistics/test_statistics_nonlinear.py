"""Nonlinear least squares: two optimisers agree, a linear model gives the linear answer, bounds hold."""

import sys

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.estimate import linear_fit
from spinstack.measure.statistics.nonlinear import curve_fit, minimise, minimise_within

X = np.linspace(0, 3, 60)
Y = 2.0 * np.exp(-1.3 * X) + 0.5 + 0.01 * np.random.default_rng(0).normal(size=60)
START = {"height": 1.0, "rate": 1.0, "floor": 0.0}


def model(p):
    return p[0] * np.exp(-p[1] * X) + p[2]


def slopes(p):
    decay = np.exp(-p[1] * X)
    return np.stack([decay, -p[0] * X * decay, np.ones(60)], axis=1)


def test_both_optimisers_and_given_slopes_find_the_same_minimum():
    start = np.array(list(START.values()))
    plain = minimise(lambda p: model(p) - Y, start)
    exact = minimise(lambda p: model(p) - Y, start, slopes)
    other = minimise_within(lambda p: model(p) - Y, START)
    for found in (plain, other):
        assert found.converged
        assert found.values == pytest.approx(exact.values, rel=1e-5)
        assert found.covariance == pytest.approx(exact.covariance, rel=1e-3)
        assert found.residual == pytest.approx(model(found.values) - Y)
    # the slopes of the squares vanish there
    assert slopes(exact.values).T @ exact.residual == pytest.approx(np.zeros(3), abs=1e-8)
    assert exact.covariance == pytest.approx(np.linalg.inv(slopes(exact.values).T @ slopes(exact.values)), rel=1e-6)


def test_a_linear_model_gives_the_estimate_of_linear_least_squares():
    design = np.stack([np.ones(60), X], axis=1)
    sigma = 1 + X
    line = linear_fit(design, Y, sigma)
    found = curve_fit(lambda p: design @ p, Y, {"offset": 0.0, "slope": 0.0}, sigma)
    assert found.values == pytest.approx(line.values, rel=1e-6)
    assert found.covariance == pytest.approx(line.covariance, rel=1e-4)
    assert found.freedom == pytest.approx(line.freedom, rel=1e-6)
    assert found.chi_square == pytest.approx(line.chi_square, rel=1e-9)


def test_values_stay_within_their_bounds():
    found = minimise_within(lambda p: model(p) - Y, START, {"rate": (0.0, 1.1)})
    assert found.values[1] == pytest.approx(1.1, abs=1e-3)
    assert minimise_within(lambda p: model(p) - Y, START, evaluations=3).converged is False


def test_what_the_data_do_not_determine_is_refused_by_name():
    with pytest.raises(MeasurementError, match="height, idle, rate are not all determined"):
        curve_fit(lambda p: p[0] * np.exp(-p[2] * X), Y, {"height": 1.0, "idle": 1.0, "rate": 1.0})
    with pytest.raises(MeasurementError, match=r"rows: got 3, for 3 unknowns \(height, rate, floor\)"):
        curve_fit(lambda p: model(p)[:3], Y[:3], START)


def test_a_missing_library_is_told_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "lmfit", None)
    with pytest.raises(MeasurementError, match=r"spinstack\[xray\]"):
        minimise_within(lambda p: p, {"a": 1.0}, extra="xray")
