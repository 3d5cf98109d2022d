"""Diamagnetic (or paramagnetic) substrate under a film: the slope of M(H) beyond saturation."""

from __future__ import annotations

import numpy as np
import xarray as xr

from spinstack.measure.cleaning.columns import column, error_column, number, remark, weights, with_columns
from spinstack.measure.cleaning.noise import correlation_factor, correlation_words, student
from spinstack.measure.measurement import MeasurementError, step


@step
def subtract_substrate(data: xr.Dataset, above: float, reading: str = "moment") -> xr.Dataset:
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
    above = number("above", above, 0.0, open_low=True)
    high = np.abs(field) >= above
    if high.sum() < 5:
        raise MeasurementError(
            f"above: {int(high.sum())} rows have |field| >= {above:g} T, the field reaches {np.abs(field).max():g} T. "
            "Allowed: at least five rows beyond it."
        )
    w = weights(None if errors is None else errors[high], int(high.sum()))
    slope, slope_error, sides, r, factor = _line(field[high], y[high], w, above)
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
    sentence += correlation_words(r, factor) + _curvature(np.abs(field[high]), field[high], y[high], w)
    return remark(with_columns(data, columns), sentence, substrate_slope=slope, substrate_slope_error=slope_error)


def _line(
    field: np.ndarray, y: np.ndarray, w: np.ndarray, above: float
) -> tuple[float, float, list[float], float, float]:
    """Slope, its error, intercepts (negative, positive side), correlation of residuals, factor on the error."""
    sides = [s for s in (-1.0, 1.0) if np.any(np.sign(field) == s)]
    model = np.stack([field, *((np.sign(field) == s).astype(float) for s in sides)], axis=1) * w[:, None]
    size = np.linalg.norm(model, axis=0)
    u, s, vt = np.linalg.svd(model / size, full_matrices=False)
    freedom = field.size - model.shape[1]
    if s[-1] < 1e-9 * s[0] or freedom < 1:
        raise MeasurementError(
            f"above: beyond {above:g} T the field has one value on each side. A slope needs several."
        )
    inverse = (vt.T / s) @ u.T / size[:, None]
    values = inverse @ (y * w)
    residual = y * w - model @ values
    r, factor = correlation_factor(residual, model.shape[1])
    variance = float(inverse[0] @ inverse[0]) * float(residual @ residual) / freedom
    error = np.sqrt(variance) * factor * student(max(1.0, freedom / factor**2))
    return float(values[0]), float(error), [float(v) for v in values[1:]], r, factor


def _curvature(size: np.ndarray, field: np.ndarray, y: np.ndarray, w: np.ndarray) -> str:
    outer = size >= np.median(size)
    if min(outer.sum(), (~outer).sum()) < 6:
        return ""
    try:
        out, out_error, *_ = _line(field[outer], y[outer], w[outer], 0.0)
        inn, inn_error, *_ = _line(field[~outer], y[~outer], w[~outer], 0.0)
    except MeasurementError:
        return ""
    if abs(out - inn) <= 3 * np.hypot(out_error, inn_error):
        return ""
    return f"; NOT saturated: slope {inn:.4g} in the inner, {out:.4g} in the outer half of the window. Raise `above`"
