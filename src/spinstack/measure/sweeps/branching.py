"""The branches of a hysteresis loop, from the order in which the field was visited."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from spinstack.measure.checks import number
from spinstack.measure.measurement import MeasurementError


def branches(field: Any, tolerance: float | None = None) -> np.ndarray:
    """Sweep direction at every point: +1 rising, -1 falling, 0 still; shape (points,), int.

    A turn counts when the field has come back by more than `tolerance` [T] (default: 2 % of its range), so that jitter
    and overshoot make no branch; a turning point belongs to the branch that ends there. Points are still where the
    field does not change at all. A field that scatters without order, or stays within 0.1 % of its value, is still
    everywhere. Raises :class:`MeasurementError` for an empty field, NaN, or a negative tolerance.
    """
    values = np.asarray(field, dtype=float)
    if values.ndim != 1 or values.size == 0 or not np.all(np.isfinite(values)):
        raise MeasurementError(field="field", got=field, allowed="one column of finite numbers, at least one")
    out = np.zeros(values.size, dtype=int)
    span = float(np.ptp(values))
    if tolerance is None:
        if span <= 1e-3 * np.abs(values).max():
            return out
        tolerance = 0.02 * span
    number(tolerance, "tolerance", low=0, unit="T")
    if span <= tolerance:
        return out
    turns = _turning_points(values, tolerance)
    if len(turns) > max(5, values.size // 4):
        return out
    for start, stop in pairwise(turns):
        out[start + (start > 0) : stop + 1] = int(np.sign(values[stop] - values[start]))
    step = np.diff(values) == 0.0
    out[np.concatenate([[True], step]) & np.concatenate([step, [True]])] = 0
    return out


def _turning_points(values: np.ndarray, tolerance: float) -> list[int]:
    """First row, rows of the extremes after which the field came back by more than the tolerance, last row."""
    turns, high, low, direction = [0], 0, 0, 0
    for i, value in enumerate(values):
        if value > values[high]:
            high = i
        if value < values[low]:
            low = i
        if direction >= 0 and values[high] - value > tolerance:
            if direction > 0:
                turns.append(high)
            direction, low = -1, i
        elif direction <= 0 and value - values[low] > tolerance:
            if direction < 0:
                turns.append(low)
            direction, high = 1, i
    return [*turns, values.size - 1]


def without_virgin_curve(field: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Rows without the virgin curve: a first branch that begins inside the range that a later branch of its direction
    covers; bool, shape (points,)."""
    keep = np.ones(field.size, dtype=bool)
    change = np.flatnonzero(np.diff(direction) != 0)
    if change.size == 0:
        return keep
    first = slice(0, int(change[0]) + 1)
    later = direction[first.stop :] == direction[0]
    reach = np.abs(field).max()
    if np.abs(field[0]) < 0.9 * reach and np.any(later) and np.ptp(field[first.stop :][later]) > np.ptp(field[first]):
        keep[first] = False
    return keep
