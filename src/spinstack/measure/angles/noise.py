"""Noise of a scan: an autoregressive model of the residuals in the order of measurement, and what whitens them.

e_i = sum_k phi_k e_{i-k} + w_i with white w. Burg's recursion on the residuals of an ordinary fit, with the order of
the smallest Schwarz criterion, finds the shape of the spectrum, for instance a line of mains hum. But residuals have
lost the noise that the model could follow, so that slow noise is underestimated from them. The slowest factor
(1 - rho B) is therefore taken from the likelihood of the error contrasts (REML), which does not have this bias, and
averaged over its posterior, which carries on how uncertain rho itself is in a short scan.

Sources: J. P. Burg, thesis, Stanford (1975), recursion as in P. J. Brockwell and R. A. Davis, "Time Series: Theory and
Methods", 2nd ed. (1991), Sec. 8.2; D. A. Harville, J. Am. Stat. Assoc. 72, 320 (1977) for REML; G. Schwarz, Ann. Stat.
6, 461 (1978) for the criterion.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: weight of white noise before the data are seen
WHITE = 0.2
#: first-order coefficients that a flat prior allows
RANGE = (-0.98, 0.995)


def burg(residual: np.ndarray, largest: int) -> list[tuple[np.ndarray, float]]:
    """Autoregressive coefficients and variance of the innovations for every order from 0 to `largest`."""
    forward = backward = residual - residual.mean()
    variance = float(forward @ forward) / len(forward)
    phi = np.zeros(0)
    found = [(phi, variance)]
    for _ in range(largest):
        f, b = forward[1:], backward[:-1]
        power = float(f @ f + b @ b)
        if power <= 0 or variance <= 0:
            break
        k = 2 * float(f @ b) / power
        phi = np.append(phi - k * phi[::-1], k)
        forward, backward = f - k * b, b - k * f
        variance *= 1 - k * k
        found.append((phi, variance))
    return found


def largest_order(rows: int) -> int:
    """Highest order tried: 10 log10(rows), the usual bound, and one for 40 rows, since a fit colours its residuals."""
    return max(0, min(int(10 * np.log10(max(rows, 1))), rows // 40))


def choose(residual: np.ndarray) -> np.ndarray:
    """Coefficients phi (order,) of the order with the smallest Schwarz criterion; empty for white noise."""
    n = len(residual)
    candidates = [c for c in burg(residual, largest_order(n)) if c[1] > 0]
    if not candidates:
        return np.zeros(0)
    criterion = [n * np.log(variance) + len(phi) * np.log(n) for phi, variance in candidates]
    return candidates[int(np.argmin(criterion))][0]


def autocovariance(phi: np.ndarray, lags: int) -> np.ndarray:
    """Autocovariance (lags,) for innovations of variance 1, from the Yule-Walker equations."""
    p = len(phi)
    if p == 0:
        return np.eye(1, lags)[0]
    system = np.eye(p + 1)
    for i in range(p + 1):
        for k in range(p):
            system[i, abs(i - k - 1)] -= phi[k]
    start = np.linalg.solve(system, np.eye(1, p + 1)[0])
    out = np.zeros(max(lags, p + 1))
    out[: p + 1] = start
    for i in range(p + 1, lags):
        out[i] = phi @ out[i - p : i][::-1]
    return out[:lags]


def whiten(phi: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """L^-1 columns with L L^T the correlation of the noise for innovations of variance 1; columns (rows[, k])."""
    p = len(phi)
    if p == 0:
        return columns
    from scipy.linalg import solve_triangular, toeplitz
    from scipy.signal import lfilter

    out = lfilter(np.concatenate([[1.0], -phi]), 1.0, columns, axis=0)
    start = np.linalg.cholesky(toeplitz(autocovariance(phi, p)))
    out[:p] = solve_triangular(start, columns[:p], lower=True)
    return np.asarray(out)


class Averaged(NamedTuple):
    """Mean and covariance of the coefficients, mean first-order coefficient, mean variance of the innovations."""

    coefficients: np.ndarray
    covariance: np.ndarray
    rho: float
    variance: float


def averaged(A: np.ndarray, b: np.ndarray) -> Averaged:
    """Least squares of b (rows,) on A (rows, k), averaged over the posterior of a first-order noise model.

    For each rho the coefficients and the variance are integrated out. What is left is the likelihood of error contrasts
    log p = -1/2 log|V| - 1/2 log|A^T V^-1 A| - (n-k)/2 log(r^T V^-1 r), with V^-1 quadratic in rho: one pass over
    the rows serves every rho. The prior of rho is flat, but for white noise, which keeps a part of its own.
    """
    n, k = A.shape
    c0 = np.linalg.lstsq(A, b, rcond=None)[0]
    both = np.column_stack([A, b - A @ c0])
    power = both.T @ both
    ends = np.outer(both[0], both[0]), np.outer(both[-1], both[-1])
    lagged = both[1:].T @ both[:-1]
    inner = power - ends[0] - ends[1]

    def restricted(rho: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Logarithm of the likelihood, change of the coefficients, squares left, inverse of A^T V^-1 A, each (rho,)."""
        G = power - rho[:, None, None] * (lagged + lagged.T) + rho[:, None, None] ** 2 * inner
        inverse = np.linalg.inv(G[:, :k, :k])
        change = np.einsum("gij,gj->gi", inverse, G[:, :k, k])
        rest = np.maximum(G[:, k, k] - np.einsum("gi,gi->g", change, G[:, :k, k]), 1e-300)
        log = 0.5 * np.log1p(-(rho**2)) - 0.5 * np.linalg.slogdet(G[:, :k, :k])[1] - 0.5 * (n - k) * np.log(rest)
        return log, change, rest, inverse

    z = np.linspace(*np.arctanh(RANGE), 41)
    log = restricted(np.tanh(z))[0]
    # where the posterior is, in two steps, so that few points do for long scans too
    for points in (25, 61):
        inside = z[log > log.max() - 9.0]
        step = float(z[1] - z[0])
        z = np.linspace(*np.clip([inside[0] - step, inside[-1] + step], *np.arctanh(RANGE)), points)
        log = restricted(np.tanh(z))[0] if points < 61 else log
    rho = np.append(np.tanh(z), 0.0)
    log, change, rest, inverse = restricted(rho)
    density = np.exp(log - log.max())
    weight = density * np.append(np.gradient(rho[:-1]) / (RANGE[1] - RANGE[0]) * (1 - WHITE), WHITE)
    weight /= weight.sum()
    variance = rest / (n - k)
    mean = weight @ change
    off = change - mean
    covariance = np.einsum("g,gij->ij", weight * variance, inverse) + np.einsum("g,gi,gj->ij", weight, off, off)
    return Averaged(c0 + mean, covariance, float(weight @ rho), float(weight @ variance))


def slowest(phi: np.ndarray) -> tuple[float, np.ndarray]:
    """The largest positive real root rho of an autoregressive model, and phi of what is left: (1 - rho B) rest(B).

    Slow noise is what a fit of few terms absorbs, so it is this factor that residuals show too small.
    """
    roots = np.roots(np.concatenate([[1.0], -phi])) if len(phi) else np.zeros(0)
    real = np.flatnonzero((np.abs(roots.imag) < 1e-9) & (roots.real > 0))
    if not len(real):
        return 0.0, phi
    chosen = real[np.argmax(roots[real].real)]
    return float(roots[chosen].real), -np.real(np.atleast_1d(np.poly(np.delete(roots, chosen))))[1:]


def joined(rho: float, rest: np.ndarray) -> np.ndarray:
    """Coefficients of (1 - rho B) rest(B)."""
    if abs(rho) < 1e-12:
        return rest
    return -np.convolve([1.0, -rho], np.concatenate([[1.0], -rest]))[1:]
