"""Angles that were not recorded, or not from the zero of the conventions."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from spinstack.measure.checks import number, switch, together
from spinstack.measure.cleaning.columns import column, remark, with_columns
from spinstack.measure.measurement import MeasurementError, step
from spinstack.text.units import In


@step
def set_angle(
    data: xr.Dataset,
    turns: float = 1.0,
    zero: Annotated[float, In("deg")] = 0.0,
    start: Annotated[float | None, In("s")] = None,
    stop: Annotated[float | None, In("s")] = None,
) -> xr.Dataset:
    """Angle from the time of a rotation at a steady rate: zero + 360 turns (time - start)/(stop - start), in deg.

    `turns` may be negative (the other sense). `start` and `stop` [s] are where the rotation begins and ends (default:
    first and last row); before and after it the angle stands still. `zero` [deg] is the angle at the start in the
    convention of the plane: a run in the yz plane that begins at z has zero=90.
    Raises :class:`MeasurementError` where time does not increase or the run has no length.
    """
    time = column(data, "time")
    together(
        lambda: number(turns, "turns", low=-1e4, high=1e4),
        lambda: number(zero, "zero", low=-720, high=720, unit="deg"),
        lambda: start is None or number(start, "start", unit="s"),
        lambda: stop is None or number(stop, "stop", unit="s"),
    )
    if turns == 0:
        raise MeasurementError(field="turns", got=turns, allowed="a number of turns, negative for the other sense")
    if np.any(np.diff(time) < 0):
        remedy = "An angle from time needs rows in the order of measurement."
        raise MeasurementError("it runs backwards", field="time", remedy=remedy)
    begin, end = time[0] if start is None else start, time[-1] if stop is None else stop
    if not end > begin:
        raise MeasurementError(field="start, stop", unit="s", got=(begin, end), allowed="a stop after the start")
    angle = zero + 360.0 * turns * np.clip((time - begin) / (end - begin), 0.0, 1.0)
    rate = 360.0 * turns / (end - begin)
    sentence = f"angle from time, {rate:.6g} deg/s from {zero:g} deg"
    return remark(with_columns(data, {"angle": angle}), sentence + ("; replaces the recorded one" * ("angle" in data)))


@step
def shift_angle(data: xr.Dataset, shift: Annotated[float, In("deg")], reverse: bool = False) -> xr.Dataset:
    """Add `shift` [deg] to every angle; with `reverse` to its negative, for a rotator that counts the other way."""
    angle = column(data, "angle")
    together(
        lambda: number(shift, "shift", low=-720, high=720, unit="deg"),
        lambda: switch(reverse, "reverse"),
    )
    sentence = f"angle {'reversed and ' if reverse else ''}shifted by {shift:g} deg"
    return remark(with_columns(data, {"angle": (-angle if reverse else angle) + shift}), sentence)
