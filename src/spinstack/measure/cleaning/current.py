"""Thermal voltages and other offsets, removed by reversing the current."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.cleaning.columns import (
    check_not_done,
    check_together,
    column,
    error_column,
    remark,
    with_columns,
)
from spinstack.measure.cleaning.interpolation import Interpolation, interpolation
from spinstack.measure.cleaning.matching import matched, settings
from spinstack.measure.measurement import MeasurementError, step
from spinstack.measure.settings import check_alike

#: readings that an offset voltage reaches: voltages, and resistances through V/I
VOLTAGES = ("V_xx", "V_xy", "V_X", "V_Y")
RESISTANCES = ("R_xx", "R_xy", "R_yx", "R_yy")


@step
def reverse_current(data: xr.Dataset, other: xr.Dataset | None = None, against: str | None = None) -> xr.Dataset:
    """Remove the voltage V0 that does not change sign with the current: V = I (V1 - V2)/(I1 - I2), V0 = V1 - V.

    `other` is the same run at the opposite current, told at the rows of this one: row by row where the conditions are
    the same, else interpolated linearly in `against` (default: the first of angle, field, temperature that
    varies) within the same direction of sweep. Without `other` the current of this run alternates, and every row of
    positive current is compared with those of negative current around it, by interpolation in time (or row number),
    which also removes an offset that drifts linearly (the "delta" method). Where angle, field or temperature stand
    still for both signs and then step, only rows of the same setting are compared, so that no setting is mixed with the
    next; the rate at which the offset drifts between the two is taken from the settings before and after. The currents
    need not be equal in size.
    Resistances R = V/I are treated as their voltages. Rows without a partner are dropped; errors follow for independent
    rows. The remark tells the mean offset voltage and how it varies.
    Raises :class:`MeasurementError` without a condition "current", or where the currents do not have opposite signs.
    """
    check_not_done(data, "reverse_current")
    current = column(data, "current")
    stepped: _Stepped | None = None
    if other is None:
        forward, where, words, stepped = _alternating(data, current)
        first, second, current_1, current_2 = data, data, current, current
    else:
        if not isinstance(other, xr.Dataset):
            raise MeasurementError(field="other", got=other, allowed="a measurement at the opposite current")
        first, second, current_1, current_2 = data, other, current, column(other, "current")
        check_alike([data, other], ())
        where, words = matched(data, other, against)
        forward = np.flatnonzero(where.found)
        where = where.rows(where.found)
    names = [n for n in (*VOLTAGES, *RESISTANCES) if n in first.variables and n in second.variables]
    if not names:
        raise MeasurementError("none is in both runs", field="reading", allowed=", ".join((*VOLTAGES, *RESISTANCES)))
    i1, i2 = current_1[forward], where.at(current_2)
    if not np.all(i1 * i2 < 0):
        raise MeasurementError("it does not change sign between the two runs at every row", field="current")
    columns: dict[str, np.ndarray | None] = {}
    offsets = []
    for name in names:
        y1, y2 = column(first, name), column(second, name)
        e1, e2 = error_column(first, name), error_column(second, name)
        check_together((e1 is None) == (e2 is None), f"{name}_error of the first run", "of the other")
        resistance = name in RESISTANCES
        v1 = (y1 * current_1 if resistance else y1)[forward]
        v2 = where.at(y2 * current_2 if resistance else y2)
        if stepped is not None:
            v2 = v2 + stepped.drift((i1 * v2 - i2 * v1) / (i1 - i2), i1, i2)
        difference = (v1 - v2) / (i1 - i2)
        columns[name] = difference if resistance else difference * i1
        offset = v1 - difference * i1
        offsets.append(f"{name} {offset.mean():.3g} V (varies by {offset.std():.2g} V)")
        if e1 is not None and e2 is not None:
            s1 = (e1 * np.abs(current_1) if resistance else e1)[forward]
            s2 = where.variance((e2 * current_2) ** 2 if resistance else e2**2)
            if stepped is not None:
                s2 = s2 + stepped.variance((i1**2 * s2 + i2**2 * s1**2) / (i1 - i2) ** 2, i1, i2)
            error = np.sqrt(s1**2 + s2) / np.abs(i1 - i2)
            columns[f"{name}_error"] = error if resistance else error * np.abs(i1)
    dropped = (data.sizes["point"] if other is not None else int(np.sum(current > 0))) - forward.size
    sentence = f"current reversed, {words}; offset of {', '.join(offsets)}; {dropped} rows without partner dropped"
    return remark(with_columns(data.isel(point=forward), columns), sentence)


class _Stepped(NamedTuple):
    """Times of the two readings that are compared in each row, and the setting at which they were taken."""

    first: np.ndarray
    second: np.ndarray
    setting: np.ndarray

    def _middle(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.setting, values) / np.bincount(self.setting)

    def _times(self, i1: np.ndarray, i2: np.ndarray) -> np.ndarray:
        """When the offset that two readings give was there, for each setting."""
        return self._middle((i1 * self.second - i2 * self.first) / (i1 - i2))

    def _around(self) -> tuple[np.ndarray, np.ndarray]:
        """The settings before and after each one; at the ends itself."""
        number = np.arange(int(self.setting[-1]) + 1)
        return np.maximum(number - 1, 0), np.minimum(number + 1, number[-1])

    def drift(self, offset: np.ndarray, i1: np.ndarray, i2: np.ndarray) -> np.ndarray:
        """Change of an offset (rows,) from the second to the first reading, by its rate from setting to setting."""
        before, after = self._around()
        level, times = self._middle(offset), self._times(i1, i2)
        rate = (level[after] - level[before]) / (times[after] - times[before])
        return np.asarray(rate[self.setting] * (self.first - self.second))

    def variance(self, offset: np.ndarray, i1: np.ndarray, i2: np.ndarray) -> np.ndarray:
        """That of `drift` from those of independent offsets (rows,)."""
        before, after = self._around()
        part, times = self._middle(offset) / np.bincount(self.setting), self._times(i1, i2)
        rate = (part[before] + part[after]) / (times[after] - times[before]) ** 2
        return np.asarray(rate[self.setting] * (self.first - self.second) ** 2)


def _alternating(data: xr.Dataset, current: np.ndarray) -> tuple[np.ndarray, Interpolation, str, _Stepped | None]:
    positive, negative = np.flatnonzero(current > 0), np.flatnonzero(current < 0)
    if not positive.size or not negative.size:
        remedy = "Give the run at the opposite current as `other`."
        raise MeasurementError("it has one sign throughout", field="current", remedy=remedy)
    clock = column(data, "time") if "time" in data.variables else np.arange(current.size, dtype=float)
    if np.any(np.diff(clock) <= 0):
        clock = np.arange(current.size, dtype=float)
    if (setting := settings(data)) is not None and set(setting[positive]) == set(setting[negative]) == set(setting):
        parts = [(positive[setting[positive] == n], negative[setting[negative] == n]) for n in range(setting[-1] + 1)]
        found = zip(*(_inside(clock, own, others) for own, others in parts), strict=True)
        first, second, weight = map(np.concatenate, found)
        where = Interpolation(first, second, weight, np.ones(positive.size, dtype=bool))
        stepped = _Stepped(clock[positive], where.at(clock), setting[positive])
        return positive, where, "every row with those of the other sign at the same setting", stepped
    # a last row without a successor must not be compared with one to its side only: the offset may drift
    inside = positive[(positive > negative[0]) & (positive < negative[-1])]
    if not inside.size:
        raise MeasurementError("no row of positive current lies between two of negative current", field="current")
    where = interpolation(clock[inside], clock, negative)
    return inside, where, "every row with those of the other sign around it", None


def _inside(clock: np.ndarray, own: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows among `others` before and after each of the rows `own`, the same one at the ends, and the weight."""
    after = np.searchsorted(clock[others], clock[own])
    first, second = others[np.maximum(after - 1, 0)], others[np.minimum(after, others.size - 1)]
    gap = clock[second] - clock[first]
    return first, second, np.where(gap > 0, (clock[own] - clock[first]) / np.where(gap > 0, gap, 1.0), 0.0)
