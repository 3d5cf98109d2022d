"""The result that an analysis of a sweep makes of what it found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.measurement import QUANTITIES, MeasurementError, history, result
from spinstack.measure.rows import unit_of as unit_of
from spinstack.measure.settings import conditions
from spinstack.measure.statistics.coverage import check_level, quantile
from spinstack.measure.statistics.estimate import Estimate

#: lines of a fit: places and values, one pair a piece
Lines = list[tuple[np.ndarray, np.ndarray]]


def fit_attributes(fit: Estimate) -> dict[str, Any]:
    """What the residual of a fit says, for the attributes of a result."""
    return {
        "reduced_chi2": fit.reduced_chi_square,
        "residual_autocorrelation": fit.correlation,
        "error_factor": fit.factor,
    }


class Found(NamedTuple):
    """One number of a result."""

    value: float
    error: float
    unit: str
    words: str
    freedom: float = np.inf


def copies_of(data: xr.Dataset, reading: str) -> int:
    """In how many rows each reading stands: in two after it was made even or odd in field.

    Then the half of the curve at -B is the other half again, and a fit that took it for new would state errors too
    small by sqrt(2).
    """
    return 1 + any(
        s["step"] in ("even_part", "odd_part")
        and s["parameters"].get("reading") == reading
        and s["parameters"].get("about") == "field"
        for s in history(data)
    )


def fit_lines(along: str, readings: Mapping[str, str], pieces: Lines) -> dict[str, tuple[Any, ...]]:
    """Lines of a fit, to be drawn over the data: `fit_ALONG` and `fit_READING` over `fit`, NaN after every piece.

    `pieces` are x and y [units of QUANTITIES and of the reading]; `readings` are names with their units, and y of a
    piece has a row for each where there are several.
    """
    x, y = [], []
    for places, values in pieces:
        x += [np.asarray(places, dtype=float), np.array([np.nan])]
        y += [np.atleast_2d(np.asarray(values, dtype=float)), np.full((len(readings), 1), np.nan)]
    if not x:
        return {}
    known = QUANTITIES[along]
    lines = zip(readings.items(), np.concatenate(y, axis=1), strict=True)
    return {
        f"fit_{along}": ("fit", np.concatenate(x), {"units": known.unit, "long_name": known.words}),
        **{f"fit_{name}": ("fit", line, {"units": unit, "long_name": "fit"}) for (name, unit), line in lines},
    }


def report(
    data: xr.Dataset,
    found: Mapping[str, Found],
    covariance: np.ndarray | None = None,
    curves: Mapping[str, tuple[Any, ...]] | None = None,
    coords: Mapping[str, Any] | None = None,
    **attributes: Any,
) -> xr.Dataset:
    """A result: degrees of freedom of every error (variable `freedom`), conditions and history of what was analysed."""
    plain = {k: (v.value, v.error, v.unit, v.words) for k, v in found.items()}
    freedom = ("parameter", [v.freedom for v in found.values()], {"long_name": "degrees of freedom of the error"})
    kept = {**conditions(data), **attributes}
    return result(plain, covariance, {"freedom": freedom, **(curves or {})}, coords, attributes=kept)


def interval(found: xr.Dataset, parameter: str, level: float = 0.95) -> tuple[float, float]:
    """Confidence interval of one parameter of a result, by Student's t for its degrees of freedom.

    Raises :class:`MeasurementError` for an unknown parameter or a level outside 0..1.
    """
    if parameter not in found["parameter"].values:
        allowed = ", ".join(map(str, found["parameter"].values))
        raise MeasurementError(field="parameter", got=parameter, allowed=allowed)
    check_level(level)
    row = found.sel(parameter=parameter)
    freedom = float(row["freedom"]) if "freedom" in found else np.inf
    half = float(row["error"]) * quantile(level, freedom)
    return float(row["value"]) - half, float(row["value"]) + half
