"""Angles that were not recorded, or not from the zero of the conventions."""

from __future__ import annotations

import numpy as np
import xarray as xr

from spinstack.measure.cleaning.columns import column, number, remark, with_columns
from spinstack.measure.measurement import MeasurementError, step


@step
def set_angle(
    data: xr.Dataset,
    turns: float = 1.0,
    zero: float = 0.0,
    start: float | None = None,
    stop: float | None = None,
) -> xr.Dataset:
    """Angle from the time of a rotation at a steady rate: zero + 360 turns (time - start)/(stop - start), in deg.

    `turns` may be negative (the other sense). `start` and `stop` [s] are where the rotation begins and ends (default:
    first and last row); before and after it the angle stands still. `zero` [deg] is the angle at the start in the
    convention of the plane: a run in the yz plane that begins at z has zero=90.
    Raises :class:`MeasurementError` where time does not increase or the run has no length.
    """
    time = column(data, "time")
    turns = number("turns", turns, -1e4, 1e4)
    if turns == 0:
        raise MeasurementError("turns: got 0. Allowed: a number of turns, negative for the other sense.")
    zero = number("zero", zero, -720.0, 720.0)
    if np.any(np.diff(time) < 0):
        raise MeasurementError("time: it runs backwards. An angle from time needs rows in the order of measurement.")
    begin = float(time[0]) if start is None else number("start", start)
    end = float(time[-1]) if stop is None else number("stop", stop)
    if not end > begin:
        raise MeasurementError(f"start, stop: got {begin:g} s to {end:g} s. Allowed: a stop after the start.")
    angle = zero + 360.0 * turns * np.clip((time - begin) / (end - begin), 0.0, 1.0)
    rate = 360.0 * turns / (end - begin)
    sentence = f"angle from time, {rate:.6g} deg/s from {zero:g} deg"
    return remark(with_columns(data, {"angle": angle}), sentence + ("; replaces the recorded one" * ("angle" in data)))


@step
def shift_angle(data: xr.Dataset, shift: float, reverse: bool = False) -> xr.Dataset:
    """Add `shift` [deg] to every angle; with `reverse` to its negative, for a rotator that counts the other way."""
    angle = column(data, "angle")
    shift = number("shift", shift, -720.0, 720.0)
    if not isinstance(reverse, bool):
        raise MeasurementError(f"reverse: got {reverse!r}. Allowed: true or false.")
    sentence = f"angle {'reversed and ' if reverse else ''}shifted by {shift:g} deg"
    return remark(with_columns(data, {"angle": (-angle if reverse else angle) + shift}), sentence)
