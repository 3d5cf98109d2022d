"""Diamagnetic (or paramagnetic) substrate under a film: the slope of M(H) beyond saturation."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from spinstack.measure.checks import positive
from spinstack.measure.cleaning.columns import column, error_column, remark, with_columns
from spinstack.measure.measurement import MeasurementError, step
from spinstack.measure.statistics.coverage import student
from spinstack.measure.statistics.estimate import Estimate, from_scatter
from spinstack.measure.statistics.linear import factored, pseudo_inverse
from spinstack.measure.statistics.noise import correlation_words
from spinstack.measure.statistics.weights import weights
from spinstack.text.units import In


@step
def subtract_substrate(data: xr.Dataset, above: Annotated[float, In("T")], reading: str = "moment") -> xr.Dataset:
    """Subtract the line through zero field with the slope that a moment [A m^2] has where ``|field|`` >= `above` [T].

    One slope and an intercept of its own on each side of zero are fitted (weighted with "<reading>_error" where
    present); half the difference of the intercepts is the saturation moment, which the remark tells. Half their sum, an
    offset of the instrument, stays. Slope and standard error (scaled by the scatter, widened for correlated noise and
    few rows) stand in the attributes "substrate_slope", "substrate_slope_error" [unit of the reading per T].
    "<reading>_error" afterwards includes that of the slope, which is common to all rows.
    Valid where the film is saturated: the remark warns where the slope of the outer half of the window differs from
    that of the inner half by more than three standard errors. A moment of the film that still rises linearly cannot be
    told from the substrate. Works as well for a Hall resistance with its ordinary slope.
    Raises :class:`MeasurementError` for less than five rows beyond `above` or one value of ``|field|`` only.
    """
    field, y = column(data, "field"), column(data, reading)
    errors = error_column(data, reading)
    positive(above, "above", unit="T")
    high = np.abs(field) >= above
    if high.sum() < 5:
        why = f"beyond which there are {int(high.sum())} rows; the field reaches {np.abs(field).max():g} T"
        raise MeasurementError(why, field="above", unit="T", got=above, allowed="at least five rows beyond it")
    w = weights(None if errors is None else errors[high], int(high.sum()), f"{reading}_error")
    fit = _line(field[high], y[high], w, above)
    slope, slope_error, sides = float(fit.values[0]), _slope_error(fit), fit.values[1:]
    columns: dict[str, np.ndarray | None] = {reading: y - slope * field}
    if errors is not None:
        columns[f"{reading}_error"] = np.sqrt(errors**2 + (slope_error * field) ** 2)
    unit = data[reading].attrs.get("units", "")
    sentence = f"slope {slope:.5g} +- {slope_error:.2g} {unit}/T from {int(high.sum())} rows beyond {above:g} T"
    if len(sides) == 2:
        sentence += (
            f"; saturation {(sides[1] - sides[0]) / 2:.4g} {unit}, offset {(sides[1] + sides[0]) / 2:.2g} {unit} left"
        )
    else:
        sentence += "; one side of zero field only"
    sentence += correlation_words(fit.correlation, fit.factor) + _curvature(field[high], y[high], w)
    return remark(with_columns(data, columns), sentence, substrate_slope=slope, substrate_slope_error=slope_error)


def _line(field: np.ndarray, y: np.ndarray, w: np.ndarray, above: float) -> Estimate:
    """Slope and intercepts (negative, positive side)."""
    sides = [s for s in (-1.0, 1.0) if np.any(np.sign(field) == s)]
    model = np.stack([field, *((np.sign(field) == s).astype(float) for s in sides)], axis=1)
    factors = factored(model * w[:, None])
    if factors.S[-1] < 1e-9 * factors.S[0] or field.size <= model.shape[1]:
        why = "beyond which the field has one value on each side"
        raise MeasurementError(why, field="above", unit="T", got=above, remedy="A slope needs several.")
    inverse = pseudo_inverse(factors)
    values = inverse @ (y * w)
    return from_scatter(values, inverse @ inverse.T, y - model @ values, w)


def _slope_error(fit: Estimate) -> float:
    return float(fit.errors[0]) * student(fit.freedom)


def _curvature(field: np.ndarray, y: np.ndarray, w: np.ndarray) -> str:
    outer = np.abs(field) >= np.median(np.abs(field))
    if min(outer.sum(), (~outer).sum()) < 6:
        return ""
    try:
        fits = [_line(field[part], y[part], w[part], 0.0) for part in (outer, ~outer)]
    except MeasurementError:
        return ""
    out, inn = (float(fit.values[0]) for fit in fits)
    if abs(out - inn) <= 3 * np.hypot(_slope_error(fits[0]), _slope_error(fits[1])):
        return ""
    return f"; NOT saturated: slope {inn:.4g} in the inner, {out:.4g} in the outer half of the window. Raise `above`"
