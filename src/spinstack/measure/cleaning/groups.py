"""Rows measured at the same angle or field."""

from __future__ import annotations

import numpy as np
import xarray as xr

from spinstack.measure.checks import choice, number
from spinstack.measure.cleaning.columns import column
from spinstack.measure.cleaning.legs import kinds, prevailing, unwrapped
from spinstack.measure.measurement import QUANTITIES

#: conditions that repeat
OVER = ("angle", "field")


def repeats(data: xr.Dataset, over: str, tolerance: float, full_turn: bool = True) -> np.ndarray:
    """Number of the group of every row (rows,): the same angle or field, approached in the same way.

    Rows belong together within +-`tolerance` [deg or T]; a continuous ramp is cut into bins of at most that width.
    With `full_turn` angles a whole turn apart are the same. Groups are numbered along the sweep, kind of leg by kind.
    """
    choice(over, "over", OVER)
    number(tolerance, "tolerance", low=0, unit=QUANTITIES[over].unit)
    values = column(data, over)
    if over == "angle":
        turned = unwrapped(values)
        kind = prevailing(turned) if full_turn else kinds(turned)
        way, values = turned, _folded(values, tolerance) if full_turn else turned
    else:
        way, kind = values, kinds(values)
    out = np.empty(values.size, dtype=int)
    count = 0
    for one in dict.fromkeys(kind.tolist()):
        rows = np.flatnonzero(kind == one)
        label = _clusters(values[rows], tolerance)
        if way[rows[-1]] < way[rows[0]]:
            label = label.max() - label
        out[rows] = label + count
        count += int(label.max()) + 1
    return out


def _folded(angle: np.ndarray, tolerance: float) -> np.ndarray:
    """Angles in one turn; those within the tolerance below the full turn count as just below zero."""
    angle = np.mod(angle, 360.0)
    slack = max(tolerance, 1e-9)
    first = np.min(angle)
    return np.where((angle > 360.0 - slack) & (first < slack), angle - 360.0, angle)


def _clusters(values: np.ndarray, tolerance: float) -> np.ndarray:
    """Labels 0, 1, ... in order of value: chains of gaps within the tolerance, cut where they grow too long."""
    order = np.argsort(values, kind="stable")
    x = values[order]
    # settings that differ by rounding alone are the same
    slack = tolerance + 1e-12 * float(np.abs(x).max())
    chain = np.concatenate([[0], np.cumsum(np.diff(x) > slack)])
    start = np.flatnonzero(np.concatenate([[True], np.diff(chain) > 0]))
    low, high = x[start], x[np.concatenate([start[1:], [x.size]]) - 1]
    bins = np.maximum(1, np.ceil((high - low) / (2 * slack) - 1e-9)).astype(int) if slack > 0 else np.ones_like(start)
    width = np.where(high > low, (high - low) / bins, 1.0)
    inside = np.minimum(((x - low[chain]) / width[chain]).astype(int), bins[chain] - 1)
    out = np.empty(values.size, dtype=int)
    out[order] = np.concatenate([[0], np.cumsum((np.diff(chain) != 0) | (np.diff(inside) != 0))])
    return out
