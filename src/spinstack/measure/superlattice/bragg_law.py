"""Where the peaks of a superlattice or the fringes of a film lie, with refraction."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.measurement import MeasurementError, result
from spinstack.measure.statistics.estimate import propagated, standard_errors
from spinstack.measure.statistics.linear import factored, pseudo_inverse
from spinstack.measure.superlattice.xray_model import CU_K_ALPHA1


def bragg_angles(period: float, orders: Any, *, wavelength: float = CU_K_ALPHA1, refraction: float = 0.0) -> np.ndarray:
    """2 theta in deg at which sin^2 theta = (m lambda/2 period)^2 + 2 delta; nan where there is none.

    `period` and `wavelength` in m; `refraction` is delta = 1 - Re n, averaged over the film. With the whole thickness
    as period: the fringes of a film less dense than its substrate; where it is denser, whole orders are the minima and
    half-integer ones the fringes. Valid above the critical angle.
    Source: Holy, Pietsch, Baumbach, High-Resolution X-Ray Scattering from Thin Films and Multilayers.
    """
    square = (np.asarray(orders, dtype=float) * wavelength / (2 * period)) ** 2 + 2 * refraction
    with np.errstate(invalid="ignore"):
        return np.asarray(2 * np.degrees(np.arcsin(np.sqrt(square))))


def period_from_peaks(two_theta: Any, orders: Any, *, wavelength: float = CU_K_ALPHA1, error: Any = None) -> xr.Dataset:
    """Period (or total thickness, from fringes) by a straight line of sin^2 theta against the square of the order.

    Returns a result with ``period`` [m] and ``refraction`` (mean 1 - Re n).
    Raises :class:`MeasurementError` for fewer than three peaks, or two with an `error`.

    Parameters
    ----------
    two_theta
        Positions of the peaks in deg.
    orders
        Their orders m, counted from the direct beam.
    wavelength
        In m.
    error
        Standard error of `two_theta` in deg; left out, the scatter about the line gives the errors.
    """
    angles, m = np.asarray(two_theta, dtype=float), np.asarray(orders, dtype=float)
    least = 3 if error is None else 2
    if angles.shape != m.shape or angles.ndim != 1 or np.unique(m**2).size < least or not np.isfinite(angles).all():
        why, allowed = f"{angles.size} angles, {m.size} orders", f"as many of both, at least {least} different ones"
        raise MeasurementError(why, field="two_theta, orders", allowed=allowed)
    theta = np.radians(angles / 2)
    spread = np.sin(2 * theta) * np.radians(np.ones(m.size) if error is None else error + 0 * angles) / 2
    design = np.stack([m**2, np.ones(m.size)], axis=1)
    inverse = pseudo_inverse(factored(design / spread[:, None]))
    line = inverse @ (np.sin(theta) ** 2 / spread)
    covariance = inverse @ inverse.T
    residual = (np.sin(theta) ** 2 - design @ line) / spread
    if error is None:
        covariance = covariance * (residual @ residual) / (m.size - 2)
    if line[0] <= 0:
        remedy = "Check how the orders are counted."
        raise MeasurementError("the angles do not grow with the order", field="two_theta", remedy=remedy)
    period = wavelength / 2 / np.sqrt(line[0])
    slopes = np.diag([-period / 2 / line[0], 0.5])
    covariance = propagated(slopes, covariance)
    errors = standard_errors(covariance)
    values = {
        "period": (float(period), float(errors[0]), "m", "period"),
        "refraction": (float(line[1] / 2), float(errors[1]), "1", "mean 1 - Re n"),
    }
    fitted = bragg_angles(float(period), m, wavelength=wavelength, refraction=float(line[1] / 2))
    curves = {"measured": ("peak", angles, {"units": "deg"}), "fitted": ("peak", fitted, {"units": "deg"})}
    return result(values, covariance, curves, {"order": ("peak", m)}, {"degrees_of_freedom": m.size - 2})
