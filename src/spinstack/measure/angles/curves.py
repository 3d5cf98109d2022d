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
    `ratio_high` (pointwise interval of Student's t at `level`).
    """
    if found.attrs.get("analysis") != "fit_harmonics":
        raise MeasurementError("which is no result of fit_harmonics", field="found", got=found.attrs.get("analysis"))
    at = np.linspace(0.0, 360.0, 361) if angles is None else np.atleast_1d(np.asarray(angles, dtype=float))
    orders = [int(n) for n in found["order"].values]
    names = ["R0", *(f"{f}{n}" for n in orders for f in ("cos", "sin"))]
    columns = np.column_stack([np.ones(len(at)), harmonic_columns(at, orders)])
    values = found["value"].sel(parameter=names).values
    ref = float(found["value"].sel(parameter="R_ref"))
    reading = columns @ values
    both = [*names, "R_ref"]
    covariance = found["covariance"].sel(parameter=both, parameter_other=both).values
    slope = np.column_stack([columns / ref, -reading / ref**2])
    error = np.sqrt(np.maximum(np.einsum("ni,ij,nj->n", slope, covariance, slope), 0.0))
    ratio = reading / ref - 1
    half = error * quantile(level, found.attrs["degrees_of_freedom"])
    one = {"units": "1"}
    return xr.Dataset(
        {
            "reading": ("angle", reading, {"units": found.attrs["unit"]}),
            "ratio": ("angle", ratio, {**one, "long_name": f"ratio, reference {found.attrs['reference']}"}),
            "ratio_error": ("angle", error, {**one, "long_name": "standard error"}),
            "ratio_low": ("angle", ratio - half, one),
            "ratio_high": ("angle", ratio + half, one),
        },
        coords={"angle": ("angle", at, {"units": "deg"})},
        attrs={"level": level, "reference": found.attrs["reference"]},
    )


def polar(found: xr.Dataset, angles: Any = None) -> xr.Dataset:
    """A scan as a polar plot: `theta` [rad] and `radius` (ratio above the lowest of the curve, so never negative).

    Over `angle` the fitted curve, over `point` the readings without drift (`point_theta`, `point_radius`). Polar
    plots of ratios to the maximum, which are negative, are the same figure turned inside out: `from_maximum`.
    """
    line = curve(found, angles)
    lowest, highest = float(line["ratio"].min()), float(line["ratio"].max())
    one, rad = {"units": "1"}, {"units": "rad"}
    points = found["ratio"].values
    return xr.Dataset(
        {
            "radius": ("angle", line["ratio"].values - lowest, one),
            "from_maximum": ("angle", highest - line["ratio"].values, one),
            "point_radius": ("point", points - lowest, one),
            "point_from_maximum": ("point", highest - points, one),
        },
        coords={
            "angle": line["angle"],
            "theta": ("angle", np.deg2rad(line["angle"].values), rad),
            "point_theta": ("point", np.deg2rad(found["angle"].values), rad),
        },
    )
