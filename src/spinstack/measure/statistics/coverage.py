"""How far an interval reaches, how many degrees of freedom an error has, and when stated errors are too small."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinstack.measure.checks import number
from spinstack.measure.statistics.estimate import probability

#: a standard normal deviate lies within +-1 with this probability
ONE_SIGMA = 0.6826894921370859
#: chance below which scatter larger than stated errors counts
UNLIKELY = 0.01


def quantile(level: float, freedom: float) -> float:
    """Standard errors to either side of an interval of probability `level`, by Student's t."""
    from scipy.stats import t

    return float(t.ppf(0.5 + level / 2, freedom))


def check_level(level: Any) -> float:
    """A probability between 0 and 1, ends excluded."""
    remedy = "Give a probability such as 0.95."
    return number(level, "level", low=0, high=1, open_low=True, open_high=True, remedy=remedy)


def student(freedom: float) -> float:
    """Factor on a standard error from few degrees of freedom, so that +-1 error covers 68.3 %."""
    return quantile(ONE_SIGMA, freedom) if np.isfinite(freedom) else 1.0


def pooled_freedom(variances: Any, freedoms: Any) -> float:
    """Degrees of freedom of a sum of independent variances: Welch, Biometrika 34, 28 (1947); Satterthwaite."""
    parts, counts = np.asarray(variances, dtype=float), np.asarray(freedoms, dtype=float)
    total = float(np.sum(parts**2 / counts))
    return float(parts.sum() ** 2 / total) if total > 0 else np.inf


def justified(reduced_chi_square: float, degrees_of_freedom: float) -> float:
    """The reduced chi-square where stated errors leave less than 1 % of chance for one so large, else 1."""
    chance = probability(reduced_chi_square * degrees_of_freedom, degrees_of_freedom)
    return reduced_chi_square if chance < UNLIKELY else 1.0


def variance_ratio(ratio: float, freedom: float, other: float) -> float:
    """Probability that chance makes a ratio of two estimates of one variance as large (Fisher's F)."""
    from scipy.stats import f

    return float(f.sf(ratio, freedom, other))


def bartlett(variances: np.ndarray, freedom: np.ndarray, pooled: float) -> float:
    """Probability that groups whose `variances` differ as much have one, the `pooled` one, of groups of any size.

    M. S. Bartlett, Proc. R. Soc. A 160, 268 (1937).
    """
    if variances.size < 2 or np.any(variances <= 0):
        return 1.0
    statistic = freedom.sum() * np.log(pooled) - np.sum(freedom * np.log(variances))
    correction = 1 + (np.sum(1 / freedom) - 1 / freedom.sum()) / (3 * (variances.size - 1))
    return probability(statistic / correction, variances.size - 1)
