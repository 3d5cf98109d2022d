"""Readings measured in turns, as by a multiplexer, brought to common rows."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import choice
from spinstack.measure.cleaning.columns import column, remark, with_columns
from spinstack.measure.cleaning.legs import unwrapped
from spinstack.measure.measurement import MeasurementError, need, step
from spinstack.measure.settings import TOLERANCE
from spinstack.measure.statistics.noise import white_noise

Against = Literal["", "field", "angle", "temperature", "time"]
_SWEPT = ("field", "angle", "temperature")
#: parts of a typical distance of rows: within the first a row is at the place of another, below the second two rows
#: are a repeat, above the third there is a gap
SAME, REPEAT, GAP = 0.05, 0.2, 4.0
#: how many standard deviations a third difference must have to be no noise
SIGNIFICANT = 3.0


class _Told(NamedTuple):
    """A reading at other rows: values, variances by its noise and by interpolation, and where it is covered."""

    values: np.ndarray
    noise: np.ndarray
    bend: np.ndarray
    found: np.ndarray


@step
def align_channels(data: xr.Dataset, onto: str = "", against: Against = "") -> xr.Dataset:
    """Bring readings that were measured in turns to the rows of one of them, `onto` (default: that of most rows).

    Each of the others is interpolated along the path of what is swept (`against`; default: field, angle or temperature,
    the first that moves, else time), between the reading before and the one after: a cubic through four of one leg, a
    straight line through two at its ends. Where the sweep waits at each value this is the reading at that very value,
    which interpolation in time would mix with the next one. Rows without a reading on either side, across a gap of more
    than four distances, or between readings on either side of a turning point are dropped.
    "<reading>_error", where there is one, becomes that of the interpolated value, with what a jump or a bend between
    the readings leaves open: w (1 - w) times the third difference of the four (w the place between the middle ones),
    where it is more than noise. The largest of these stands in the attribute "interpolation_of_<reading>".
    Raises :class:`MeasurementError` where no reading misses in any row, or nothing is covered.
    """
    gaps = [str(n) for n in data.data_vars if not str(n).endswith("_error") and _rows(data, str(n)).size < _size(data)]
    if not gaps:
        raise MeasurementError("no reading is missing in any row, so that none was measured in turns", field="data")
    for reading in gaps:
        if not _rows(data, reading).size:
            raise MeasurementError("holds no number in any row", field=reading)
    if onto:
        need(data, onto)
    target = onto or max(gaps, key=lambda name: _rows(data, name).size)
    rows = _rows(data, target)
    name = choice(against, "against", ("", *_SWEPT, "time")) or _swept(data)
    values = column(data, name)
    values = unwrapped(values) if name == "angle" else values
    told = {reading: _told(data, reading, rows, values) for reading in gaps if reading != target}
    keep = np.logical_and.reduce([t.found for t in told.values()]) if told else np.ones(rows.size, dtype=bool)
    if not keep.any():
        remedy = "They may have been measured one after the other: take them apart with split or select."
        raise MeasurementError(f"no row of {target} lies between rows of {', '.join(told)}", field=name, remedy=remedy)
    columns: dict[str, np.ndarray | None] = {}
    largest: dict[str, float] = {}
    for reading, t in told.items():
        columns[reading] = t.values[keep]
        largest[f"interpolation_of_{reading}"] = float(np.sqrt(t.bend[keep].max()))
        if f"{reading}_error" in data.variables:
            columns[f"{reading}_error"] = np.sqrt(t.noise + t.bend)[keep]
    words = [
        f"{reading} interpolated in {name}, by which it may be off by up to "
        f"{largest[f'interpolation_of_{reading}']:.3g} {data[reading].attrs.get('units', '')}".rstrip()
        for reading in told
    ]
    dropped = int(np.sum(~keep))
    sentence = f"{'; '.join(words)}; at the {int(keep.sum())} rows of {target}"
    sentence += f", {dropped} of it dropped, which no other reading covers" if dropped else ""
    return remark(with_columns(data.isel(point=rows[keep]), columns), sentence, **largest)


def _size(data: xr.Dataset) -> int:
    return int(data.sizes["point"])


def _rows(data: xr.Dataset, name: str) -> np.ndarray:
    return np.flatnonzero(np.isfinite(np.asarray(data[name].values, dtype=float)))


def _swept(data: xr.Dataset) -> str:
    for name in _SWEPT:
        if name in data.coords:
            values = column(data, name)
            absolute, relative = TOLERANCE[name]
            if np.ptp(values) > 2 * max(absolute, relative * float(np.max(np.abs(values)))):
                return name
    if "time" in data.coords:
        return "time"
    raise MeasurementError("neither moves, and there is no time", field=", ".join(_SWEPT))


def _told(data: xr.Dataset, reading: str, targets: np.ndarray, swept: np.ndarray) -> _Told:
    """A reading at the rows `targets`."""
    source = _rows(data, reading)
    y = np.asarray(data[reading].values, dtype=float)[source]
    error = f"{reading}_error"
    if error in data.variables:
        variance = np.asarray(data[error].values, dtype=float)[source] ** 2
        if not np.isfinite(variance).all():
            raise MeasurementError(f"is missing where {reading} is there", field=error)
    else:
        variance = np.full(y.size, white_noise(y, robust=True) ** 2)
    path = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(swept)))])
    x, wanted, place = path[source], path[targets], swept[source]
    distance = np.diff(x)
    typical = float(np.quantile(distance[distance > 0], 0.9)) if np.any(distance > 0) else 0.0
    # whether it goes one way to the next source row, and far enough that noise is not stretched
    onward = np.append((np.abs(np.diff(place)) >= 0.9 * distance) & (distance <= GAP * typical), False)
    wide = onward & np.append(distance >= REPEAT * typical, False)
    right = np.searchsorted(source, targets)
    last = y.size - 1
    left, right = np.clip(right - 1, 0, last), np.clip(right, 0, last)
    before, after = np.abs(wanted - x[left]), np.abs(wanted - x[right])
    nearest = np.where(before <= after, left, right)
    here = np.minimum(before, after) <= SAME * typical
    inside = ~here & (left < right) & (source[left] < targets) & (targets < source[right]) & onward[left]
    around = wide[left - 1] & wide[left] & wide[np.minimum(left + 1, last)]
    four = inside & (left >= 1) & around
    out = _Told(
        np.where(here, y[nearest], 0.0), np.where(here, variance[nearest], 0.0), np.zeros(here.size), here | inside
    )
    ends = inside & ~four
    cubic, straight = np.arange(-1, 3), np.arange(2)
    for chosen, offsets in ((four, cubic), (ends, straight)):
        rows = np.flatnonzero(chosen)
        nodes = left[rows, None] + offsets
        parts = _weights(x[nodes], wanted[rows])
        out.values[rows] = np.sum(parts * y[nodes], axis=1)
        out.noise[rows] = np.sum(parts**2 * variance[nodes], axis=1)
    weight = (wanted - x[left]) / np.where(inside, x[right] - x[left], 1.0)
    share = weight * (1 - weight)
    behind, ahead = (left >= 1) & wide[left - 1], wide[np.minimum(left + 1, last)]
    sides = ((four, cubic, 1.0), (ends & behind, cubic[:3], 0.5), (ends & ~behind & ahead, cubic[1:], 0.5))
    for chosen, offsets, factor in sides:
        rows = np.flatnonzero(chosen)
        nodes = left[rows, None] + offsets
        out.bend[rows] = (factor * share[rows] * _differences(x[nodes], y[nodes], variance[nodes])) ** 2
    return out


def _weights(x: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Lagrange's weights (rows, nodes) of the values at x (rows, nodes) for the values at other places (rows,)."""
    parts = np.ones(x.shape)
    for k in range(x.shape[1]):
        for j in range(x.shape[1]):
            if j != k:
                parts[:, k] *= (at - x[:, j]) / (x[:, k] - x[:, j])
    return parts


def _differences(x: np.ndarray, y: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Size of the highest difference of values y (rows, nodes), as if evenly spaced; 0 where it may be noise."""
    order = x.shape[1] - 1
    places = (x - x[:, :1]) / (x[:, -1:] - x[:, :1]) * order
    parts = np.full(x.shape, float(math.factorial(order)))
    for k in range(order + 1):
        for j in range(order + 1):
            if j != k:
                parts[:, k] /= places[:, k] - places[:, j]
    size = np.abs(np.sum(parts * y, axis=1))
    return np.where(size > SIGNIFICANT * np.sqrt(np.sum(parts**2 * variance, axis=1)), size, 0.0)
