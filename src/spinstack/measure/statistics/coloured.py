"""Linear least squares of a record whose noise may be correlated from row to row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from spinstack.measure.checks import choice
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics import autoregressive
from spinstack.measure.statistics.estimate import Estimate, check_rows, propagated
from spinstack.measure.statistics.linear import factored, idle, mixed

NOISE = ("auto", "white")


@dataclass(frozen=True)
class ColouredEstimate(Estimate):
    """An estimate with the model of its noise.

    Attributes:
        phi: (order,), coefficients of the autoregression.
        innovation: standard deviation of the innovations for weight 1.
        inflation: (p,), how much larger the standard errors are than those that white noise would give.
    """

    phi: np.ndarray = field(default_factory=lambda: np.zeros(0))
    innovation: float = np.nan
    inflation: np.ndarray = field(default_factory=lambda: np.zeros(0))


def coloured_fit(
    design: np.ndarray,
    reading: np.ndarray,
    names: Sequence[str],
    noise: str | np.ndarray = "auto",
    scale: np.ndarray | None = None,
) -> ColouredEstimate:
    """Least squares of readings (rows,) on the columns of `design` (rows, p), with errors for noise that may remember.

    `noise`: "white"; "auto", an autoregressive model (see :mod:`.autoregressive`); or coefficients phi to keep. `scale`
    (rows,): standard errors of the rows up to a common factor, which the residuals give. Raises
    :class:`MeasurementError` for columns that the rows cannot tell apart.
    """
    n, p = design.shape
    check_noise(noise)
    check_rows(n, p, names)
    s = np.ones(n) if scale is None else scale
    factors = factored(design / s[:, None])
    if dead := idle(factors, names, 1e-10):
        why, remedy = f"nothing in them depends on {', '.join(dead)}", "Leave that out, or measure more."
        raise MeasurementError(why, field="rows", remedy=remedy)
    if alike := mixed(factors, names, 1e-8):
        why = f"they cannot tell apart {', '.join(alike)}"
        raise MeasurementError(why, field="rows", remedy="Measure more angles, or fit fewer orders or less drift.")
    A, b = design / s[:, None] / factors.scale, reading / s
    values = (factors.Vt.T / factors.S) @ (factors.U.T @ b)
    plain = (factors.Vt.T / factors.S**2) @ factors.Vt
    rest = b - A @ values
    square = float(rest @ rest)
    phi, variance, middle = _noise(A, b, noise)
    covariance = propagated(plain, middle)
    inflation = np.sqrt(np.diag(covariance) / np.maximum(square / (n - p) * np.diag(plain), 1e-300))
    values = values / factors.scale
    return ColouredEstimate(
        values,
        covariance / np.outer(factors.scale, factors.scale),
        reading - design @ values,
        chi_square=square,
        degrees_of_freedom=n - p,
        freedom=float(max(n - p - len(phi), 1)),
        phi=phi,
        innovation=float(np.sqrt(variance)),
        inflation=inflation,
    )


def check_noise(noise: object) -> None:
    """Raise for a word that names no noise model."""
    if isinstance(noise, str):
        choice(noise, "noise", NOISE, remedy="Or give coefficients phi.")


def _noise(A: np.ndarray, b: np.ndarray, noise: str | np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Coefficients phi, variance of the innovations and A^T V A."""
    if isinstance(noise, str) and noise == "auto":
        return autoregressive.model(A, b)
    phi = np.zeros(0) if isinstance(noise, str) else np.asarray(noise, dtype=float)
    white, target = autoregressive.whiten(phi, A), autoregressive.whiten(phi, b)
    rest = target - white @ np.linalg.lstsq(white, target, rcond=None)[0]
    variance = float(rest @ rest) / (len(b) - A.shape[1])
    return phi, variance, variance * autoregressive.projected(phi, A)
