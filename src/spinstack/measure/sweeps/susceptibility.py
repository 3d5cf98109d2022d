"""Curie and Weiss's law of a moment above its ordering temperature."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import finite_rows
from spinstack.measure.statistics.linear import least_squares
from spinstack.measure.statistics.nonlinear import curve_fit
from spinstack.measure.sweeps.results import Found, fit_attributes, fit_lines, report, unit_of
from spinstack.text.units import In


@checked
def curie_weiss(
    data: xr.Dataset,
    window: Annotated[tuple[float, float], In("K")],
    reading: str = "moment",
    *,
    background: bool = True,
) -> xr.Dataset:
    """Fit moment = B (C/(T - theta) + chi_0) within `window` [K]; B [T] is the field of every row.

    Parameters: theta [K] (positive: ferromagnetic), curie_constant [A m^2 K/T], and with `background` chi_0 [A m^2/T].
    Valid far above ``|theta|`` and in fields where the moment is linear. Raises :class:`MeasurementError` where the
    window holds too few points, the field is zero, or lmfit is missing. Source: Ashcroft and Mermin (1976), ch. 31, 33.
    """
    (T, B, y), sigma, _ = finite_rows(data, "temperature", "field", reading=reading)
    low, high = (float(v) for v in window)
    rows = (low <= T) & (high >= T)
    if rows.sum() < 5:
        why = f"which holds {int(rows.sum())} points"
        raise MeasurementError(why, field="window", unit="K", got=(low, high), allowed="five points or more")
    T, B, y = T[rows], B[rows], y[rows]
    if np.any(B == 0):
        raise MeasurementError(field="field", got=0.0, allowed="the field of every row [T], not zero")
    chi = y / B
    scale = np.ones(T.size) if sigma is None else sigma[rows]

    def nearest(theta: float) -> tuple[float, np.ndarray]:
        columns = [1 / (T - theta)] + ([np.ones(T.size)] if background else [])
        design = np.stack(columns, axis=1) * (B / scale)[:, None]
        values = least_squares(design, y / scale)
        return float(np.sum((design @ values - y / scale) ** 2)), values

    reach = float(T.max())
    tries = T.min() - np.geomspace(0.02, 3.0, 80) * reach
    theta = float(min(tries, key=lambda t: nearest(t)[0]))
    values = nearest(theta)[1]
    names = ["curie_constant", "theta", *(["chi_0"] if background else [])]
    start = dict(zip(names, [float(values[0]), theta, *map(float, values[1:])], strict=True))

    def model(p: np.ndarray, T: np.ndarray = T, B: np.ndarray = B) -> np.ndarray:
        return np.asarray(B * (p[0] / (T - p[1]) + (p[2] if background else 0.0)))

    fit = curve_fit(model, y, start, scale, {"theta": (-np.inf, float(T.min()) * (1 - 1e-6))})
    words = {
        "curie_constant": ("A m^2 K/T", "Curie constant"),
        "theta": ("K", "Weiss temperature"),
        "chi_0": ("A m^2/T", "moment per field that does not depend on temperature"),
    }
    found = {n: Found(float(fit.values[i]), float(fit.errors[i]), *words[n], fit.freedom) for i, n in enumerate(names)}
    curves = {
        "temperature": ("row", T, {"units": "K"}),
        "inverse_susceptibility": ("row", 1 / chi, {"units": "T/(A m^2)"}),
        "fitted": ("row", y - fit.residual),
        "residual": ("row", fit.residual),
    }
    order, places = np.argsort(T, kind="stable"), np.linspace(T.min(), T.max(), 201)
    line = model(fit.values, places, np.interp(places, T[order], B[order]))
    curves |= fit_lines("temperature", {reading: unit_of(data, reading)}, [(places, line)])
    return report(data, found, fit.covariance, curves, reading=reading, window=[low, high], **fit_attributes(fit))
