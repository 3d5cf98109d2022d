"""What the residuals of a fit say: is the noise white, is a term missing, are there readings far off."""

from __future__ import annotations

import numpy as np

from spinstack.measure.statistics.autoregressive import autocovariance
from spinstack.measure.statistics.coverage import variance_ratio
from spinstack.measure.statistics.estimate import probability
from spinstack.measure.statistics.linear import least_squares

#: robust standard deviations beyond which a residual is a spike
SPIKE = 6.0


def durbin_watson(residual: np.ndarray) -> float:
    """sum (r_i - r_{i-1})^2 / sum r_i^2: 2 for white noise, 0 for slow noise, 4 for alternating noise.

    J. Durbin and G. S. Watson, Biometrika 37, 409 (1950).
    """
    power = float(residual @ residual)
    return float(np.sum(np.diff(residual) ** 2) / power) if power > 0 else float("nan")


def ljung_box(residual: np.ndarray, lags: int | None = None, fitted: int = 0) -> tuple[float, float]:
    """Statistic Q and probability that white noise gives a larger one; `fitted`: coefficients of a noise model.

    Q = n (n+2) sum_k r_k^2/(n-k). G. M. Ljung and G. E. P. Box, Biometrika 65, 297 (1978).
    """
    n = len(residual)
    count = max(min(20, n // 5) if lags is None else lags, fitted + 1)
    r = residual - residual.mean()
    power = float(r @ r)
    if power <= 0 or count >= n:
        return float("nan"), float("nan")
    Q = n * (n + 2) * sum((float(r[k:] @ r[:-k]) / power) ** 2 / (n - k) for k in range(1, count + 1))
    return float(Q), probability(float(Q), count - fitted)


def spikes(residual: np.ndarray, threshold: float = SPIKE) -> np.ndarray:
    """Rows further than `threshold` robust standard deviations (from the median absolute residual) from the fit."""
    off = np.abs(residual - np.median(residual))
    spread = 1.4826 * float(np.median(off))
    # readings of few digits: half of them may be exactly on the median
    spread = max(spread, float(np.quantile(off, 0.9)) / 1.645, 1e-300)
    return off > threshold * spread


def effective_size(residual: np.ndarray, phi: np.ndarray) -> float:
    """White readings that would fix a mean as well: rows times variance over spectral density at frequency zero."""
    if not len(phi):
        return float(len(residual))
    variance = float(autocovariance(phi, 1)[0])
    return float(len(residual) * variance * (1 - phi.sum()) ** 2)


def gain(design: np.ndarray, reading: np.ndarray, extra: np.ndarray) -> tuple[float, float]:
    """F statistic and probability for adding columns `extra` to a linear model with white noise."""
    both = np.column_stack([design, extra])
    before, after = (float(np.sum((reading - X @ least_squares(X, reading)) ** 2)) for X in (design, both))
    k, free = extra.shape[1], len(reading) - both.shape[1]
    if free < 1 or not after > 0:
        return float("nan"), float("nan")
    F = (before - after) / k / (after / free)
    return F, variance_ratio(F, k, free)
