"""Results of many scans as one table against temperature, field or thickness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked
from spinstack.measure.measurement import MeasurementError, unit_of
from spinstack.measure.settings import TOLERANCE

CONDITIONS = (*(n for c in TOLERANCE for n in (c, f"{c}_spread")), "film_thickness", "bar_width", "bar_length")
WORDS = ("sample", "plane", "current_direction", "source", "part")


@checked
def amplitude_table(
    results: Iterable[xr.Dataset], against: str | None = None, names: Sequence[str] | None = None
) -> xr.Dataset:
    """Values and standard errors of all results: variables `c2`, `c2_error`, ... with units, over the results.

    `against`: the condition that becomes the dimension, in growing order ("temperature", "field", "film_thickness", any
    numeric attribute of the results); without, the dimension is `measurement`, in the given order. `names`: parameters
    to show, default all. What a result lacks is nan. All other conditions are coordinates, with the
    spread (standard deviation) of each within its measurement. ``.to_dataframe()`` is the
    table to print. Raises :class:`MeasurementError` where a result lacks the condition or a name is in none.
    """
    found = list(results)
    if not found:
        raise MeasurementError("got none", field="results", allowed="results of fit_harmonics, fit_planes or the like")
    if other := [one for one in found if not isinstance(one, xr.Dataset) or "parameter" not in one.coords]:
        analysis = other[0].attrs.get("analysis", "no result") if isinstance(other[0], xr.Dataset) else other[0]
        allowed = "results with parameters, such as those of fit_harmonics or hysteresis_loop"
        raise MeasurementError(field="results", got=analysis, allowed=allowed)
    if against is not None:
        _check_held(found, against)
        found = sorted(found, key=lambda one: _condition(one, against))
    known = list(dict.fromkeys(str(n) for one in found for n in one["parameter"].values))
    missing = [n for n in names or () if n not in known]
    if missing:
        why, allowed = f"{', '.join(missing)} is in no result", ", ".join(known)
        raise MeasurementError(why, field="names", got=list(names or ()), allowed=allowed)
    dimension = against or "measurement"
    variables: dict[str, Any] = {}
    for name in names or known:
        has = [name in one["parameter"].values for one in found]
        first = found[has.index(True)].sel(parameter=name)
        attrs = {"units": str(first["unit"].values), "long_name": str(first["words"].values)}
        for suffix, column in (("", "value"), ("_error", "error")):
            values = [float(o[column].sel(parameter=name)) if h else np.nan for o, h in zip(found, has, strict=True)]
            words = attrs if not suffix else {**attrs, "long_name": f"standard error of {attrs['long_name']}"}
            variables[name + suffix] = (dimension, np.array(values), words)
    coords: dict[str, Any] = {}
    for name in dict.fromkeys([*CONDITIONS, *WORDS, *([against] if against else [])]):
        held = [one.attrs.get(name) for one in found]
        if all(v is None for v in held):
            continue
        if name in WORDS:
            coords[name] = (dimension, ["" if v is None else str(v) for v in held])
        else:
            unit = {"units": unit_of(name.removesuffix("_spread"))}
            coords[name] = (dimension, [np.nan if v is None else float(v) for v in held], unit)
    return xr.Dataset(variables, coords=coords, attrs={"analysis": "amplitude_table"})


def _check_held(found: Sequence[xr.Dataset], name: str) -> None:
    """Refuse a condition that runs within the measurements: its mean orders nothing."""
    for one in found:
        mean, spread = (one.attrs.get(n, 0.0) for n in (name, f"{name}_spread"))
        if isinstance(mean, int | float) and isinstance(spread, int | float) and spread > 0.2 * abs(mean) > 0:
            why = f"which runs within a measurement ({mean:.4g} +- {spread:.2g})"
            raise MeasurementError(
                why, field="against", got=name, allowed="a condition that each measurement was made at"
            )


def _condition(found: xr.Dataset, name: str) -> float:
    try:
        value = float(found.attrs[name])
    except (KeyError, TypeError, ValueError):
        has = [k for k, v in found.attrs.items() if isinstance(v, int | float)]
        why = "but a result has no such number"
        raise MeasurementError(why, field="against", got=name, allowed=", ".join(map(str, has))) from None
    return value
