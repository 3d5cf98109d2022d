"""How noisy a record is, told without a model of its signal, and what memory of the noise does to errors of a fit."""

from __future__ import annotations

import numpy as np

#: noise counts as correlated where its neighbours correlate by more than this many standard errors
CORRELATED = 2.5
#: fewest residuals whose correlation says anything
FEWEST = 10
#: standard deviation of the bend of white noise, and the median of its size, in standard deviations of a reading
BEND, MEDIAN_BEND = float(np.sqrt(1.5)), 0.67449 * float(np.sqrt(1.5))


def bend(values: np.ndarray) -> np.ndarray:
    """Every inner value less the mean of its two neighbours, (rows - 2,): free of offset and slope."""
    return values[1:-1] - 0.5 * (values[2:] + values[:-2])


def white_noise(values: np.ndarray, robust: bool = False) -> float:
    """Standard deviation of white noise on a smooth curve of about evenly spaced points, from its bends.

    From their root mean square, or `robust`, from the median of their size: then spikes do not count. 0 for fewer than
    three values. The mean square successive difference of J. von Neumann et al., Ann. Math. Stat. 12, 153 (1941), for
    second differences.
    """
    if values.size < 3:
        return 0.0
    if robust:
        return float(np.median(np.abs(bend(values)))) / MEDIAN_BEND
    return float(np.sqrt(np.mean(bend(values) ** 2))) / BEND


def successive_noise(values: np.ndarray) -> float:
    """Standard deviation of white noise on a slope, from first differences; 0 for fewer than four values."""
    return float(np.std(np.diff(values))) / float(np.sqrt(2)) if values.size > 3 else 0.0


def lag_one(residual: np.ndarray) -> float:
    """Correlation of neighbouring residuals; 0 where all of them are zero."""
    power = float(residual @ residual)
    return float(residual[1:] @ residual[:-1]) / power if power > 0 else 0.0


def correlated(residual: np.ndarray, parameters: int, copies: int = 1, expected: float = 0.0) -> tuple[float, float]:
    """Correlation of neighbouring residuals beyond an `expected` one, and the factor on errors that it asks for.

    The factor is sqrt((1 + r)/(1 - r)), that of smooth columns and first-order autoregressive noise, or 1 where the
    correlation may be chance. `copies`: how often each independent residual occurs.
    """
    rows = residual.size
    if rows < FEWEST or not residual.any():
        return 0.0, 1.0
    # a fit makes neighbours differ: the coefficient comes out too small by about its number of parameters over rows
    r = min(lag_one(residual) + parameters / rows, 0.95) - expected
    return r, float(np.sqrt((1 + r) / (1 - r))) if r * np.sqrt(rows / copies) > CORRELATED else 1.0


def correlation_words(r: float, factor: float) -> str:
    """A clause for remarks where the noise is correlated."""
    return "" if factor == 1.0 else f"; neighbouring residuals correlate by {r:.2f}, errors widened {factor:.2f} times"
