"""Statistics at their edges: records without noise, of one value, too short, or longer than what is averaged."""

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics import autoregressive as series
from spinstack.measure.statistics.noise import correlated, lag_one
from spinstack.measure.statistics.nonlinear import curve_fit


def test_a_record_without_noise_has_no_model():
    assert series.burg(np.zeros(20), 3) == [(pytest.approx(np.zeros(0)), 0.0)]
    assert series.choose(np.full(20, 2.0)).size == 0
    wave = np.sin(np.arange(400) * 0.05)
    orders = series.burg(wave, 8)
    # a curve is told by its past but for what the ends of the record leave: never to less than rounding
    assert all(v > series.PREDICTED * orders[0][1] for _, v in orders)
    line = (-1.0) ** np.arange(400)
    assert len(series.burg(line, 5)) < 6


@pytest.mark.parametrize(("rows", "order"), [(39, 0), (40, 1), (79, 1), (80, 2), (1000, 25), (1200, 30), (40_000, 46)])
def test_the_largest_order_tried(rows, order):
    assert series.largest_order(rows) == order


def test_noise_forgets_its_start_to_a_thousandth():
    for rho in (0.5, 0.9, 0.99):
        rows = series.settling(np.array([rho]))
        assert rho**rows <= np.exp(-7) < rho ** (rows - 1)
    assert series.settling(np.array([0.9999])) == int(np.ceil(-7 / np.log(0.9985)))
    assert series.settling(np.zeros(0)) == 0
    assert series.settling(np.array([1e-5])) == 2


def test_long_records_take_one_point_of_the_posterior(monkeypatch):
    rng = np.random.default_rng(2)
    A = np.vander(np.linspace(-1, 1, 150), 3)
    b = np.zeros(150)
    for i in range(1, 150):
        b[i] = 0.6 * b[i - 1] + rng.standard_normal()
    whole = series.model(A, b)
    monkeypatch.setattr(series, "LONG", 149)
    one = series.model(A, b)
    np.testing.assert_allclose(one[0], whole[0])
    assert one[1] == whole[1]
    np.testing.assert_allclose(one[2], whole[2], rtol=0.4)
    np.testing.assert_allclose(one[2], one[1] * series.projected(one[0], A))
    monkeypatch.setattr(series, "LONG", 150)
    np.testing.assert_allclose(series.model(A, b)[2], whole[2])


def test_a_root_that_is_nothing_leaves_the_rest():
    rest = np.array([0.3, -0.2])
    np.testing.assert_allclose(series.joined(1e-13, rest), rest)
    np.testing.assert_allclose(series.joined(0.5, rest), [0.8, -0.35, 0.1])
    assert series.slowest(np.array([-0.5]))[0] == 0.0


@pytest.mark.parametrize(("rows", "r", "factor"), [(9, 0.0, 1.0), (10, None, None)])
def test_ten_residuals_say_something_of_their_correlation(rows, r, factor):
    smooth = np.linspace(-1, 1, rows) + 0.3
    found = correlated(smooth, 0)
    if r is not None:
        assert found == (r, factor)
    else:
        assert found[0] == pytest.approx(lag_one(smooth))


def test_correlation_counts_from_two_and_a_half_errors_on():
    for wanted, copies, widened in ((2.4, 1, False), (2.6, 1, True), (2.6, 2, False), (3.7, 2, True)):
        rng = np.random.default_rng(0)
        white = rng.standard_normal(400)
        # a record whose correlation is what is wanted: white noise and what came before it
        low, high = 0.0, 1.0
        for _ in range(60):
            a = (low + high) / 2
            record = white[1:] + a * white[:-1]
            low, high = (a, high) if lag_one(record) * np.sqrt(record.size) < wanted else (low, a)
        r, factor = correlated(record, 0, copies)
        assert (factor > 1) == widened
        assert factor == pytest.approx(np.sqrt((1 + r) / (1 - r)) if widened else 1.0)
    assert correlated(np.ones(400), 0)[0] == 0.95


def test_a_model_without_finite_values_is_told_with_its_start():
    with pytest.raises(MeasurementError, match="no finite values around a = 2") as caught:
        curve_fit(lambda p: np.full(9, np.nan) * p[0], np.arange(9.0), {"a": 2.0})
    assert caught.value.field == "fit"
