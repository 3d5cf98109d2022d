"""Readings measured in turns, as by a multiplexer, brought to common rows."""

from __future__ import annotations

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
    # one way from one source row to the next
    onward = (np.abs(np.diff(place)) >= 0.9 * distance) & (distance <= GAP * typical)
    after = np.searchsorted(source, targets)
    empty, rows = np.zeros(targets.size), targets.size
    out = _Told(empty, empty.copy(), empty.copy(), np.zeros(rows, dtype=bool))
    for i in range(rows):
        right = int(after[i])
        left = right - 1
        near = [k for k in (left, right) if 0 <= k < x.size and abs(wanted[i] - x[k]) <= SAME * typical]
        inside = left >= 0 and right < x.size and bool(onward[left])
        if near:
            k = min(near, key=lambda k: abs(wanted[i] - x[k]))
            out.values[i], out.noise[i], out.found[i] = y[k], variance[k], True
        elif inside:
            nodes = _nodes(left, onward, distance, typical)
            part = _weights(x[nodes], wanted[i])
            weight = (wanted[i] - x[left]) / distance[left]
            out.values[i], out.noise[i], out.found[i] = part @ y[nodes], part**2 @ variance[nodes], True
            out.bend[i] = _left_open(left, weight, nodes, x, y, variance, onward, distance, typical) ** 2
    return out


def _nodes(left: int, onward: np.ndarray, distance: np.ndarray, typical: float) -> np.ndarray:
    """The four source rows around an interval that a cubic may go through, or the two at its ends."""
    inner = slice(left - 1, left + 2)
    if 1 <= left < onward.size - 1 and bool(np.all(onward[inner]) and np.all(distance[inner] >= REPEAT * typical)):
        return np.arange(left - 1, left + 3)
    return np.array([left, left + 1])


def _weights(x: np.ndarray, at: float) -> np.ndarray:
    """Lagrange's weights of the values at x for the value at another place."""
    return np.array([np.prod((at - np.delete(x, k)) / (x[k] - np.delete(x, k))) for k in range(x.size)])


def _left_open(
    left: int, weight: float, nodes: np.ndarray, x: np.ndarray, y: np.ndarray, variance: np.ndarray,
    onward: np.ndarray, distance: np.ndarray, typical: float,
) -> float:  # fmt: skip
    """What a jump or a bend may have done between two source rows, as far as it is more than noise."""
    if nodes.size == 4:
        near, share = nodes, weight * (1 - weight)
    else:  # at the end of a leg: the bend on the other side
        wide = onward & (distance >= REPEAT * typical)
        sides = [k for k in (left - 1, left + 1) if 0 <= k < wide.size and wide[k]]
        if not sides:
            return 0.0
        near = np.unique([left, left + 1, sides[0], sides[0] + 1])
        share = 0.5 * weight * (1 - weight)
    # the difference of the order of the rows, as if they were evenly spaced
    places = (x[near] - x[near[0]]) / (x[near[-1]] - x[near[0]]) * (near.size - 1)
    parts = np.array([1 / np.prod(places[k] - np.delete(places, k)) for k in range(near.size)])
    parts = parts * (6.0 if near.size == 4 else 2.0)
    difference = float(abs(parts @ y[near]))
    return share * difference if difference > SIGNIFICANT * float(np.sqrt(parts**2 @ variance[near])) else 0.0
