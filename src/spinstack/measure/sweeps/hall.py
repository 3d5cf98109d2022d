"""Ordinary Hall effect: coefficient, carrier density, mobility from the slope at high field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, positive
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import check_resistances, finite_rows
from spinstack.measure.statistics.estimate import linear_fit
from spinstack.measure.sweeps.at_zero import zero_field
from spinstack.measure.sweeps.results import Found, copies_of, fit_attributes, fit_lines, report, unit_of
from spinstack.text.units import In

#: elementary charge [C], exact in the SI of 2019
CHARGE = 1.602176634e-19


@checked
def hall_slope(
    data: xr.Dataset,
    reading: str = "R_xy",
    *,
    above: Annotated[float | None, In("T")] = None,
    below: Annotated[float | None, In("T")] = None,
    anomalous: bool | None = None,
    even: Sequence[int] = (0,),
    film_thickness: Annotated[float | None, In("m")] = None,
    sheet_resistance: Annotated[Sequence[float] | float | None, In("Ohm")] = None,
) -> xr.Dataset:
    """Ordinary Hall effect of R_xy(B) [Ohm] in the field window `above` <= ``|B|`` <= `below` [T].

    The fit is R_xy = R_H B / t + R_A sign(B) + even powers of ``|B|``: the slope is the ordinary effect, the step `R_A`
    (`anomalous`, by default wherever `above` cuts out the low field) a saturated anomalous one, the `even` powers an
    offset and the longitudinal resistance mixed in. R_xy is the voltage drop along +y over the current along +x for a
    field along +z; then a positive slope is holes.

    Parameters of the result: slope [Ohm/T], sheet_density [1/m^2] (signed as the slope), step [Ohm]; with
    `film_thickness` [m] (or the attribute): hall_coefficient [m^3/C], carrier_density [1/m^3]; with `sheet_resistance`
    [Ohm] (value and error), or a column R_xx with bar_length and bar_width: mobility [m^2/(V s)]. Valid for one band
    and mu B << 1 or equal mobilities; else :func:`two_band`. Densities are propagated linearly, which needs a slope of
    several standard errors (attribute `slope_over_error`). Raises :class:`MeasurementError` for a missing column or an
    empty window. Source: Hall, Am. J. Math. 2 (1879) 287.
    """
    thickness = size_of(data, "film_thickness", film_thickness)
    square = _sheet_resistance(data, sheet_resistance)
    check_resistances(data, reading)
    (B, y), sigma, _ = finite_rows(data, "field", reading=reading)
    low, high = above or 0.0, np.inf if below is None else below
    inside = (np.abs(B) >= low) & (np.abs(B) <= high)
    if not inside.any():
        why = f"no point has such a |field|, which goes up to {np.abs(B).max():g} T"
        raise MeasurementError(why, field="above, below", unit="T", got=(low, high))
    B, y, sigma = B[inside], y[inside], None if sigma is None else sigma[inside]
    if anomalous is None:
        anomalous = low > 0 and bool(np.any(B > 0)) and bool(np.any(B < 0))

    def terms(B: np.ndarray) -> np.ndarray:
        step = [np.sign(B)] if anomalous else []
        return np.stack([B, *step, *(np.abs(B) ** k for k in even)], axis=1)

    fit = linear_fit(terms(B), y, sigma, copies_of(data, reading))
    slope, error_slope = fit.values[0], float(fit.errors[0])
    relative = error_slope / abs(slope) if slope else np.inf
    sheet = 1 / (CHARGE * slope) if slope else np.inf
    dof = fit.freedom
    found = {
        "slope": Found(slope, error_slope, "Ohm/T", "ordinary Hall slope", dof),
        "sheet_density": Found(sheet, abs(sheet) * relative, "1/m^2", "carriers per area, holes positive", dof),
    }
    if anomalous:
        found["step"] = Found(fit.values[1], float(fit.errors[1]), "Ohm", "saturated anomalous Hall resistance", dof)
    if thickness is not None:
        found["hall_coefficient"] = Found(
            slope * thickness, error_slope * thickness, "m^3/C", "ordinary Hall coefficient", dof
        )
        volume = sheet / thickness
        found["carrier_density"] = Found(
            volume, abs(volume) * relative, "1/m^3", "carriers per volume, holes positive", dof
        )
    if square is not None:
        value = slope / square[0]
        spread = abs(value) * float(np.hypot(relative, square[1] / square[0]))
        found["mobility"] = Found(value, spread, "m^2/(V s)", "Hall mobility, holes positive", dof)
    curves = {"fitted": ("row", y - fit.residual), "residual": ("row", fit.residual), "field": ("row", B)}
    windows = _windows(B, low, split=low > 0 or anomalous)
    lines = [(x, terms(x) @ fit.values) for x in (np.linspace(*w, 101) for w in windows)]
    return report(
        data, found, curves=curves | fit_lines("field", {reading: unit_of(data, reading)}, lines),
        reading=reading, above=low, below=float(np.abs(B).max()), fit_windows=np.ravel(windows).tolist(),
        slope_over_error=1 / float(relative) if relative else np.inf, **fit_attributes(fit),
    )  # fmt: skip


def _windows(B: np.ndarray, low: float, split: bool) -> list[tuple[float, float]]:
    """Where points were fitted: one range, or one on each side of zero."""
    sides = [(float(B[B < 0].min()), -low)] if np.any(B < 0) else []
    sides += [(low, float(B[B > 0].max()))] if np.any(B > 0) else []
    return sides if split else [(float(B.min()), float(B.max()))]


def _sheet_resistance(data: xr.Dataset, given: Sequence[float] | float | None) -> tuple[float, float] | None:
    if given is not None:
        pair = [float(v) for v in np.atleast_1d(given)]
        if len(pair) not in (1, 2):
            raise MeasurementError(
                field="sheet_resistance", unit="Ohm", got=given, allowed="a value, or value and error"
            )
        value = positive(pair[0], "sheet_resistance", unit="Ohm")
        return value, pair[1] if len(pair) > 1 else 0.0
    length, width = size_of(data, "bar_length"), size_of(data, "bar_width")
    if "R_xx" not in data.variables or length is None or width is None:
        return None
    value, error, _ = zero_field(data, "R_xx")
    return value / (length / width), error / (length / width)


def size_of(data: xr.Dataset, name: str, given: float | None = None) -> float | None:
    """A positive size [m]: the `given` one, else the attribute of the measurement, None where there is neither."""
    value = data.attrs.get(name) if given is None else given
    return None if value is None else positive(value, name, unit="m")
