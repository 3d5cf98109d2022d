"""Noise of a record: an autoregressive model of the residuals in the order of measurement, and what whitens them.

e_i = sum_k phi_k e_{i-k} + w_i with white w. Burg's recursion on the residuals of an ordinary fit, with the order of
the smallest Schwarz criterion, finds the shape of the spectrum, for instance a line of mains hum. But residuals have
lost the noise that the model could follow, so that slow noise is underestimated from them. The slowest factor
(1 - rho B) is therefore taken from the likelihood of the error contrasts (REML), which does not have this bias, and
averaged over its posterior, which carries on how uncertain rho itself is in a short scan.

The values of a fit stay those of least squares; the model makes their covariance (A^T A)^-1 A^T V A (A^T A)^-1. For
harmonics and slow drift least squares lose almost nothing against weighing with V^-1 (U. Grenander, Ann. Math. Stat.
25, 252 (1954)), and a curve that the fit cannot follow shows up in the residual, not in a curve beside the points.

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
#: part of the variance of residuals that rounding leaves of what their past predicts
PREDICTED = 1e-10
#: points that stand for the posterior, and rows from which one is enough
NODES, LONG = 9, 20_000


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
        if variance <= PREDICTED * found[0][1]:  # no noise, but a curve: its coefficients are a unit root
            break
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


class Posterior(NamedTuple):
    """First-order coefficients of equal weight with their variances of the innovations, and the means of both."""

    rho: np.ndarray
    variance: np.ndarray
    mean_rho: float
    mean_variance: float


def posterior(A: np.ndarray, b: np.ndarray) -> Posterior:
    """What the scatter of b (rows,) about A (rows, k) times coefficients says of a first-order noise model.

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

    def restricted(rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logarithm of the likelihood and squares left, each (rho,)."""
        G = power - rho[:, None, None] * (lagged + lagged.T) + rho[:, None, None] ** 2 * inner
        change = np.linalg.solve(G[:, :k, :k], G[:, :k, k:])[..., 0]
        rest = np.maximum(G[:, k, k] - np.einsum("gi,gi->g", change, G[:, :k, k]), 1e-300)
        log = 0.5 * np.log1p(-(rho**2)) - 0.5 * np.linalg.slogdet(G[:, :k, :k])[1] - 0.5 * (n - k) * np.log(rest)
        return log, rest

    first, last = (float(np.arctanh(end)) for end in RANGE)
    z = np.linspace(first, last, 41)
    log = restricted(np.tanh(z))[0]
    # where the posterior is, in two steps, so that few points do for long scans too
    for points in (25, 61):
        inside = z[log > log.max() - 9.0]
        step = float(z[1] - z[0])
        z = np.linspace(max(float(inside[0]) - step, first), min(float(inside[-1]) + step, last), points)
        log = restricted(np.tanh(z))[0] if points < 61 else log
    rho = np.append(np.tanh(z), 0.0)
    log, rest = restricted(rho)
    density = np.exp(log - log.max())
    weight = density * np.append(np.gradient(rho[:-1]) / (RANGE[1] - RANGE[0]) * (1 - WHITE), WHITE)
    weight /= weight.sum()
    variance = rest / (n - k)
    order = np.argsort(rho)
    passed = np.cumsum(weight[order]) - 0.5 * weight[order]
    nodes = np.interp((np.arange(NODES) + 0.5) / NODES, passed, rho[order])
    each = np.interp(nodes, rho[order], variance[order])
    return Posterior(nodes, each, float(weight @ rho), float(weight @ variance))


def settling(phi: np.ndarray) -> int:
    """Rows after which the noise has forgotten its start."""
    if not len(phi):
        return 0
    slow = float(np.max(np.abs(np.roots(np.concatenate([[1.0], -phi])))))
    return int(min(5000, np.ceil(-7 / np.log(min(max(slow, 1e-3), 0.9985)))))


def projected(phi: np.ndarray, A: np.ndarray) -> np.ndarray:
    """A^T V A (k, k) with V the covariance of the noise for innovations of variance 1."""
    if not len(phi):
        return np.asarray(A.T @ A)
    from scipy.signal import lfilter

    backwards = np.concatenate([A[::-1], np.zeros((settling(phi), A.shape[1]))])
    weight = lfilter([1.0], np.concatenate([[1.0], -phi]), backwards, axis=0)
    return np.asarray(weight.T @ weight)


def model(A: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Noise of b about A times coefficients: mean phi, variance of the innovations, and A^T V A over the posterior."""
    residual = b - A @ np.linalg.lstsq(A, b, rcond=None)[0]
    _, rest = slowest(choose(residual))
    found = posterior(whiten(rest, A), whiten(rest, b))
    phi = joined(found.mean_rho, rest)
    if len(b) > LONG:
        return phi, found.mean_variance, found.mean_variance * projected(phi, A)
    middle = [v * projected(joined(r, rest), A) for r, v in zip(found.rho, found.variance, strict=True)]
    return phi, found.mean_variance, np.mean(middle, axis=0)


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
