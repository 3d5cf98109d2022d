"""Tests of residuals against their definitions and against how often they should speak up."""

import numpy as np
import pytest
from scipy import stats
from scipy.signal import lfilter

from spinstack.measure.statistics.residuals import durbin_watson, effective_size, gain, ljung_box, spikes


def test_durbin_watson_of_white_slow_and_alternating_noise():
    rng = np.random.default_rng(0)
    assert durbin_watson(rng.normal(size=20_000)) == pytest.approx(2, abs=0.05)
    assert durbin_watson(np.ones(5)) == 0
    assert durbin_watson(np.tile([1.0, -1.0], 500)) == pytest.approx(4, abs=0.01)
    assert np.isnan(durbin_watson(np.zeros(4)))


def test_ljung_box_is_uniform_for_white_noise_and_small_for_slow():
    rng = np.random.default_rng(1)
    p = [ljung_box(rng.normal(size=300))[1] for _ in range(500)]
    assert np.mean(np.array(p) < 0.1) == pytest.approx(0.1, abs=0.04)
    slow = lfilter([1], [1, -0.5], rng.normal(size=300))
    assert ljung_box(slow)[1] < 1e-4
    r = slow - slow.mean()
    first = float(r[1:] @ r[:-1] / (r @ r))
    Q = 300 * 302 * first**2 / 299
    assert ljung_box(slow, lags=1) == pytest.approx((Q, stats.chi2.sf(Q, 1)))
    for fitted in (1, 2, 4):  # coefficients of the noise model leave fewer degrees of freedom, one at least
        Q = ljung_box(slow, lags=6)[0]
        assert ljung_box(slow, lags=6, fitted=fitted) == pytest.approx((Q, stats.chi2.sf(Q, 6 - fitted)))
        few, chance = ljung_box(slow[:20], lags=1, fitted=fitted)
        assert chance == pytest.approx(stats.chi2.sf(few, 1))
    assert np.isnan(ljung_box(np.ones(30))).all()


def test_spikes_are_far_off_and_equal_readings_are_not():
    r = np.random.default_rng(2).normal(size=500)
    r[[4, 400]] = [30, -25]
    assert np.flatnonzero(spikes(r)).tolist() == [4, 400]
    steps = np.repeat([0.0, 1.0, -1.0], [300, 100, 100])
    assert not spikes(steps).any()


def test_effective_size_is_that_of_a_mean():
    for phi in ([0.6], [0.5, -0.3]):
        a = np.concatenate([[1], -np.array(phi)])
        means = [lfilter([1], a, np.random.default_rng(i).normal(size=900))[400:].mean() for i in range(1500)]
        variance = lfilter([1], a, np.random.default_rng(9).normal(size=400_000)).var()
        assert effective_size(np.zeros(500), np.array(phi)) == pytest.approx(variance / np.var(means), rel=0.1)
    assert effective_size(np.zeros(500), np.zeros(0)) == 500


def test_gain_of_a_column_is_students_t_squared():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(60, 2))
    y = x @ [1.0, 0.3] + rng.normal(size=60)
    ratio, p = gain(x[:, :1], y, x[:, 1:])
    K = np.linalg.inv(x.T @ x)
    c = K @ x.T @ y
    s2 = np.sum((y - x @ c) ** 2) / 58
    t = c[1] / np.sqrt(s2 * K[1, 1])
    assert ratio == pytest.approx(t**2)
    assert p == pytest.approx(2 * stats.t.sf(abs(t), 58))
    assert np.isnan(gain(x[:2, :1], y[:2], x[:2, 1:])[0])


def test_gain_of_two_columns_is_fishers_f():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(40, 4))
    y = x @ [1.0, 0.5, 0.2, -0.1] + rng.normal(size=40)
    before, after = (np.linalg.lstsq(x[:, :k], y, rcond=None)[1][0] for k in (2, 4))
    ratio = (before - after) / 2 / (after / 36)
    assert gain(x[:, :2], y, x[:, 2:]) == pytest.approx((ratio, stats.f.sf(ratio, 2, 36)))
