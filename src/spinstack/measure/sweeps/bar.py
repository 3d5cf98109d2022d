"""Sheet and Hall resistance of a bar at one setting, and what contacts add: bars of several lengths."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.bars import geometry
from spinstack.measure.checks import checked, number, positive, together
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import check_resistances
from spinstack.measure.settings import check_one_setting
from spinstack.measure.statistics.coverage import pooled_freedom
from spinstack.measure.statistics.estimate import linear_fit, propagated
from spinstack.measure.sweeps.hall import size_of
from spinstack.measure.sweeps.means import check_same_setting, mean_of
from spinstack.measure.sweeps.results import Found, report
from spinstack.text.units import In


@checked
def hall_bar(
    data: xr.Dataset,
    *,
    length_error: Annotated[float, In("m")] = 0.0,
    width_error: Annotated[float, In("m")] = 0.0,
    film_thickness: Annotated[float | None, In("m")] = None,
) -> xr.Dataset:
    """Sheet resistance R_xx bar_width/bar_length of a bar at one setting, and the Hall resistance where R_xy is there.

    Means of the rows; errors are those of ``R_xx_error``, of the scatter of three rows and more, of the leads that
    :func:`subtract_leads` took off, and of `length_error` and `width_error` [m], standard errors of the sizes. For
    voltage arms of finite width the step :func:`correct_arms` comes first, which makes bar_length the effective one.

    Parameters: sheet_resistance [Ohm], with `film_thickness` [m] (or the attribute) resistivity [Ohm m]; with R_xy
    hall_resistance [Ohm], that of the rows as they are, so make it odd in field first, and tangent = R_xy/R_s. Raises
    :class:`MeasurementError` without sizes of the bar, and for several settings.
    """
    together(
        lambda: number(length_error, "length_error", low=0, unit="m"),
        lambda: number(width_error, "width_error", low=0, unit="m"),
    )
    thickness, squares = size_of(data, "film_thickness", film_thickness), geometry(data)
    check_one_setting(data, ())
    R = mean_of(data, "R_xx")
    if R.value <= 0:
        remedy = "Two contacts or the current may be the other way round."
        raise MeasurementError(field="R_xx", unit="Ohm", got=R.value, allowed="positive resistances", remedy=remedy)
    sizes = np.hypot(length_error / data.attrs["bar_length"], width_error / data.attrs["bar_width"])
    common = number(data.attrs.get("series_error", 0.0), "series_error", low=0, unit="Ohm")
    parts = [R.error**2, common**2, (R.value * sizes) ** 2]
    freedom = pooled_freedom(parts, [R.freedom, np.inf, np.inf])
    sheet, error = R.value / squares, float(np.sqrt(sum(parts))) / squares
    found = {"sheet_resistance": Found(sheet, error, "Ohm", "sheet resistance", freedom)}
    if thickness is not None:
        found["resistivity"] = Found(sheet * thickness, error * thickness, "Ohm m", "resistivity", freedom)
    if "R_xy" in data.variables:
        H = mean_of(data, "R_xy")
        ratio, relative = H.value / sheet, np.array([H.error / sheet, H.value * error / sheet**2]) ** 2
        found["hall_resistance"] = Found(*H[:2], "Ohm", "transverse resistance", H.freedom)
        both = pooled_freedom(relative, [H.freedom, freedom])
        words = "transverse over sheet resistance, the tangent of the Hall angle"
        found["tangent"] = Found(ratio, float(np.sqrt(relative.sum())), "1", words, both)
    warnings = [] if np.isfinite(error) else ["no error can be told from so few rows"]
    return report(data, found, reading="R_xx", **_said(warnings))


@checked
def transfer_length(
    measurements: Iterable[xr.Dataset],
    reading: str = "R_xx",
    *,
    contact_length: Annotated[float | None, In("m")] = None,
    length_error: Annotated[float, In("m")] = 0.0,
    film_thickness: Annotated[float | None, In("m")] = None,
) -> xr.Dataset:
    """Sheet and contact resistance from two-terminal readings of several lengths: R w = 2 r + R_s L (line in L).

    Each measurement has its bar_length L (the gap between the contacts) and bar_width w. The mean of each counts the
    same: what scatters about the line is gaps and contacts, more than meters, and makes the errors, with n - 2
    degrees of freedom. `length_error` [m] is a standard error that all gaps share (all too long by the same), which
    the scatter does not show: it goes into r and all that follows from it, and so does half the error of common leads.

    Parameters: sheet_resistance [Ohm], contact_resistance r = R_c w of one contact, for unit width [Ohm m]; and, where
    r is above zero, transfer_length L_T [m], within which the current leaves the film, from r = R_s L_T coth(d/L_T)
    with the `contact_length` d [m] along the current (default: long, d > 2 L_T), and contact_resistivity R_s L_T^2
    [Ohm m^2]; with `film_thickness` [m] (or the attribute) resistivity. Valid for films that the contact leaves as
    they are, contacts over the whole width, and thicknesses far below L_T. Raises :class:`MeasurementError` for fewer
    than three lengths, missing sizes and several settings. Source: H. H. Berger, Solid-State Electron. 15, 145 (1972).
    """
    found = list(measurements)
    together(
        lambda: number(length_error, "length_error", low=0, unit="m"),
        lambda: contact_length is None or positive(contact_length, "contact_length", unit="m"),
    )
    check_same_setting(found)
    for one in found:
        check_resistances(one, reading)
    sizes = []
    for i, one in enumerate(found):
        where = str(one.attrs.get("source") or f"measurement {i + 1}")
        geometry(one, where)
        sizes.append([float(one.attrs["bar_length"]), float(one.attrs["bar_width"])])
    if len({length for length, _ in sizes}) < 3:
        got = ", ".join(f"{length:.6g}" for length, _ in sizes)
        raise MeasurementError(field="bar_length", unit="m", got=got, allowed="three or more lengths")
    thickness = size_of(found[0], "film_thickness", film_thickness)
    L, w = np.transpose(sizes)
    y = np.array([mean_of(one, reading).value for one in found]) * w
    fit = linear_fit(np.stack([L, np.full(L.size, 2.0)], axis=1), y)
    sheet, contact = fit.values
    leads = float(np.mean([number(one.attrs.get("series_error", 0.0), "series_error", low=0) for one in found] * w))
    # what all lengths share: of the gaps and of the leads
    shared = np.zeros((2, 2))
    shared[1, 1] = (sheet * length_error / 2) ** 2 + (leads / 2) ** 2
    slopes = {"sheet_resistance": np.array([1.0, 0.0]), "contact_resistance": np.array([0.0, 1.0])}
    values = {"sheet_resistance": sheet, "contact_resistance": contact}
    warnings = []
    if contact > 0:
        x, slope = _transfer(contact / sheet, contact_length)
        by = slope * np.array([-contact / sheet**2, 1 / sheet])
        values |= {"transfer_length": x, "contact_resistivity": sheet * x**2}
        slopes |= {"transfer_length": by, "contact_resistivity": 2 * sheet * x * by + np.array([x**2, 0.0])}
        if contact_length is None:
            said = f"contacts count as longer than {2 * x:.3g} m, twice the transfer length, without contact_length"
            warnings.append(said)
    else:
        warnings.append("the contact resistance is not above zero: there is no transfer length")
    if thickness is not None:
        values["resistivity"], slopes["resistivity"] = sheet * thickness, np.array([thickness, 0.0])
    J = np.array(list(slopes.values()))
    covariance = propagated(J, fit.covariance + shared)
    free = np.diag(propagated(J, fit.covariance))
    out = {}
    for i, (name, value) in enumerate(values.items()):
        variance = covariance[i, i]
        freedom = pooled_freedom([free[i], variance - free[i]], [fit.freedom, np.inf])
        out[name] = Found(float(value), float(np.sqrt(variance)), *_WORDS[name], freedom)
    unit = {"units": "Ohm m", "long_name": "resistance for unit width"}
    curves = {
        "measured": ("length", y, unit),
        "fitted": ("length", y - fit.residual, unit),
        "residual": ("length", fit.residual, unit),
    }
    coords = {"length": ("length", L, {"units": "m", "long_name": "length of the bar"})}
    one = found[0].drop_attrs().assign_attrs({k: v for k, v in found[0].attrs.items() if not k.startswith("bar_")})
    return report(one, out, covariance, curves, coords, reading=reading, **_said(warnings))


def _said(warnings: list[str]) -> dict[str, Any]:
    return {"warnings": json.dumps(warnings)} if warnings else {}


_WORDS = {
    "sheet_resistance": ("Ohm", "sheet resistance"),
    "contact_resistance": ("Ohm m", "resistance of one contact times its width"),
    "transfer_length": ("m", "length within which the current leaves the film"),
    "contact_resistivity": ("Ohm m^2", "resistance of the contact times its area"),
    "resistivity": ("Ohm m", "resistivity"),
}


def _transfer(ratio: float, contact_length: float | None) -> tuple[float, float]:
    """L_T and dL_T/dratio of L_T coth(d/L_T) = ratio."""
    if contact_length is None:
        return ratio, 1.0
    from scipy.optimize import brentq

    x = float(brentq(lambda x: x / np.tanh(contact_length / x) - ratio, 1e-9 * ratio, ratio, xtol=1e-15 * ratio))
    coth = 1 / np.tanh(contact_length / x)
    return x, float(1 / (coth + contact_length / x * (coth**2 - 1)))
