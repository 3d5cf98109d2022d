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
    Results,
    axis_label,
    beside,
    binned,
    condition_scale,
    dots,
    finish,
    legend,
    named,
    part,
    reading_of,
    result_of,
    unit_of,
)
from spinstack.figures.panels import HEAT
from spinstack.figures.style import (
    COLOURS,
    FEW,
    PLANE_COLOURS,
    PLANE_WORDS,
    angle_axis,
    head,
    in_lines,
    label,
    largest_of,
    plain,
    readable,
)
from spinstack.measure.measurement import unit_of as unit_of_name
from spinstack.text.errors import ParameterError

_BIN = 5.0  # degrees
_MANY = 180  # points above which means of bins are drawn, too
_CONDITIONS = ("temperature", "field", "current", "frequency")
_ALONE = "measured"


class _Scan:
    """One plane: what was read, and what the fit makes of it."""

    def __init__(
        self, key: str, data: xr.Dataset, found: xr.Dataset | None, reading: str | None, order: int, absolute: bool
    ) -> None:
        if "angle" not in data.variables:
            why, remedy = "got a measurement without angles", f"Its columns: {', '.join(map(str, data))}."
            raise ParameterError(why, field="data", remedy=remedy)
        self.reading = reading_of(data, reading, found)
        whole = data
        data, curves = beside(data, part(found, key), self.reading)
        self.key, self.data = key, data
        self.plane = str(data.attrs.get("plane") or (key if key in PLANE_WORDS else ""))
        self.colour = PLANE_COLOURS.get(self.plane, COLOURS[order % len(COLOURS)])
        self.words = PLANE_WORDS.get(key, plain(key))
        self.angle = np.asarray(data["angle"].values, dtype=float)
        self.values = np.asarray(data[self.reading].values, dtype=float)
        self.fitted = curves.get("fitted")
        self.residual = None if self.fitted is None else curves.get("residual", self.values - self.fitted)
        drift = curves.get("drift", np.zeros(self.values.size))
        self.drifts = float(np.ptp(drift)) > 0
        self.offset = float(np.mean(drift))
        self.drift = drift - self.offset
        self.mean = float(np.nanmean(self.values if self.fitted is None else self.fitted))
        # what has no ratio to its mean, such as a Hall reading, is drawn as it is
        self.absolute = absolute
        self.whole = 1.0 if self.absolute else self.mean
        self.signal = self._change(self.values - self.drift)
        self.line = None if self.fitted is None else self._line(found)
        self.left_out = self._left_out(whole, curves.get("row"))

    def _change(self, values: Any) -> Any:
        """Relative to the mean, or of what has no ratio to it the difference."""
        return (values - self.mean) / self.whole

    def _left_out(self, whole: xr.Dataset, rows: Any) -> tuple[Any, Any]:
        """Angles and relative changes of the rows that the fit did not take."""
        if rows is None:
            return np.zeros(0), np.zeros(0)
        others = np.setdiff1d(np.arange(whole.sizes["point"]), np.asarray(rows, dtype=int))
        values = whole[self.reading].values[others] - np.interp(others, rows, self.drift)
        return whole["angle"].values[others], self._change(values)

    def _line(self, found: xr.Dataset | None) -> tuple[Any, Any]:
        """The fit without drift; of harmonics also between the points, where these are few."""
        if found is not None and found.attrs.get("analysis") == "fit_harmonics" and self.angle.size <= FEW:
            from spinstack.measure.angles import curve

            at = np.linspace(self.angle.min(), self.angle.max(), 361)
            return at, self._change(curve(found, at)["reading"].values + self.offset)
        order = np.argsort(self.angle, kind="stable")
        return self.angle[order], self._change(self.fitted - self.drift)[order]


def _scans(data: Measured, found: Results, reading: str | None) -> list[_Scan]:
    each = {k: (d, result_of(found, k)) for k, d in named(data).items()}
    absolute = any(f is not None and f.attrs.get("reference") == "none" for _, f in each.values())
    return [_Scan(k, d, f, reading, i, absolute) for i, (k, (d, f)) in enumerate(each.items())]


def measured_angles(data: Measured, found: Results = None, *, reading: str | None = None, title: str = "") -> Figure:
    """An angle scan with its fit: the relative change without drift, the residual, and the reading as it drifted.

    Points that the fit left out are crosses.

    Parameters
    ----------
    data
        One measurement, or several by plane or name, with angle [deg]; drawn side by side.
    found
        Result of an angle fit with the curves `fitted`, and where there are `residual` and `drift`; or one for each
        measurement by name.
    reading
        What to draw; default: what the fit was made of, else the first resistance.
    """
    scans = _scans(data, found, reading)
    fitted, drifts = any(s.fitted is not None for s in scans), any(s.drifts for s in scans)
    rows = 1 + fitted + drifts
    width = 7.4 if len(scans) == 1 else 2.6 + 3.3 * len(scans)
    figure = Figure(figsize=(width, 1.0 + 2.3 * rows), layout="constrained")
    ratios = [1.6] + [1.0] * (rows - 1)
    grid = figure.subplots(rows, len(scans), sharey="row", squeeze=False, height_ratios=ratios)
    factor, unit = _signal_scale(scans)
    ohm = unit_of(scans[0].data, scans[0].reading)
    residuals = [_core(s.residual) for s in scans if s.residual is not None]
    residual_scale = readable(np.concatenate(residuals or [np.zeros(1)]), ohm)
    drift_scale = readable(np.concatenate([_core(s.values - s.mean) for s in scans]), ohm)
    for i, scan in enumerate(scans):
        _signal(grid[0, i], scan, factor)
        if len(scans) > 1:
            grid[0, i].set_title(scan.words, fontsize=10)
        if fitted:
            _residual(grid[1, i], scan, residual_scale[0])
        if drifts:
            _drift(grid[-1, i], scan, drift_scale[0])
    symbol = axis_label(scans[0].data, scans[0].reading, "")
    grid[0, 0].set_ylabel(label(f"{symbol} − mean" if scans[0].absolute else f"{symbol} / mean − 1", unit))
    if fitted:
        grid[1, 0].set_ylabel(label("residual", residual_scale[1]))
    if drifts:
        grid[-1, 0].set_ylabel(label(f"{symbol} − mean", drift_scale[1]))
    for axes in grid[int(fitted)]:
        axes.set_xlabel("angle of the field (°)")
    legend(figure)
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


def _signal_scale(scans: list[_Scan]) -> tuple[float, str]:
    """Factor and unit of the signals of scans that are drawn together."""
    values = np.concatenate([_core(s.signal) for s in scans])
    return readable(values, unit_of(scans[0].data, scans[0].reading)) if scans[0].absolute else ratio_scale(values)


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


def _signal(axes: Any, scan: _Scan, factor: float) -> None:
    many = scan.angle.size > _MANY
    error = f"{scan.reading}_error"
    bars = None if error not in scan.data else scan.data[error].values / abs(scan.whole) * factor
    look = {} if many else {"color": scan.colour, "zorder": 5}
    dots(axes, scan.angle, scan.signal * factor, bars, label="measured", **look)
    if many:
        x, y, e = binned(scan.angle, scan.signal * factor, _BIN)
        axes.errorbar(x, y, yerr=e, color=scan.colour, marker="o", markersize=3.2, linestyle="none", elinewidth=0.9,
                      zorder=3, label=f"means over {_BIN:g}°")  # fmt: skip
    if scan.line is not None:
        axes.plot(scan.line[0], scan.line[1] * factor, color=FIT_COLOUR, linewidth=1.3, zorder=4, label="fit")
    if scan.left_out[0].size:
        style: dict[str, Any] = {"color": COLOURS[3], "marker": "x", "markersize": 5, "linestyle": "none", "zorder": 3}
        axes.plot(scan.left_out[0], scan.left_out[1] * factor, label="left out of the fit", **style)
    finish(axes)
    angle_axis(axes, scan.angle)
    _limits(axes, scan.signal * factor)


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
    if not timed:
        angle_axis(axes, x)


def measured_polar(data: Measured, found: Results = None, *, reading: str | None = None, title: str = "") -> Figure:
    """Angle scans in polar form: the reading without drift above its lowest value.

    One plot a plane; scans of one plane at several temperatures, fields or currents, or of several files, share it,
    with their conditions in the legend. Parameters are those of :func:`measured_angles`.
    """
    scans = _scans(data, found, reading)
    planes: dict[str, list[_Scan]] = {}
    for scan in scans:
        planes.setdefault(scan.plane, []).append(scan)
    width = 1.8 + 3.6 * len(planes)
    above = in_lines(title, width)
    figure = Figure(figsize=(width, 4.5 + 0.2 * len(above.split("\n"))), layout="constrained")
    grid = figure.subplots(1, len(planes), squeeze=False, subplot_kw={"projection": "polar"})[0]
    factor, unit = _signal_scale(scans)
    for axes, (plane, members) in zip(grid, planes.items(), strict=True):
        for scan, (words, colour) in zip(members, _told_apart(members), strict=True):
            _turn(axes, scan, factor, words, colour)
        axes.set_ylim(0.0, None)
        axes.set_xticks(np.deg2rad(np.arange(0, 360, 90)))
        rings = MaxNLocator(4).tick_values(0.0, axes.get_ylim()[1])
        axes.set_yticks(rings[1:], [""] * (len(rings) - 1))  # numbers on the rings would lie on the data
        axes.grid(True, color="0.85", linewidth=0.6)
        axes.tick_params(labelsize=9)
        names = PLANE_WORDS.get(plane, plain(plane or (members[0].key if len(members) == 1 else "")))
        axes.set_title(
            "\n".join(
                filter(None, (names, f"rings every {rings[1]:.3g}{'·' if unit.startswith('10') else ' '}{unit}"))
            ),
            fontsize=10,
        )
    legend(figure)
    head(figure, above)
    return figure


def _turn(axes: Any, scan: _Scan, factor: float, words: str, colour: Any) -> None:
    many = scan.angle.size > _MANY
    x, y = binned(scan.angle, scan.signal, _BIN)[:2] if many else (scan.angle, scan.signal)
    finite = y[np.isfinite(y)]
    base = float(np.min(finite if scan.line is None else np.append(finite, scan.line[1])))
    axes.plot(np.deg2rad(x), (y - base) * factor, color=colour, marker="o", markersize=3, linestyle="none", label=words,
              zorder=3 if many else 5)  # fmt: skip
    if scan.line is not None:
        style = {"color": FIT_COLOUR, "label": "fit"} if words == _ALONE else {"color": colour}
        axes.plot(np.deg2rad(scan.line[0]), (scan.line[1] - base) * factor, linewidth=1.2, zorder=4, **style)


def _told_apart(scans: list[_Scan]) -> list[tuple[str, Any]]:
    """Words and colour of scans in one plot: the conditions in which they differ, else their names."""
    if len(scans) == 1:
        return [(_ALONE, scans[0].colour)]
    columns = {name: np.array([_condition(scan.data, name) for scan in scans]) for name in _CONDITIONS}
    told = {n: v for n, v in columns.items() if np.isfinite(v).all() and np.ptp(v) > 1e-2 * largest_of(v)}
    words = [
        ", ".join(
            f"{v[i] * f:.4g} {u}" for v, (f, u) in ((v, condition_scale(v, unit_of_name(n))) for n, v in told.items())
        )
        for i in range(len(scans))
    ]
    if len(set(words)) < len(scans):  # the conditions do not tell all apart
        words = [", ".join(filter(None, (scan.words, w))) for scan, w in zip(scans, words, strict=True)]
    if len(told) != 1:
        return [(w, COLOURS[i % len(COLOURS)]) for i, w in enumerate(words)]
    (values,) = told.values()
    shares = np.argsort(np.argsort(values, kind="stable")) / (len(scans) - 1)
    return [(w.replace("-", "−"), HEAT(float(s))) for w, s in zip(words, shares, strict=True)]


def _condition(data: xr.Dataset, name: str) -> float:
    """The mean of a condition of a scan, NaN where it is not known."""
    values = np.asarray(data[name].values if name in data.variables else data.attrs.get(name, np.nan), dtype=float)
    return float(np.mean(values[np.isfinite(values)])) if np.isfinite(values).any() else float("nan")
