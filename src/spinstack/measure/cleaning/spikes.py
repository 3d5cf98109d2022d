"""Single readings far off: found against their neighbours, so that neither slope, step nor peak of a signal counts."""

from __future__ import annotations

import numpy as np
import xarray as xr

from spinstack.measure.checks import positive, together, whole
from spinstack.measure.cleaning.columns import column, remark
from spinstack.measure.measurement import MeasurementError, step
from spinstack.measure.statistics.noise import MEDIAN_BEND, bend


@step
def remove_spikes(
    data: xr.Dataset, reading: str = "R_xx", window: int = 15, threshold: float = 6.0, width: int = 1
) -> xr.Dataset:
    """Drop rows in which up to `width` successive readings stand out from everything around them.

    A reading is a spike where it lies more than `threshold` standard deviations of the noise on the *same side* of all
    that its neighbours let expect: the reading before, the one after, the straight lines through the two before and the
    two after, and the running median of `window` rows (at the ends: a line through two medians). A slope and a step
    lie between their neighbours, a rounded peak between neighbour and straight line, a cusp on one of the lines: a
    clean signal loses nothing, however steep. The noise is the median bend (reading less mean of its neighbours) around
    the row, not less than over four windows, not less than what the meter resolves. Passes repeat until nothing is
    found, so that a second call changes nothing.
    A peak of the signal that is only `width` readings wide cannot be told from a spike. Rows are taken in the order of
    measurement. Running median and median deviation: L. Davies and U. Gather, J. Am. Stat. Assoc. 88, 782 (1993).
    Raises :class:`MeasurementError` for fewer than five rows, or where more than a quarter of them would go.
    """
    together(
        lambda: whole(window, "window", low=3, high=100_001),
        lambda: positive(threshold, "threshold"),
        lambda: whole(width, "width", low=1),
    )
    whole(width, "width", low=1, high=max(1, window // 3), remedy="Widths go up to a third of the window.")
    values = column(data, reading)
    if values.size < 5:
        raise MeasurementError(field="rows", got=values.size, allowed="at least five, to tell a spike")
    kept = np.arange(values.size)
    largest = 0.0
    while kept.size >= 5:
        y = values[kept]
        floor = _noise_floor(y, window)
        excess = np.max([_excess(y, window, run) for run in range(1, width + 1)], axis=0) / floor
        spikes = excess > threshold
        if not spikes.any():
            break
        # of touching candidates only the worst goes in one pass: it may have dragged the others along
        spikes &= excess >= _highest_around(excess, width)
        largest = max(largest, float(excess[spikes].max()))
        kept = kept[~spikes]
        if kept.size < 0.75 * values.size:
            why = f"for which more than a quarter of {values.size} rows would be spikes of {reading}"
            remedy = "Raise it or look at the record."
            raise MeasurementError(why, field="threshold", got=threshold, remedy=remedy)
    removed = values.size - kept.size
    sentence = f"{removed} of {values.size} rows dropped as spikes of {reading}"
    if removed:
        sentence += f", the largest {largest:.3g} standard deviations of the noise"
    return remark(data.isel(point=kept), sentence)


def _noise_floor(y: np.ndarray, window: int) -> np.ndarray:
    from scipy.ndimage import median_filter

    bends = np.abs(bend(y))
    near = median_filter(bends, size=min(window, bends.size), mode="reflect")
    wide = median_filter(bends, size=min(4 * window + 1, bends.size), mode="reflect")
    level = np.maximum(near, wide) / MEDIAN_BEND
    steps = np.abs(np.diff(y))
    # of usual readings: a spike of any size must not set what counts as noise
    rounding = 8 * np.finfo(float).eps * float(np.quantile(np.abs(y), 0.9, method="lower"))
    steps = steps[steps > rounding]
    # a record that mostly repeats the same number is noisy by what the meter resolves
    resolution = float(steps.min()) if steps.size else rounding
    return np.maximum(np.pad(level, 1, mode="edge"), max(resolution, rounding, np.finfo(float).tiny))


def _excess(y: np.ndarray, window: int, run: int) -> np.ndarray:
    """How far each reading stands out together with run - 1 others (0: it does not), in units of the reading."""
    from scipy.ndimage import median_filter

    n = y.size
    around = median_filter(y, size=min(window, n), mode="reflect")
    # mirrored at an end, the median of a steep signal would be that of the end itself
    around[:run] = _carried_on(y[: run + window], run)
    around[n - run :] = _carried_on(y[::-1][: run + window], run)[::-1]
    padded = np.concatenate([np.full(2, np.nan), y, np.full(run + 1, np.nan)])
    before, before2 = padded[1 : 1 + n], padded[:n]
    after, after2 = padded[2 + run : 2 + run + n], padded[3 + run : 3 + run + n]
    # lines carried on to the place of each member of the run
    out = np.zeros(n)
    member = np.full((run, n), np.nan)
    for k in range(run):
        here = padded[2 + k : 2 + k + n]
        middle = np.concatenate([around[k:], np.full(k, np.nan)])
        lines = (before + (k + 1) * (before - before2), after + (run - k) * (after - after2))
        miss = here - np.array([before, after, *lines, middle])
        low, high = (
            np.nanmin(np.where(np.isnan(miss), np.inf, miss), axis=0),
            np.nanmax(np.where(np.isnan(miss), -np.inf, miss), axis=0),
        )
        member[k] = np.where(low > 0, low, np.where(high < 0, high, 0.0))
        member[k][np.isnan(here)] = 0.0
    same = np.all(member > 0, axis=0) | np.all(member < 0, axis=0)
    group = np.where(same, np.min(np.abs(member), axis=0), 0.0)
    for k in range(run):
        out[k:] = np.maximum(out[k:], group[: n - k])
    return out


def _carried_on(y: np.ndarray, rows: int) -> np.ndarray:
    """The first rows as a line through the medians of the two halves of the following ones tells them."""
    rest = y[rows:]
    half = rest.size // 2
    if half < 3:
        return np.full(rows, np.nan)
    near, far = np.median(rest[:half]), np.median(rest[half : 2 * half])
    centre = rows + (half - 1) / 2
    return np.asarray(near + (far - near) / half * (np.arange(rows) - centre))


def _highest_around(values: np.ndarray, width: int) -> np.ndarray:
    from scipy.ndimage import maximum_filter1d

    return np.asarray(maximum_filter1d(values, 2 * width + 1, mode="nearest"))
