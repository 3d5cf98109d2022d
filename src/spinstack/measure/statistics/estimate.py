"""What a fit gives: values with covariance, what is left over, and how probable that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.linear import factored, pseudo_inverse, rank
from spinstack.measure.statistics.noise import correlated


@dataclass(frozen=True)
class Estimate:
    """What a fit gives.

    Attributes:
        values: (p,), in the units of the parameters.
        covariance: (p, p), of the values.
        residual: (rows,), readings less fitted, in the unit of the reading.
        chi_square: sum of the squares of weight times residual.
        degrees_of_freedom: the rows that are left over for it.
        freedom: degrees of freedom of the errors, for Student's t: infinite where they were stated, fewer than those
            of the rows where the noise remembers.
        correlation: that of neighbouring residuals.
        factor: how much wider the errors are for it.
    """

    values: np.ndarray
    covariance: np.ndarray
    residual: np.ndarray
    chi_square: float
    degrees_of_freedom: float
    freedom: float = np.inf
    correlation: float = 0.0
    factor: float = 1.0

    @property
    def errors(self) -> np.ndarray:
        """Standard errors (p,)."""
        return standard_errors(self.covariance)

    @property
    def reduced_chi_square(self) -> float:
        """Chi-square over its degrees of freedom; nan where there are none."""
        return self.chi_square / self.degrees_of_freedom if self.degrees_of_freedom > 0 else np.nan

    @property
    def probability(self) -> float:
        """Of a chi-square as large by chance, where the weights are those of stated errors; nan without freedom."""
        return probability(self.chi_square, self.degrees_of_freedom)


def probability(chi_square: float, degrees_of_freedom: float) -> float:
    """That noise alone gives a chi-square as large; nan where nothing is left to judge by."""
    from scipy.stats import chi2

    return float(chi2.sf(chi_square, degrees_of_freedom)) if degrees_of_freedom > 0 else np.nan


def chi_square(deviation: np.ndarray, covariance: np.ndarray) -> float:
    """Square of a deviation (p,) in units of its covariance (p, p)."""
    return float(deviation @ np.linalg.solve(covariance, deviation))


def standard_errors(covariance: np.ndarray) -> np.ndarray:
    """Roots of the variances; rounding below zero counts as zero, nan stays."""
    return np.asarray(np.sqrt(np.maximum(np.diag(covariance), 0.0)))


def propagated(slopes: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Covariance of numbers that change with others by `slopes` (numbers, p), from that (p, p) of the others."""
    return np.asarray(slopes @ covariance @ slopes.T)


def central_slopes(function: Callable[[np.ndarray], Any], at: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Derivatives (outputs, p) of a function of p parameters by central differences of a hundredth of `scale`."""
    columns = []
    for i, step in enumerate(0.01 * scale):
        shift = np.zeros(at.size)
        shift[i] = step or 1e-12
        up, down = np.atleast_1d(function(at + shift)), np.atleast_1d(function(at - shift))
        columns.append((up - down) / (2 * shift[i]))
    return np.stack(columns, axis=-1)


def from_scatter(
    values: np.ndarray,
    unscaled: np.ndarray,
    residual: np.ndarray,
    weight: np.ndarray,
    copies: int = 1,
    absorbed: int = 0,
    ordered: np.ndarray | slice = slice(None),
) -> Estimate:
    """An estimate whose covariance is `unscaled` times the scatter, wider where neighbouring residuals correlate.

    `weight` counts as relative. Where every reading stands in `copies` rows, errors are those of one of them.
    `absorbed`: unknowns besides the values that the fit took off; `ordered`: rows whose neighbours were measured next
    to each other.
    """
    white = residual * weight
    left = residual.size / copies - values.size - absorbed
    square = float(white @ white) / copies
    r, factor = correlated(white[ordered], values.size, copies)
    covariance = unscaled * copies * square / left * factor**2
    return Estimate(values, covariance, residual, square, left, max(1.0, left / factor**2), r, factor)


def linear_fit(design: np.ndarray, reading: np.ndarray, sigma: np.ndarray | None = None, copies: int = 1) -> Estimate:
    """Linear least squares of readings (rows,) on the columns of `design` (rows, p), weighted by 1/sigma^2.

    `sigma` counts as relative: errors are scaled by the scatter about the fit. Where neighbouring residuals correlate
    (first-order coefficient r more than 2.5 standard errors above zero) the errors grow by sqrt((1 + r)/(1 - r)), the
    factor for smooth columns and first-order autoregressive noise, and the degrees of freedom shrink by its square.
    Where every reading stands in `copies` rows, errors are those of one of them. Raises :class:`MeasurementError` for
    too few rows, and for columns that the rows cannot tell apart.
    """
    rows, columns = design.shape
    check_rows(rows // copies, columns)
    weight = np.ones(rows) if sigma is None else 1.0 / sigma
    factors = factored(design * weight[:, None])
    if rank(factors) < columns:
        raise MeasurementError(
            "the points do not tell its parameters apart",
            field="fit",
            remedy="Widen the window or fit fewer terms.",
        )
    inverse = pseudo_inverse(factors)
    values = inverse @ (reading * weight)
    return from_scatter(values, inverse @ inverse.T, reading - design @ values, weight, copies)


def check_rows(rows: int, unknowns: int, names: Sequence[str] = ()) -> None:
    """Raise :class:`MeasurementError` where the rows are not more than the unknowns."""
    if rows <= unknowns:
        named = f" ({', '.join(names)})" if names else ""
        why = f"for {unknowns} unknowns{named}"
        raise MeasurementError(why, field="rows", got=rows, allowed=f"at least {unknowns + 1}")
