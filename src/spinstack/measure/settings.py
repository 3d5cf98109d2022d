"""At what a measurement was made: its conditions in numbers, and the settings that one file may hold several of.

A setting is a value of a condition that stays (temperature, angle, current, frequency, field of a scan); rows taken
while the condition moves from one setting to the next belong to none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.measurement import QUANTITIES, MeasurementError, warn

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

    ``temperature`` and ``temperature_spread``, and so on; of a field and of a current, which may be
    reversed, the mean size.
    """
    out: dict[str, Any] = {}
    for name in TOLERANCE:
        if name in data.variables:
            values = np.asarray(data[name].values, dtype=float)
            if np.isfinite(values).any():
                values = np.abs(values) if name in ("field", "current") else _round(values, name)
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
    x = _round(values[finite], name)
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
        found = _by_value(x, within, least)
    else:
        found = _by_run(x, within, [slice(a, a + n) for a, n in zip(starts, length, strict=True)], least)
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
        values = _round(values[np.isfinite(values)], name)
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
            warn(f"{said}; the numbers are of a mixture")


def check_alike(measurements: Iterable[xr.Dataset], names: Iterable[str] = TOLERANCE, sample: bool = True) -> None:
    """Refuse measurements that go together but are at different settings, or of different samples.

    Of the conditions `names` those are compared that stay in every measurement. Raises :class:`MeasurementError`.
    """
    found = list(measurements)
    samples = sorted({str(one.attrs["sample"]) for one in found if one.attrs.get("sample")})
    if sample and len(samples) > 1:
        remedy = "If it is one sample, give it one name."
        raise MeasurementError(field="sample", got=samples, allowed="measurements of one sample", remedy=remedy)
    at = [conditions(one) for one in found]
    for name in (n for n in names if at and all(n in one for one in at)):
        means, spreads = ([float(one[key]) for one in at] for key in (name, f"{name}_spread"))
        within = float(_within(np.array(means), name, None).max())
        if max(spreads) <= within and np.ptp(means) > 2 * within:
            why, got = "in measurements that go together", ", ".join(f"{v:.4g}" for v in means)
            remedy = "Choose those of one setting with files, or take files apart with the step split."
            raise MeasurementError(
                why, field=name, unit=QUANTITIES[name].unit, got=got, allowed="one setting", remedy=remedy
            )


def _within(values: np.ndarray, name: str, tolerance: float | None) -> np.ndarray:
    if tolerance is not None:
        return np.full(values.size, tolerance)
    absolute, relative = TOLERANCE[name]
    least = absolute or 1e-5 * np.abs(values).max(initial=0.0)  # about zero
    return np.maximum(least, relative * np.abs(values))


def _round(values: np.ndarray, name: str) -> np.ndarray:
    """Angles within half a turn of the first one, so that 359.9 and 0.1 are the same setting."""
    if name != "angle" or not np.isfinite(values).any():
        return values
    first = values[np.isfinite(values)][0]
    return np.asarray(np.mod(values - first + 180.0, 360.0) - 180.0 + first)


def _runs(x: np.ndarray, within: np.ndarray) -> list[int]:
    """Where rows begin that stay, one after the other, within twice the tolerance of one another."""
    starts, low, high = [0], x[0], x[0]
    for i, value in enumerate(x.tolist()):
        low, high = min(low, value), max(high, value)
        if high - low > 2 * within[i]:
            starts.append(i)
            low = high = value
    return starts


def _by_value(x: np.ndarray, within: np.ndarray, least: int) -> list[np.ndarray]:
    """Rows (bool) of each value that a condition that alternates comes back to."""
    order = np.argsort(x, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(x[order]) > 2 * within[order][1:]) + 1)
    good = [p for p in parts if p.size >= least and np.ptp(x[p]) <= 4 * within[p].max()]
    return [np.abs(x - np.median(x[p])) <= within[p].max() for p in good]


def _by_run(x: np.ndarray, within: np.ndarray, runs: list[slice], least: int) -> list[np.ndarray]:
    """Rows (bool) of each setting of a condition that stays at it for a while, also where it ramps in between."""
    found: list[tuple[float, float, np.ndarray]] = []
    for run in runs:
        rows = x[run]
        if rows.size < least:
            continue
        mode = _crowd(rows, within[run].max(), least) if _ramps(x, run) else float(np.median(rows))
        if mode is None:
            continue
        width = float(within[run][np.argmin(np.abs(rows - mode))])
        member = np.zeros(x.size, dtype=bool)
        member[run] = np.abs(rows - mode) <= width
        same = [f for f in found if abs(f[0] - mode) <= f[1]]
        if same:
            np.logical_or(same[0][2], member, out=same[0][2])
        elif member.sum() >= least:
            found.append((mode, width, member))
    return [_joined(np.abs(x - mode) <= width, member) for mode, width, member in found]


def _ramps(x: np.ndarray, run: slice) -> bool:
    """Whether a run goes one way, and goes on so before it or after it."""
    rows = x[run]
    path = float(rows[-1] - rows[0])
    if path == 0 or abs(float(np.corrcoef(rows, np.arange(rows.size))[0, 1])) < 0.9:
        return False
    step = abs(path) / (rows.size - 1)
    joints = [x[at] - x[at - 1] for at in (run.start, run.stop) if 0 < at < x.size]
    return any(np.sign(joint) == np.sign(path) and abs(joint) <= 3 * step for joint in joints)


def _crowd(run: np.ndarray, within: float, least: int) -> float | None:
    """Where the rows of a ramp crowd, because it stays there; None where it goes evenly."""
    x, width = np.sort(run), 0.2 * within
    count = np.searchsorted(x, x + width, side="right") - np.arange(x.size)
    at = int(np.argmax(count))
    if count[at] < max(least, 3 * run.size * width / np.ptp(run)):
        return None
    return float(np.median(x[at : at + count[at]]))


def _joined(close: np.ndarray, member: np.ndarray) -> np.ndarray:
    """The stretches of close rows in which one is a member."""
    number = np.cumsum(np.diff(close, prepend=False))
    return close & np.isin(number, number[member])
