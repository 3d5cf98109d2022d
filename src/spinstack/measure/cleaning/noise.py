"""How noisy a record is, told without a model of its signal, and what few rows or correlated noise do to errors."""

from __future__ import annotations

import numpy as np

from spinstack.measure.sweeps.estimate import CORRELATED, correlated

#: a standard normal deviate lies within +-1 with this probability
ONE_SIGMA = 0.6826894921370859


def bend(values: np.ndarray) -> np.ndarray:
    """Every inner value less the mean of its two neighbours, (rows - 2,): free of offset and slope."""
    return values[1:-1] - 0.5 * (values[2:] + values[:-2])


def noise_level(values: np.ndarray) -> float:
    """Standard deviation of white noise from the median bend: neither a smooth signal nor spikes count."""
    if values.size < 3:
        return 0.0
    return float(np.median(np.abs(bend(values)))) / (0.67449 * np.sqrt(1.5))


def student(freedom: float) -> float:
    """Factor on a standard error from few degrees of freedom, so that +-1 error covers 68.3 %."""
    from scipy.stats import t

    return float(t.ppf(0.5 + ONE_SIGMA / 2, freedom)) if np.isfinite(freedom) else 1.0


def justified(chi2: float, freedom: float) -> float:
    """The reduced chi^2 where stated errors leave less than 1 % of chance for one so large, else 1."""
    from scipy.stats import chi2 as distribution

    return chi2 if freedom > 0 and distribution.sf(chi2 * freedom, freedom) < 0.01 else 1.0


def correlation_factor(
    residual: np.ndarray, parameters: int, expected: float = 0.0, copies: int = 1
) -> tuple[float, float]:
    """Correlation of neighbouring residuals beyond the expected one, and the factor on errors for it (1: chance).

    `copies`: how often each independent residual occurs.
    """
    r, _ = correlated(residual, parameters)
    r -= expected
    significant = r * np.sqrt(residual.size / copies) > CORRELATED
    return r, float(np.sqrt((1 + r) / (1 - r))) if significant else 1.0


def correlation_words(r: float, factor: float) -> str:
    """A clause for remarks where the noise is correlated."""
    return "" if factor == 1.0 else f"; neighbouring residuals correlate by {r:.2f}, errors widened {factor:.2f} times"
