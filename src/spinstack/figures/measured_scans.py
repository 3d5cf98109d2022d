"""Measured angle scans: data, fit, residual and drift, planes side by side; the same in polar form."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spinstack.figures.measured import (
    FIT_COLOUR,
    Measured,
    axis_label,
    beside,
    binned,
    dots,
    finish,
    named,
    part,
    reading_of,
    unit_of,
)
from spinstack.figures.style import COLOURS, PLANE_COLOURS, PLANE_WORDS, angle_axis, label, plain, readable
from spinstack.text.errors import ParameterError

_BIN = 5.0  # degrees
_MANY = 180  # points above which means of bins are drawn, too


class _Scan:
    """One plane: what was read, and what the fit makes of it."""

    def __init__(self, key: str, data: xr.Dataset, found: xr.Dataset | None, reading: str | None, order: int) -> None:
        if "angle" not in data.variables:
            why, remedy = "got a measurement without angles", f"Its columns: {', '.join(map(str, data))}."
            raise ParameterError(why, field="data", remedy=remedy)
        self.reading = reading_of(data, reading, found)
        data, curves = beside(data, part(found, key), self.reading)
        self.key, self.data = key, data
        self.colour = PLANE_COLOURS.get(str(data.attrs.get("plane", key)), COLOURS[order % len(COLOURS)])
        self.words = PLANE_WORDS.get(key, plain(key))
        self.angle = np.asarray(data["angle"].values, dtype=float)
        self.values = np.asarray(data[self.reading].values, dtype=float)
        self.fitted = curves.get("fitted")
        self.residual = None if self.fitted is None else curves.get("residual", self.values - self.fitted)
        drift = curves.get("drift", np.zeros(self.values.size))
        self.drifts = float(np.ptp(drift)) > 0
        self.drift = drift - np.mean(drift)
        self.mean = float(np.nanmean(self.values if self.fitted is None else self.fitted))
        self.signal = (self.values - self.drift) / self.mean - 1.0
        self.model = None if self.fitted is None else (self.fitted - self.drift) / self.mean - 1.0

    def ordered(self) -> Any:
        return np.argsort(self.angle, kind="stable")


def _scans(data: Measured, found: xr.Dataset | None, reading: str | None) -> list[_Scan]:
    return [_Scan(k, d, found, reading, i) for i, (k, d) in enumerate(named(data).items())]


def measured_angles(
    data: Measured, found: xr.Dataset | None = None, *, reading: str | None = None, title: str = ""
) -> Figure:
    """An angle scan with its fit: the relative change without drift, the residual, and the reading as it drifted.

    Parameters
    ----------
    data
        One measurement, or several by plane or name, with angle [deg]; drawn side by side.
    found
        Result of an angle fit with the curves `fitted`, and where there are `residual` and `drift`.
    reading
        What to draw; default: what the fit was made of, else the first resistance.
    """
    scans = _scans(data, found, reading)
    fitted, drifts = any(s.fitted is not None for s in scans), any(s.drifts for s in scans)
    rows = 1 + fitted + drifts
    width = 6.2 if len(scans) == 1 else 1.4 + 3.3 * len(scans)
    figure = Figure(figsize=(width, 1.0 + 2.3 * rows), layout="constrained")
    ratios = [1.6] + [1.0] * (rows - 1)
    grid = figure.subplots(rows, len(scans), sharey="row", squeeze=False, height_ratios=ratios)
    factor, unit = ratio_scale(np.concatenate([_core(s.signal) for s in scans]))
    ohm = unit_of(scans[0].data, scans[0].reading)
    residuals = [_core(s.residual) for s in scans if s.residual is not None]
    residual_scale = readable(np.concatenate(residuals or [np.zeros(1)]), ohm)
    drift_scale = readable(np.concatenate([_core(s.values - s.mean) for s in scans]), ohm)
    for i, scan in enumerate(scans):
        _signal(grid[0, i], scan, factor, first=i == 0)
        if len(scans) > 1:
            grid[0, i].set_title(scan.words, fontsize=10)
        if fitted:
            _residual(grid[1, i], scan, residual_scale[0])
        if drifts:
            _drift(grid[-1, i], scan, drift_scale[0])
    symbol = axis_label(scans[0].data, scans[0].reading, "")
    grid[0, 0].set_ylabel(label(f"{symbol} / mean − 1", unit))
    if fitted:
        grid[1, 0].set_ylabel(label("residual", residual_scale[1]))
    if drifts:
        grid[-1, 0].set_ylabel(label(f"{symbol} − mean", drift_scale[1]))
    for axes in grid[int(fitted)]:
        axes.set_xlabel("angle of the field (°)")
    if title:
        figure.suptitle(plain(title), fontsize=11)
    return figure


def ratio_scale(values: Any) -> tuple[float, str]:
    """Factor and unit of relative changes: %, or 10⁻⁶ where they are small."""
    finite = np.abs(np.asarray(values, dtype=float))
    finite = finite[np.isfinite(finite)]
    largest = float(finite.max()) if finite.size else 0.0
    return (100.0, "%") if largest >= 2e-4 or largest == 0 else (1e6, "10⁻⁶")


def _core(values: Any) -> Any:
    """Values without the outermost hundredth on either side, which may be spikes."""
    finite = np.asarray(values)[np.isfinite(values)]
    return np.quantile(finite, [0.01, 0.99]) if finite.size > 100 else finite


def _signal(axes: Any, scan: _Scan, factor: float, first: bool) -> None:
    many = scan.angle.size > _MANY
    error = f"{scan.reading}_error"
    bars = None if error not in scan.data else scan.data[error].values / abs(scan.mean) * factor
    dots(axes, scan.angle, scan.signal * factor, bars, **({} if many else {"color": scan.colour}))
    if many:
        x, y, e = binned(scan.angle, scan.signal * factor, _BIN)
        axes.errorbar(x, y, yerr=e, color=scan.colour, marker="o", markersize=3.2, linestyle="none", elinewidth=0.9,
                      zorder=3, label=f"means over {_BIN:g}°")  # fmt: skip
    if scan.model is not None:
        order = scan.ordered()
        axes.plot(scan.angle[order], scan.model[order] * factor, color=FIT_COLOUR, linewidth=1.3, zorder=4, label="fit")
    finish(axes)
    angle_axis(axes, scan.angle)
    _limits(axes, scan.signal * factor)
    if first and axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False, fontsize=8, loc="best")


def _residual(axes: Any, scan: _Scan, factor: float) -> None:
    if scan.residual is not None:
        dots(axes, scan.angle, scan.residual * factor)
        if scan.angle.size > _MANY:
            x, y, e = binned(scan.angle, scan.residual * factor, _BIN)
            axes.errorbar(x, y, yerr=e, color=scan.colour, marker="o", markersize=2.6, linestyle="none",
                          elinewidth=0.8, zorder=3)  # fmt: skip
        _limits(axes, scan.residual * factor)
    axes.axhline(0.0, color=FIT_COLOUR, linewidth=0.8, zorder=4)
    finish(axes)
    angle_axis(axes, scan.angle)


def _limits(axes: Any, values: Any) -> None:
    """Show all but a few far spikes; panels of a row share their limits."""
    finite = np.asarray(values)[np.isfinite(values)]
    if finite.size > 100:
        low, high = np.quantile(finite, [0.002, 0.998])
        reach = 0.15 * (high - low) or 1.0
        before = axes.get_ylim() if axes.get_autoscaley_on() is False else (np.inf, -np.inf)
        axes.set_ylim(min(low - reach, before[0]), max(high + reach, before[1]))


def _drift(axes: Any, scan: _Scan, factor: float) -> None:
    timed = "time" in scan.data.variables
    x = scan.data["time"].values if timed else scan.angle
    dots(axes, x, (scan.values - scan.mean) * factor)
    order = np.argsort(x, kind="stable")
    axes.plot(x[order], scan.drift[order] * factor, color=scan.colour, linewidth=1.6, zorder=4, label="drift")
    finish(axes)
    _limits(axes, (scan.values - scan.mean) * factor)
    axes.set_xlabel("time (s)" if timed else "angle of the field (°)")
    axes.legend(frameon=False, fontsize=8, loc="best")


def measured_polar(
    data: Measured, found: xr.Dataset | None = None, *, reading: str | None = None, title: str = ""
) -> Figure:
    """Angle scans in polar form: the reading without drift above its lowest value, one plot a plane.

    Parameters are those of :func:`measured_angles`.
    """
    scans = _scans(data, found, reading)
    figure = Figure(figsize=(0.6 + 3.6 * len(scans), 4.2), layout="constrained")
    grid = figure.subplots(1, len(scans), squeeze=False, subplot_kw={"projection": "polar"})[0]
    factor, unit = ratio_scale(np.concatenate([_core(s.signal) for s in scans]))
    for axes, scan in zip(grid, scans, strict=True):
        many = scan.angle.size > _MANY
        x, y = binned(scan.angle, scan.signal, _BIN)[:2] if many else (scan.angle, scan.signal)
        base = float(np.min(y if scan.model is None else np.append(y, scan.model)))
        axes.plot(np.deg2rad(x), (y - base) * factor, color=scan.colour, marker="o", markersize=3, linestyle="none")
        if scan.model is not None:
            order = scan.ordered()
            axes.plot(np.deg2rad(scan.angle[order]), (scan.model[order] - base) * factor, color=FIT_COLOUR, lw=1.2)
        axes.set_ylim(0.0, None)
        axes.yaxis.set_major_locator(MaxNLocator(3))
        axes.set_rlabel_position(78)
        axes.grid(True, color="0.88", linewidth=0.6)
        axes.tick_params(labelsize=8)
        axes.set_title(label(scan.words, unit) if scan.words else unit, fontsize=10)
    if title:
        figure.suptitle(plain(title), fontsize=11)
    return figure
