"""Nonlinear least squares: the least squares of scipy and of lmfit behind one result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.estimate import Estimate, check_rows, from_scatter
from spinstack.text.optional import optional

Residual = Callable[[np.ndarray], np.ndarray]


class Minimum(NamedTuple):
    """Where a search for the least sum of squares ended.

    Attributes:
        values: (p,), of the parameters.
        residual: (rows,), there.
        covariance: (p, p), for residuals of unit variance; None where the residual does not depend on all values.
        converged: whether it is a minimum.
        message: how the search ended.
    """

    values: np.ndarray
    residual: np.ndarray
    covariance: np.ndarray | None
    converged: bool
    message: str


def minimise(
    residual: Residual,
    start: np.ndarray,
    jacobian: Residual | None = None,
    tolerance: float = 1e-12,
    steepness: float = 1e-8,
) -> Minimum:
    """Least squares of ``residual(values)`` (rows,) by scipy's trust region method, with its `jacobian` (rows, p).

    `tolerance`: relative change of squares and values, `steepness` of the gradient, below which the search ends.
    """
    from scipy.optimize import least_squares

    found = least_squares(
        residual, start, jac="2-point" if jacobian is None else jacobian, method="trf", x_scale="jac",
        ftol=tolerance, xtol=tolerance, gtol=steepness,
    )  # fmt: skip
    covariance = np.linalg.pinv(found.jac.T @ found.jac)
    return Minimum(found.x, found.fun, covariance, bool(found.success), str(found.message))


def minimise_within(
    residual: Residual,
    start: Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]] | None = None,
    evaluations: int | None = None,
    extra: str = "fit",
) -> Minimum:
    """Least squares of ``residual(values)`` by lmfit, by name and within `bounds`; values in the order of `start`.

    `evaluations`: most calls. Raises :class:`MeasurementError` where lmfit, of the extra `extra`, is missing.
    """
    lmfit = optional("lmfit", extra, "this fit", error=MeasurementError)
    parameters = lmfit.Parameters()
    for name, value in start.items():
        low, high = (bounds or {}).get(name, (-np.inf, np.inf))
        parameters.add(name, value=value, min=low, max=high)

    def at(trial: Any) -> np.ndarray:
        return np.array([trial[name].value for name in start])

    found = lmfit.minimize(lambda trial: residual(at(trial)), parameters, scale_covar=False, max_nfev=evaluations)
    converged, covariance = bool(found.success and found.errorbars), getattr(found, "covar", None)
    return Minimum(at(found.params), np.asarray(found.residual), covariance, converged, str(found.message))


def curve_fit(
    model: Callable[[np.ndarray], np.ndarray],
    reading: np.ndarray,
    start: Mapping[str, float],
    sigma: np.ndarray | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    copies: int = 1,
) -> Estimate:
    """Least squares by lmfit of ``model(values)`` to readings, from `start`; errors as of :func:`.estimate.linear_fit`.

    Raises :class:`MeasurementError` where lmfit is missing, the fit does not converge or leaves a parameter
    undetermined.
    """
    check_rows(reading.size // copies, len(start), list(start))
    weight = np.ones(reading.size) if sigma is None else 1.0 / sigma
    unit = float(np.std(reading * weight)) or 1.0
    try:
        found = minimise_within(lambda values: (model(values) - reading) * weight / unit, start, bounds)
    except MeasurementError:
        raise
    except ValueError as error:  # of lmfit, where the model is not finite
        why = f"it has no finite values around {', '.join(f'{k} = {v:.3g}' for k, v in start.items())}"
        raise MeasurementError(why, field="fit") from error
    if found.covariance is None or not found.converged:
        why = f"{', '.join(start)} are not all determined by the data. {found.message}"
        raise MeasurementError(why, field="fit")
    residual = reading - model(found.values)
    return from_scatter(found.values, found.covariance / unit**2, residual, weight, copies)
