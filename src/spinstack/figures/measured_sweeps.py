"""Measured field sweeps with their branches, temperature sweeps, spectra and any other curve with a fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from spinstack.figures.measured import (
    FIT_COLOUR,
    Fit,
    Measured,
    Results,
    axis_label,
    condition_scale,
    dots,
    finish,
    fit_of,
    legend,
    named,
    parameters,
    readings_of,
    result_of,
    scaled,
    shade,
    unit_of,
    with_error,
)
from spinstack.figures.panels import DASHES
from spinstack.figures.style import (
    COLOURS,
    FEW,
    angle_axis,
    from_base,
    full_turn,
    head,
    in_lines,
    label,
    largest_of,
    plain,
    pretty_unit,
    readable,
    steady_limits,
    tidy,
    unwrapped,
)
from spinstack.text.errors import ParameterError

_BRANCHES = {1: ("field rising", COLOURS[0]), -1: ("field falling", COLOURS[1]), 0: ("field at rest", COLOURS[6])}
_COLUMNS = 3
#: places on an axis that are marked, at most
_MARKS = 6
#: how parameters are described that have the unit of an axis and yet are no place on it
_SIZES = ("half ", "width ", "full width ")


def measured_sweep(data: Measured, found: Results = None, *, reading: str | None = None, title: str = "") -> Figure:
    """A reading against the field, rising and falling branches apart, with the fit, its window and the fields found.

    Parameters
    ----------
    data
        One measurement, or several by name, with field [T].
    found
        Result of an analysis, or one for each measurement by name: its fit is drawn as a line, its windows are shaded,
        and fields that it found are marked, with their values in the legend.
    reading
        What to draw; default: what the analysis names, else the first resistance or the moment.
    """
    return _curves(data, found, "field", reading, title, _branch_masks)


def measured_temperature(
    data: Measured, found: Results = None, *, reading: str | None = None, title: str = ""
) -> Figure:
    """A reading against the temperature, with the fit, its window and the temperatures found, their errors as bands.

    Parameters are those of :func:`measured_sweep`; temperatures of `found` are marked.
    """
    return _curves(data, found, "temperature", reading, title, _all_points)


def measured_curve(
    data: Measured,
    found: Results = None,
    *,
    against: str | None = None,
    reading: str | None = None,
    title: str = "",
) -> Figure:
    """Any reading against any condition, with the fit; a reading over more than three decades on a log scale.

    Parameters
    ----------
    against
        The horizontal axis; default: the condition that changes most, relative to its size.
    """
    if against is None:
        first = next(iter(named(data).values()))
        columns = {n: c for n, c in first.variables.items() if n in first.coords or n == "two_theta"}
        spans = {str(n): _span(c.values) for n, c in columns.items() if c.dims == ("point",)}
        if not spans:
            raise ParameterError("got a measurement without conditions", field="data")
        preferred = [n for n in ("energy", "two_theta", "angle", "field", "temperature") if spans.get(n, 0.0) > 0.05]
        against = preferred[0] if preferred else max(spans, key=lambda n: spans[n])
    return _curves(data, found, against, reading, title, _all_points)


def _span(values: Any) -> float:
    values = np.asarray(values, dtype=float)
    size = float(np.nanmax(np.abs(values))) if values.size else 0.0
    return float(np.nanmax(values) - np.nanmin(values)) / size if size else 0.0


def _branch_masks(data: xr.Dataset, x: Any) -> list[tuple[Any, str, str]]:
    from spinstack.measure.sweeps.branching import branches

    found = np.asarray(branches(x))
    kinds = [k for k in (1, -1, 0) if np.any(found == k)]
    # a few points at rest, at the ends of a loop, belong to the branch before them
    if 0 in kinds and np.mean(found == 0) < 0.1 and len(kinds) > 1:
        moving = np.where(found != 0, np.arange(found.size), 0)
        found = found[np.maximum.accumulate(moving)]
        kinds = [k for k in (1, -1) if np.any(found == k)]
    if len(kinds) < 2:
        return [(np.ones(x.size, bool), "", COLOURS[0])]
    return [(found == k, *_BRANCHES[k]) for k in kinds]


def _all_points(data: xr.Dataset, x: Any) -> list[tuple[Any, str, str]]:
    return [(np.ones(x.size, bool), "", COLOURS[0])]


def _curves(data: Measured, found: Results, against: str, reading: str | None, title: str, masks: Any) -> Figure:
    panels = []
    for key, one in named(data).items():
        if against not in one.variables:
            known = ", ".join(map(str, one.variables))
            why = f"the measurement {key!r} has no such column"
            raise ParameterError(why, field="against", got=against, allowed=known)
        own = result_of(found, key)
        panels += [
            (key, one, own, name, fit_of(one, own, key, against, name)) for name in readings_of(one, reading, own)
        ]
    several = len({key for key, *_ in panels}) > 1
    beneath = any(fit is not None and fit.residual.size for *_, fit in panels)
    columns = min(len(panels), _COLUMNS)
    lines = -(-len(panels) // columns)
    width, height = (7.4 if columns == 1 else 2.6 + 3.5 * columns), 0.8 + lines * (2.9 + 1.3 * beneath)
    figure = Figure(figsize=(width, height), layout="constrained")
    ratios = [2.6, 1.0][: 1 + beneath] * lines
    grid = figure.subplots(lines * (1 + beneath), columns, squeeze=False, height_ratios=ratios)
    for axes in grid.ravel():
        axes.set_visible(False)
    for i, (key, one, own, name, fit) in enumerate(panels):
        row, column = (i // columns) * (1 + beneath), i % columns
        upper, lower = grid[row, column], grid[row + 1, column] if beneath else None
        left = fit if fit is not None and fit.residual.size else None
        if lower is not None and left is not None:
            lower.sharex(upper)
        _panel(upper, one, own, key if several else "", against, name, fit, masks)
        x, unit, factor = scaled(one, against)
        bottom = upper
        if lower is not None and left is not None:
            _residual(lower, left, factor, unit_of(one, name), upper.get_yscale() == "log")
            bottom = lower
        bottom.set_xlabel(axis_label(one, against, unit))
        if against == "angle" and np.ptp(x[np.isfinite(x)]) >= 90:
            angle_axis(upper, x)
    legend(figure)
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


def _panel(
    axes: Any,
    data: xr.Dataset,
    found: xr.Dataset | None,
    key: str,
    against: str,
    name: str,
    fit: Fit | None,
    masks: Any,
) -> None:
    axes.set_visible(True)
    x, _, x_factor = scaled(data, against)
    y, unit = np.asarray(data[name].values, dtype=float), unit_of(data, name)
    if turn := full_turn(unit):
        y = unwrapped(y, turn)
    logarithmic = bool(np.all(y[np.isfinite(y)] > 0)) and float(np.nanmax(y)) > 1e3 * float(np.nanmin(y))
    base, factor, text, less = (0.0, 1.0, pretty_unit(unit), "") if logarithmic else _scale(y, unit)
    error = data[f"{name}_error"].values * factor if f"{name}_error" in data else None
    for mask, words, colour in masks(data, np.asarray(data[against].values, dtype=float)):
        bars = None if error is None else error[mask]
        dots(axes, x[mask], (y[mask] - base) * factor, bars, color=colour, label=words or None,
             alpha=1 if fit is None else 0.8 if x.size <= 100 else 0.55, zorder=5 if x.size <= 100 else 2)  # fmt: skip
        if fit is None and x.size > FEW:  # a line only between neighbours of one branch
            line = np.where(mask, (y - base) * factor, np.nan)
            axes.plot(x, line, color=colour, linewidth=0.7, alpha=0.5, rasterized=x.size > 5000)
    if fit is not None:
        shade(axes, fit.windows, x_factor)
        if found is not None and against in found.variables:
            _components(axes, found, found[against].values * x_factor, base, factor)
        _fit_line(axes, fit.x * x_factor, (fit.y - base) * factor)
    if logarithmic:
        tidy(axes)
        axes.set_yscale("log")
    else:
        finish(axes)
        steady_limits(axes, [(y - base) * factor], largest_of(y) * factor)
    if against == "temperature" and _crowded(x):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(LogFormatter(labelOnlyBase=False, minor_thresholds=(2, 0.5)))
    _marks(axes, found, unit_of(data, against), x_factor, (float(np.nanmin(x)), float(np.nanmax(x))), values=not key)
    axes.set_ylabel(label(axis_label(data, name, "") + less, "" if text == "1" else text))
    if key:
        axes.set_title(plain(key), fontsize=10)


def _scale(y: Any, unit: str) -> tuple[float, float, str, str]:
    base, factor, text, less = from_base(y, unit)
    return (base, factor, text, less) if less else (0.0, *condition_scale(y, unit), "")


def _residual(axes: Any, fit: Fit, x_factor: float, unit: str, logarithmic: bool) -> None:
    axes.set_visible(True)
    if logarithmic:
        axes.plot(fit.places * x_factor, np.log10(1 + fit.residual / fit.fitted), color=COLOURS[0], linewidth=0.8)
        axes.set_ylabel("log₁₀(data/fit)")
    else:
        factor, text = readable(fit.residual, unit)
        dots(axes, fit.places * x_factor, fit.residual * factor, color=COLOURS[0])
        axes.set_ylabel(label("residual", text))
    axes.axhline(0.0, color=FIT_COLOUR, linewidth=0.8)
    finish(axes)


def _fit_line(axes: Any, x: Any, y: Any) -> None:
    """A fit along the sweep; where it was made of scattered points, in the order of the axis."""
    turns = np.count_nonzero(np.diff(np.sign(np.diff(x))) != 0)
    order = np.arange(x.size) if np.isnan(x).any() or turns <= max(4, 0.02 * x.size) else np.argsort(x, kind="stable")
    axes.plot(x[order], y[order], color=FIT_COLOUR, linewidth=1.1, zorder=4, label="fit")


def _components(axes: Any, found: xr.Dataset, x: Any, base: float, factor: float) -> None:
    """The parts of a fit that an analysis tells apart: each peak on what lies below all of them."""
    parts = {str(n).removeprefix("component_"): v.values for n, v in found.items() if str(n).startswith("component_")}
    if not parts:
        return
    peaks = [n for n in parts if f"area_{n}" in found["parameter"].values]
    order = np.argsort(x, kind="stable")
    x, below = x[order], [n for n in parts if n not in peaks]
    bottom = ((sum((parts[n] for n in below), np.zeros(x.size)))[order] - base) * factor
    for i, name in enumerate(peaks):
        top, colour = bottom + parts[name][order] * factor, COLOURS[2 + i % 4]
        axes.fill_between(x, bottom, top, color=colour, alpha=0.22, linewidth=0, zorder=1)
        axes.plot(x, top, color=colour, linewidth=0.9, zorder=3, label=f"peak {name}")
    words = "step and background" if "step" in below else "background"
    if below:
        axes.plot(x, bottom, color=COLOURS[6], linewidth=0.9, linestyle=DASHES[1], zorder=3, label=words)


def _crowded(x: Any) -> bool:
    """Whether most points crowd at the low end of a range of more than a decade."""
    x = x[np.isfinite(x)]
    return bool(x.min() > 0 and x.max() > 20 * x.min() and np.median(x) < 0.3 * x.max())


def _marks(
    axes: Any, found: xr.Dataset | None, unit: str, factor: float, ends: tuple[float, float], values: bool
) -> None:
    """Places on the axis that were found as lines across, errors as bands, names and perhaps values for a legend."""
    low, high = axes.get_xlim()
    text = condition_scale(np.asarray(ends) / factor, unit)[1]
    places = [p for p in parameters(found, unit) if not p[3].startswith(_SIZES) and ends[0] <= p[1] * factor <= ends[1]]
    for i, (name, value, error, _) in enumerate(places[:_MARKS]):
        at, around = value * factor, error * factor
        known = bool(np.isfinite(around) and around > 0)
        words = plain(name).replace("_", " ") + (f"\n{with_error(at, around)} {text}" if values else "")
        colour = COLOURS[2 + i % 4]
        axes.axvline(at, color=colour, linewidth=1.1, linestyle=DASHES[i % 4], zorder=1.5, label=words)
        if known:
            axes.axvspan(at - around, at + around, color=colour, alpha=0.25, zorder=0.5, linewidth=0)
    axes.set_xlim(low, high)
