"""Noise that remembers: whitening, the order and the coefficients of a model, errors of a fit against dense algebra."""

import numpy as np
import pytest
from scipy.linalg import toeplitz
from scipy.signal import lfilter

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics import autoregressive as series
from spinstack.measure.statistics.coloured import coloured_fit
from spinstack.measure.statistics.estimate import linear_fit

PHI = np.array([0.5, -0.3, 0.2])
NAMES = ["offset", "slope"]


def design(rows):
    return np.stack([np.ones(rows), np.linspace(-1, 2, rows)], axis=1)


def noise(rng, rows, phi):
    return lfilter([1], np.concatenate([[1], -np.asarray(phi)]), rng.normal(size=rows + 500))[500:]


def test_the_posterior_of_a_short_record_is_that_of_dense_algebra():
    """Likelihood of the error contrasts, integrated over every rho with its prior."""
    rng = np.random.default_rng(3)
    A = np.vander(np.linspace(-1, 1, 14), 4)
    b = noise(rng, 14, [0.6])
    low, high = series.RANGE
    rho = np.append(np.linspace(low, high, 4001), 0.0)
    log, left = np.empty(rho.size), np.empty(rho.size)
    for i, r in enumerate(rho):
        V = toeplitz(r ** np.arange(14)) / (1 - r**2)
        W = np.linalg.inv(V)
        rest = b - A @ np.linalg.solve(A.T @ W @ A, A.T @ W @ b)
        left[i] = rest @ W @ rest
        log[i] = -0.5 * (np.linalg.slogdet(V)[1] + np.linalg.slogdet(A.T @ W @ A)[1] + 10 * np.log(left[i]))
    weight = np.exp(log - log.max()) * np.append(np.full(4001, (1 - series.WHITE) / 4001), series.WHITE)
    weight /= weight.sum()
    found = series.posterior(A, b)
    assert found.mean_rho == pytest.approx(weight @ rho, abs=0.01)
    assert found.mean_variance == pytest.approx(weight @ left / 10, rel=0.02)


def test_whitening_is_the_inverse_root_of_the_correlation():
    correlation = toeplitz(series.autocovariance(PHI, 12))
    root = series.whiten(PHI, np.eye(12))
    assert root @ correlation @ root.T == pytest.approx(np.eye(12), abs=1e-10)
    rho, rest = series.slowest(series.joined(0.8, np.array([0.1, -0.4])))
    assert rho == pytest.approx(0.8, abs=1e-10)
    assert rest == pytest.approx([0.1, -0.4], abs=1e-10)


def test_autocovariance_is_that_of_a_long_record():
    e = noise(np.random.default_rng(0), 400_000, PHI)
    measured = [e[k:] @ e[: e.size - k] / e.size for k in range(6)]
    assert series.autocovariance(PHI, 6) == pytest.approx(measured, abs=0.015)
    assert series.autocovariance(np.zeros(0), 3).tolist() == [1.0, 0.0, 0.0]


def test_burg_finds_the_noise_it_was_given():
    rng = np.random.default_rng(4)
    assert series.choose(noise(rng, 5000, [0.6, -0.5]))[:2] == pytest.approx([0.6, -0.5], abs=0.04)
    assert len(series.choose(rng.standard_normal(5000))) == 0


def test_projected_covariance_is_that_of_dense_matrices():
    A = design(40)
    V = toeplitz(series.autocovariance(PHI, 40))
    assert series.projected(PHI, A) == pytest.approx(A.T @ V @ A, rel=1e-5)
    assert series.projected(np.zeros(0), A) == pytest.approx(A.T @ A)


def test_errors_of_a_known_noise_are_those_of_dense_algebra():
    rows = 60
    A, phi = design(rows), np.array([0.6])
    y = A @ [3.0, -1.0] + noise(np.random.default_rng(1), rows, phi)
    fit = coloured_fit(A, y, NAMES, phi)
    V = fit.innovation**2 * toeplitz(series.autocovariance(phi, rows))
    K = np.linalg.inv(A.T @ A) @ A.T
    assert fit.values == pytest.approx(K @ y)
    assert fit.covariance == pytest.approx(K @ V @ K.T, rel=1e-5)
    # innovations from weighing with the inverse of V, the best linear estimate
    W = np.linalg.cholesky(np.linalg.inv(toeplitz(series.autocovariance(phi, rows)))).T
    rest = np.linalg.lstsq(W @ A, W @ y, rcond=None)[1][0]
    assert fit.innovation == pytest.approx(np.sqrt(rest / (rows - 2)))
    assert fit.freedom == rows - 3


def test_white_noise_gives_plain_least_squares():
    A = design(80)
    y = A @ [3.0, -1.0] + np.random.default_rng(2).normal(size=80)
    white, plain = coloured_fit(A, y, NAMES, "white"), linear_fit(A, y)
    assert plain.factor == 1.0
    assert white.covariance == pytest.approx(plain.covariance)
    assert white.inflation == pytest.approx([1.0, 1.0])
    assert white.chi_square == pytest.approx(plain.chi_square)
    scaled = coloured_fit(A, y, NAMES, "white", np.where(A[:, 1] < 0, 1.0, 3.0))
    assert scaled.values == pytest.approx(linear_fit(A, y, np.where(A[:, 1] < 0, 1.0, 3.0)).values)


def test_errors_are_the_scatter_of_records_with_slow_noise():
    rng = np.random.default_rng(3)
    A = design(250)
    fits = [coloured_fit(A, noise(rng, 250, [0.7]), NAMES) for _ in range(300)]
    scatter = np.std([f.values for f in fits], axis=0)
    assert np.sqrt(np.mean([f.errors**2 for f in fits], axis=0)) == pytest.approx(scatter, rel=0.12)
    assert np.median([f.inflation[0] for f in fits]) == pytest.approx(np.sqrt(1.7 / 0.3), rel=0.1)


def test_what_rows_cannot_tell_is_named():
    A = np.column_stack([design(30), 2 * design(30)[:, 1], np.zeros(30)])
    y = np.arange(30.0)
    with pytest.raises(MeasurementError, match="depends on nothing"):
        coloured_fit(A[:, [0, 1, 3]], y, ["offset", "slope", "nothing"])
    with pytest.raises(MeasurementError, match="apart slope, twin"):
        coloured_fit(A[:, :3], y, ["offset", "slope", "twin"])
    with pytest.raises(MeasurementError, match="noise: got 'pink'"):
        coloured_fit(A[:, :2], y, NAMES, "pink")
    with pytest.raises(MeasurementError, match=r"rows: got 2, for 2 unknowns \(offset, slope\)"):
        coloured_fit(A[:2, :2], y[:2], NAMES)
