"""Another run told at the rows of a measurement."""

from __future__ import annotations

import numpy as np
import xarray as xr

from spinstack.measure.cleaning.columns import column
from spinstack.measure.cleaning.interpolation import Interpolation, interpolation
from spinstack.measure.cleaning.legs import prevailing, unwrapped
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.settings import check_alike

#: conditions in which runs are compared, in this order (not time, which begins anew in every run)
CONDITIONS = ("angle", "field", "temperature")
#: rows are at the same place where their conditions differ by less than this part of the range
SAME = 1e-3


def matched(data: xr.Dataset, other: xr.Dataset, against: str | None = None) -> tuple[Interpolation, str]:
    """Where `other` tells the rows of `data`, and in words how."""
    rows, others = data.sizes["point"], other.sizes["point"]
    if others > 1:
        check_alike([data, other], [c for c in CONDITIONS if c != against], sample=False)
    if others == 1:
        zero = np.zeros(rows, dtype=int)
        return Interpolation(zero, zero, np.zeros(rows), np.ones(rows, dtype=bool)), "one value for all rows"
    if against is None and rows == others and _same_places(data, other):
        own = np.arange(rows)
        return Interpolation(own, own, np.zeros(rows), np.ones(rows, dtype=bool)), "row by row"
    name = against or next((c for c in CONDITIONS if _varies(data, c) and _varies(other, c)), None)
    if name is None:
        why = f"none of {', '.join(CONDITIONS)} varies in both runs"
        allowed = "another run with the same conditions, or one with a single row"
        raise MeasurementError(why, field="against", allowed=allowed)
    here, there = column(data, name), column(other, name)
    if not np.ptp(there) > 0:
        why = "which does not vary in the other run, so that it cannot be told at these rows"
        raise MeasurementError(why, field="against", got=name)
    period = 360.0 if name == "angle" else None
    ways = [prevailing(unwrapped(v) if period else v) for v in (here, there)]
    # branches are told apart only where both runs have both
    apart = name in ("angle", "field") and all({1, -1} <= set(way.tolist()) for way in ways)
    first, second = np.zeros(rows, dtype=int), np.zeros(rows, dtype=int)
    weight, found = np.zeros(rows), np.zeros(rows, dtype=bool)
    for way in (1, -1) if apart else (None,):
        targets = np.arange(rows) if way is None else np.flatnonzero(ways[0] == way)
        source = np.arange(others) if way is None else np.flatnonzero(ways[1] == way)
        part = interpolation(here[targets], there, source, period)
        first[targets], second[targets] = part.first, part.second
        weight[targets], found[targets] = part.weight, part.found
    if not found.any():
        this, that = (f"from {v.min():g} to {v.max():g}" for v in (here, there))
        raise MeasurementError(f"the other run, {that}, covers no row of this one, {this}", field=name)
    return Interpolation(first, second, weight, found), f"interpolated in {name}"


def settings(data: xr.Dataset) -> np.ndarray | None:
    """The number of the setting of each row, where conditions stand still and then step; None where they do not."""
    values = [column(data, name) for name in CONDITIONS if _varies(data, name)]
    if not values:
        return None
    near = SAME * np.ptp(values, 1, keepdims=True)
    number = np.concatenate([[0], np.cumsum((np.abs(np.diff(values)) > near).any(0))])
    first = np.searchsorted(number, number)
    return number if (np.abs(np.array(values) - np.array(values)[:, first]) <= near).all() else None


def _varies(data: xr.Dataset, name: str) -> bool:
    if name not in data.variables:
        return False
    values = np.asarray(data[name].values, dtype=float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    # a stable temperature scatters, a sweep covers more
    return high - low > (0.02 * max(abs(low), abs(high)) if name == "temperature" else 0.0)


def _same_places(data: xr.Dataset, other: xr.Dataset) -> bool:
    shared = [c for c in CONDITIONS if _varies(data, c) or _varies(other, c)]
    shared = [c for c in shared if c in data.variables and c in other.variables]
    for name in shared:
        here, there = column(data, name), column(other, name)
        if np.max(np.abs(here - there)) > SAME * max(np.ptp(here), np.ptp(there)):
            return False
    return bool(shared)
