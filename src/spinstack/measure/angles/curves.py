"""Fitted curves with their uncertainty at any angle, ready to draw, also as polar plots."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.scan_columns import harmonic_columns
from spinstack.measure.statistics.coverage import quantile


def curve(found: xr.Dataset, angles: Any = None, level: float = 0.95) -> xr.Dataset:
    """The curve of :func:`fit_harmonics` without drift at `angles` [deg], default every degree.

    Over `angle`: `reading` (its unit), `ratio` to the reference, `ratio_error` (standard error), `ratio_low` and
    `ratio_high` (pointwise interval of Student's t at `level`). Without a reference `reading_error`, `reading_low` and
    `reading_high` stand in place of the ratios.
    """
    if found.attrs.get("analysis") != "fit_harmonics":
        raise MeasurementError("which is no result of fit_harmonics", field="found", got=found.attrs.get("analysis"))
    at = np.linspace(0.0, 360.0, 361) if angles is None else np.atleast_1d(np.asarray(angles, dtype=float))
    orders = [int(n) for n in found["order"].values]
    names = ["R0", *(f"{f}{n}" for n in orders for f in ("cos", "sin"))]
    columns = np.column_stack([np.ones(len(at)), harmonic_columns(at, orders)])
    values = found["value"].sel(parameter=names).values
    reading = columns @ values
    unit, kind, shown, slope = {"units": found.attrs["unit"]}, "reading", reading, columns
    lines = {"reading": ("angle", reading, unit)}
    if "R_ref" in found["parameter"].values:
        ref = float(found["value"].sel(parameter="R_ref"))
        names.append("R_ref")
        unit, kind, shown = {"units": "1"}, "ratio", reading / ref - 1
        slope = np.column_stack([columns / ref, -reading / ref**2])
        lines["ratio"] = ("angle", shown, {**unit, "long_name": f"ratio, reference {found.attrs['reference']}"})
    covariance = found["covariance"].sel(parameter=names, parameter_other=names).values
    error = np.sqrt(np.maximum(np.einsum("ni,ij,nj->n", slope, covariance, slope), 0.0))
    half = error * quantile(level, found.attrs["degrees_of_freedom"])
    return xr.Dataset(
        {
            **lines,
            f"{kind}_error": ("angle", error, {**unit, "long_name": "standard error"}),
            f"{kind}_low": ("angle", shown - half, unit),
            f"{kind}_high": ("angle", shown + half, unit),
        },
        coords={"angle": ("angle", at, {"units": "deg"})},
        attrs={"level": level, "reference": found.attrs["reference"]},
    )


def polar(found: xr.Dataset, angles: Any = None) -> xr.Dataset:
    """A scan as a polar plot: `theta` [rad] and `radius` (ratio above the lowest of the curve, so never negative).
    Without a reference the radius is in the unit of the reading.

    Over `angle` the fitted curve, over `point` the readings without drift (`point_theta`, `point_radius`). Polar
    plots of ratios to the maximum, which are negative, are the same figure turned inside out: `from_maximum`.
    """
    line = curve(found, angles)
    shown = line["ratio" if "ratio" in line else "reading"]
    lowest, highest = float(shown.min()), float(shown.max())
    one, rad = {"units": shown.attrs["units"]}, {"units": "rad"}
    points = found["ratio"].values if "ratio" in found else found["measured"].values - found["drift"].values
    return xr.Dataset(
        {
            "radius": ("angle", shown.values - lowest, one),
            "from_maximum": ("angle", highest - shown.values, one),
            "point_radius": ("point", points - lowest, one),
            "point_from_maximum": ("point", highest - points, one),
        },
        coords={
            "angle": line["angle"],
            "theta": ("angle", np.deg2rad(line["angle"].values), rad),
            "point_theta": ("point", np.deg2rad(found["angle"].values), rad),
        },
    )
