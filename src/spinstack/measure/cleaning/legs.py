"""Legs of a sweep or a rotation: runs of rows in which the condition goes one way."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from spinstack.measure.sweeps.branching import branches


class Leg(NamedTuple):
    """Rows of a leg in order, those with the turning point it starts from, direction (+1, -1, 0), its two ends."""

    rows: np.ndarray
    with_start: np.ndarray
    direction: int
    start: float
    end: float


def legs(values: np.ndarray) -> list[Leg]:
    """The legs of a condition in the order of measurement; one leg of direction 0 where it has no order."""
    direction = prevailing(values)
    first = np.concatenate([[0], np.flatnonzero(np.diff(direction)) + 1, [values.size]])
    steps = np.abs(np.diff(values))
    typical = float(np.median(steps[steps > 0])) if np.any(steps > 0) else 0.0
    bounds = [(int(a), int(b), int(direction[a])) for a, b in itertools.pairwise(first)]
    out: list[Leg] = []
    carried: int | None = None
    for k, (start, stop, sense) in enumerate(bounds):
        if stop - start == 1 and 0 < k < len(bounds) - 1 and steps[start - 1] > 5 * typical:
            carried = start  # a jump back to where the next leg begins
            continue
        begin = start if carried is None else carried
        reach = begin
        if carried is None and start > 0 and steps[start - 1] <= 5 * typical:
            reach = start - 1
        carried = None
        rows, with_start = np.arange(begin, stop), np.arange(reach, stop)
        out.append(Leg(rows, with_start, sense, float(values[reach]), float(values[stop - 1])))
    return out


def prevailing(values: np.ndarray) -> np.ndarray:
    """Direction at every row; rows that stand still have that of the rows before (at the beginning: after) them."""
    direction = branches(values)
    moving = np.flatnonzero(direction)
    if moving.size == 0:
        return direction
    last = np.searchsorted(moving, np.arange(values.size), side="right") - 1
    return np.asarray(direction[moving[np.maximum(last, 0)]])


def unwrapped(angle: np.ndarray) -> np.ndarray:
    """Angle [deg] without jumps by whole turns."""
    return np.unwrap(angle, period=360.0)


def kinds(values: np.ndarray) -> np.ndarray:
    """Number of the kind of leg each row is in: legs of one kind have the same direction and the same ends (within
    5 % of the range), so that a virgin curve is of a kind of its own."""
    near = 0.05 * float(np.ptp(values))
    out = np.zeros(values.size, dtype=int)
    known: list[Leg] = []
    for leg in legs(values):
        alike = [
            i
            for i, other in enumerate(known)
            if leg.direction == other.direction
            and abs(leg.start - other.start) <= near
            and abs(leg.end - other.end) <= near
        ]
        out[leg.rows] = alike[0] if alike else len(known)
        if not alike:
            known.append(leg)
    return out
