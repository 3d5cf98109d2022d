"""How noisy a record is, whatever its signal; correlation of neighbours and what it does to the error of a mean."""

import numpy as np
import pytest
from scipy.signal import lfilter

from spinstack.measure.statistics import autoregressive
from spinstack.measure.statistics.noise import (
    bend,
    correlated,
    correlation_words,
    lag_one,
    successive_noise,
    white_noise,
)


def remembering(rng, rows, rho):
    return lfilter([np.sqrt(1 - rho**2)], [1, -rho], rng.normal(size=rows + 300))[300:]


@pytest.mark.parametrize("signal", ["constant", "slope", "parabola", "slow wave"])
def test_white_noise_is_found_on_any_smooth_signal(signal):
    x = np.linspace(-1, 1, 4000)
    clean = {"constant": 0 * x, "slope": 50 * x, "parabola": 40 * x**2, "slow wave": 30 * np.sin(9 * x)}[signal]
    y = clean + 0.3 * np.random.default_rng(0).normal(size=4000)
    for robust in (False, True):
        assert white_noise(y, robust) == pytest.approx(0.3, rel=0.05)
    assert successive_noise(y) == pytest.approx(0.3, rel=0.05)


def test_spikes_do_not_count_for_the_robust_one():
    y = 0.3 * np.random.default_rng(1).normal(size=4000)
    y[::200] += 50.0
    assert white_noise(y, robust=True) == pytest.approx(0.3, rel=0.08)
    assert white_noise(y) > 2


def test_bends_are_free_of_offset_and_slope_and_too_few_values_have_no_noise():
    y = np.array([1.0, 4.0, 9.0, 16.0])
    assert bend(y).tolist() == [-1.0, -1.0]
    assert bend(7 + 3 * np.arange(5.0)).tolist() == [0.0] * 3
    assert white_noise(y[:2]) == white_noise(y[:2], robust=True) == successive_noise(y[:3]) == 0.0


def test_correlation_of_neighbours_and_the_error_of_a_mean():
    rng = np.random.default_rng(2)
    rho, rows = 0.5, 400
    records = np.array([remembering(rng, rows, rho) for _ in range(1500)])
    found = [correlated(r - r.mean(), 1) for r in records]
    assert np.mean([r for r, _ in found]) == pytest.approx(rho, abs=0.01)
    # the mean scatters by that factor more than it would for white noise of the same size
    assert np.std(records.mean(axis=1)) * np.sqrt(rows) == pytest.approx(np.mean([f for _, f in found]), rel=0.06)
    assert np.mean([lag_one(r) for r in records]) == pytest.approx(rho, abs=0.01)


def test_white_noise_is_seldom_called_correlated_and_few_residuals_say_nothing():
    rng = np.random.default_rng(3)
    factors = [correlated(rng.normal(size=200), 2)[1] for _ in range(1000)]
    assert np.mean(np.array(factors) > 1) < 0.02
    assert correlated(np.ones(9), 1) == (0.0, 1.0)
    assert correlated(np.zeros(50), 1) == (0.0, 1.0)
    assert lag_one(np.zeros(5)) == 0.0


def test_what_is_expected_and_what_stands_twice_does_not_count():
    e = remembering(np.random.default_rng(4), 60, 0.45)
    r, factor = correlated(e, 1)
    assert factor == pytest.approx(np.sqrt((1 + r) / (1 - r)))
    assert correlated(e, 1, expected=r - 0.1) == (pytest.approx(0.1), 1.0)
    assert correlated(e, 1, copies=4)[1] == 1.0
    assert correlation_words(r, 1.0) == ""
    assert f"correlate by {r:.2f}" in correlation_words(r, factor)


def test_noise_is_that_about_the_model_whatever_the_model_takes_up():
    rng = np.random.default_rng(6)
    A = np.column_stack([np.ones(300), *(f(np.linspace(0, 12, 300)) for f in (np.sin, np.cos))])
    noise = lfilter([1.0], [1.0, -0.6], rng.standard_normal(300))
    plain, moved = (autoregressive.model(A, noise + A @ np.array(c)) for c in ([0, 0, 0], [1e3, -50.0, 80.0]))
    for one, other in zip(plain, moved, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)
    assert plain[0][0] == pytest.approx(0.6, abs=0.15)


@pytest.mark.parametrize("parameters", [0, 3])
@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("expected", [0.0, 0.1])
def test_a_correlation_counts_from_two_and_a_half_standard_errors_on(parameters, copies, expected):
    """A fit of p parameters makes that of n residuals too small by p/n; of copies each is one reading."""
    white = np.random.default_rng(4).standard_normal(81)
    for share in np.linspace(0, 1, 30):
        residual = white[1:] + share * white[:-1]
        wanted = residual[1:] @ residual[:-1] / (residual @ residual) + parameters / 80 - expected
        r, factor = correlated(residual, parameters, copies, expected)
        assert r == pytest.approx(wanted)
        assert factor == pytest.approx(np.sqrt((1 + r) / (1 - r)) if wanted * np.sqrt(80 / copies) > 2.5 else 1.0)
