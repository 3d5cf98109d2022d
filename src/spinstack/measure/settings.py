"""At what a measurement was made: its conditions in numbers, and the settings that one file may hold several of.

A setting is a value of a condition that stays (temperature, angle, current, frequency, field of a scan); rows taken
while the condition moves from one setting to the next belong to none.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.measurement import QUANTITIES, MeasurementError

#: conditions that may have settings: how far rows of one lie from its middle, in the unit and as a part of the value
TOLERANCE = {
    "temperature": (0.1, 0.01),
    "field": (2e-3, 0.01),
    "angle": (0.5, 0.0),
    "current": (0.0, 0.01),
    "frequency": (0.0, 0.01),
}
#: rows that make a setting
LEAST = 3
_KEPT = (
    "plane", "current_direction", "bar_width", "bar_length", "film_thickness", "sample", "source", "source_sha256",
    "part", "history",
)  # fmt: skip


def conditions(data: xr.Dataset) -> dict[str, Any]:
    """What a measurement was made at: mean and standard deviation of its conditions (SI), and its own attributes.

    ``temperature`` and ``temperature_spread``, and so on; of a field the mean size.
    """
    out: dict[str, Any] = {}
    for name in TOLERANCE:
        if name in data.variables:
            values = np.asarray(data[name].values, dtype=float)
            if np.isfinite(values).any():
                values = np.abs(values) if name == "field" else values
                out[name], out[f"{name}_spread"] = float(np.nanmean(values)), float(np.nanstd(values))
    return out | {name: data.attrs[name] for name in _KEPT if name in data.attrs}


def settings(values: np.ndarray, name: str, tolerance: float | None = None, least: int = LEAST) -> np.ndarray:
    """Number of the setting that each row (rows,) is at, by first visit; -1 for rows at none.

    A setting has at least `least` rows within +-`tolerance` of its middle (default: TOLERANCE), one after the other,
    or, where the condition alternates, in any order. Rows on the way to the next one are of none; nor are those of a
    condition that ramps.
    """
    out = np.full(values.size, -1)
    finite = np.flatnonzero(np.isfinite(values))
    x = values[finite]
    if not x.size:
        return out
    within = _within(x, name, tolerance)
    if np.ptp(x) <= 2 * within.max():
        out[finite] = 0
        return out
    starts = _runs(x, within)
    length = np.diff([*starts, x.size])
    back_and_forth = np.count_nonzero(np.diff(np.sign(np.diff(x[starts]))))
    if np.median(length) < least and back_and_forth > 0.2 * len(starts):
        middles = _by_value(x, within, least)
        found = [np.abs(x - m) <= w for m, w in zip(middles, _within(np.array(middles), name, tolerance), strict=True)]
    else:
        found = _by_run(x, name, tolerance, [slice(a, a + n) for a, n in zip(starts, length, strict=True)], least)
    for number, rows in enumerate(sorted(found, key=lambda rows: int(np.argmax(rows)))):
        out[finite[rows]] = number
    return out


def check_one_setting(data: xr.Dataset, swept: Collection[str]) -> None:
    """Refuse a measurement that was made at several settings of a condition that an analysis does not sweep.

    Raises :class:`MeasurementError` naming them; warns where such a condition moves without settings.
    """
    for name in TOLERANCE:
        if name in swept or name not in data.coords or data[name].dims != ("point",):
            continue
        values = np.asarray(data[name].values, dtype=float)
        values = np.abs(values) if name == "current" else values  # a reversed current is the same setting
        values = values[np.isfinite(values)]
        if not values.size or np.ptp(values) <= 2 * _within(values, name, None).max():
            continue
        label = settings(values, name)
        unit = QUANTITIES[name].unit
        if label.max() > 0:
            means = [values[label == k].mean() for k in range(label.max() + 1)]
            shown = ", ".join(f"{v:.4g}" for v in means[:6]) + (", ..." if len(means) > 6 else "")
            raise MeasurementError(
                f"which has {len(means)} settings in this measurement ({shown} {unit})", field=name,
                remedy=f'Take them apart with the step split (by = "{name}"), or choose one with select.',
            )  # fmt: skip
        if np.ptp(values) > 8 * _within(values, name, None).max():
            said = f"{name} runs from {values.min():.4g} to {values.max():.4g} {unit} within this measurement"
            warnings.warn(f"{said}; the numbers are of a mixture", stacklevel=4)


def _within(values: np.ndarray, name: str, tolerance: float | None) -> np.ndarray:
    if tolerance is not None:
        return np.full(values.size, tolerance)
    absolute, relative = TOLERANCE[name]
    return np.maximum(absolute, relative * np.abs(values))


def _runs(x: np.ndarray, within: np.ndarray) -> list[int]:
    """Where rows begin that stay, one after the other, within twice the tolerance of one another."""
    starts, low, high = [0], x[0], x[0]
    for i, value in enumerate(x.tolist()):
        low, high = min(low, value), max(high, value)
        if high - low > 2 * within[i]:
            starts.append(i)
            low = high = value
    return starts


def _by_value(x: np.ndarray, within: np.ndarray, least: int) -> list[float]:
    """Values that a condition that alternates comes back to."""
    order = np.argsort(x, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(x[order]) > 2 * within[order][1:]) + 1)
    return [float(np.median(x[p])) for p in parts if p.size >= least and np.ptp(x[p]) <= 4 * within[p].max()]


def _by_run(x: np.ndarray, name: str, tolerance: float | None, runs: list[slice], least: int) -> list[np.ndarray]:
    """Rows (bool) of each setting of a condition that stays at it for a while, also where it ramps in between."""
    modes = [_dense(x[run], _within(x[run], name, tolerance).max(), least) for run in runs]
    ramps = [mode is None for mode in modes]
    rates = [abs(x[run.stop - 1] - x[run.start]) / max(run.stop - run.start - 1, 1) for run in runs]
    found: list[tuple[float, float, np.ndarray]] = []
    for k, (run, mode) in enumerate(zip(runs, modes, strict=True)):
        near = [n for n in (k - 1, k + 1) if 0 <= n < len(runs) and ramps[n]]
        if mode is None:
            continue
        # a run that does not fill its window may be the end of a ramp, which goes on as fast as before
        short = np.ptp(x[run]) < _within(x[run], name, tolerance).max()
        if short and any(rates[k] > rates[n] / 3 and _joint(x, runs, k, n) <= 3 * rates[n] for n in near):
            continue
        width = float(_within(np.array([mode]), name, tolerance)[0])
        member = np.zeros(x.size, dtype=bool)
        member[run] = np.abs(x[run] - mode) <= width
        same = [f for f in found if abs(f[0] - mode) <= f[1]]
        if same:
            np.logical_or(same[0][2], member, out=same[0][2])
        else:
            found.append((mode, width, member))
    return [_joined(np.abs(x - mode) <= width, member) for mode, width, member in found]


def _dense(run: np.ndarray, within: float, least: int) -> float | None:
    """Where the rows of a run crowd; None where they are too few, or go evenly from one end of the window to the other.

    A run that does not fill its window ends by a jump.
    """
    if run.size < least:
        return None
    if np.ptp(run) < within:
        return float(np.median(run))
    x, width = np.sort(run), 0.2 * within
    count = np.searchsorted(x, x + width, side="right") - np.arange(x.size)
    at = int(np.argmax(count))
    if count[at] < max(least, 3 * run.size * width / np.ptp(run)):
        return None
    return float(np.median(x[at : at + count[at]]))


def _joint(x: np.ndarray, runs: list[slice], one: int, other: int) -> float:
    """Step from a run to the next one."""
    at = runs[max(one, other)].start
    return float(abs(x[at] - x[at - 1]))


def _joined(close: np.ndarray, member: np.ndarray) -> np.ndarray:
    """The stretches of close rows in which one is a member."""
    number = np.cumsum(np.diff(close, prepend=False))
    return close & np.isin(number, number[member])
