"""Measured field sweeps with their branches, temperature sweeps, spectra and any other curve with a fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from spinstack.figures.measured import (
    FIT_COLOUR,
    Measured,
    axis_label,
    beside,
    condition_scale,
    dots,
    finish,
    named,
    parameters,
    part,
    reading_of,
    scaled,
    unit_of,
)
from spinstack.figures.style import COLOURS, label, plain, readable, tidy
from spinstack.text.errors import ParameterError

_BRANCHES = {1: ("field rising", COLOURS[0]), -1: ("field falling", COLOURS[1]), 0: ("field at rest", COLOURS[6])}
_COLUMNS = 3


def measured_sweep(
    data: Measured, found: xr.Dataset | None = None, *, reading: str | None = None, title: str = ""
) -> Figure:
    """A reading against the field, rising and falling branches apart, with the fit and the fields that it found.

    Parameters
    ----------
    data
        One measurement, or several by name, with field [T].
    found
        Result with curves such as `fitted`; its parameters in T are marked.
    reading
        What to draw; default: what the analysis names, else the first resistance or the moment.
    """
    return _curves(data, found, "field", reading, title, _branch_masks)


def measured_temperature(
    data: Measured, found: xr.Dataset | None = None, *, reading: str | None = None, title: str = ""
) -> Figure:
    """A reading against the temperature, with the fit and the temperatures found, their errors as bands.

    Parameters are those of :func:`measured_sweep`; parameters of `found` in K are marked.
    """
    return _curves(data, found, "temperature", reading, title, _all_points)


def measured_curve(
    data: Measured,
    found: xr.Dataset | None = None,
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


def _curves(
    data: Measured, found: xr.Dataset | None, against: str, reading: str | None, title: str, masks: Any
) -> Figure:
    several = named(data)
    for key, one in several.items():
        if against not in one.variables:
            known = ", ".join(map(str, one.variables))
            why = f"the measurement {key!r} has no such column"
            raise ParameterError(why, field="against", got=against, allowed=known)
    keys = list(several)
    fits = {}
    for key, one in several.items():
        several[key], curves = beside(one, part(found, key), reading_of(one, reading, found))
        fits[key] = curves.get("fitted")
    beneath = any(f is not None for f in fits.values())
    columns = min(len(keys), _COLUMNS)
    lines = -(-len(keys) // columns)
    rows = lines * (1 + beneath)
    width, height = (6.2 if columns == 1 else 1.2 + 3.5 * columns), 0.8 + lines * (2.9 + 1.3 * beneath)
    figure = Figure(figsize=(width, height), layout="constrained")
    ratios = [2.6, 1.0][: 1 + beneath] * lines
    grid = figure.subplots(rows, columns, squeeze=False, height_ratios=ratios)
    for i, key in enumerate(keys):
        row, column = (i // columns) * (1 + beneath), i % columns
        panels = grid[row : row + 1 + beneath, column]
        _panel(panels, several[key], found, key if len(keys) > 1 else "", against, reading, fits[key], masks)
    for axes in grid.ravel()[len(keys) :] if not beneath else []:
        axes.set_visible(False)
    if title:
        figure.suptitle(plain(title), fontsize=11)
    return figure


def _panel(
    panels: Any, data: xr.Dataset, found: xr.Dataset | None, key: str, against: str, reading: str | None, fit: Any,
    masks: Any,
) -> None:  # fmt: skip
    axes = panels[0]
    name = reading_of(data, reading, found)
    x, x_unit, x_factor = scaled(data, against)
    y = np.asarray(data[name].values, dtype=float)
    logarithmic = bool(np.all(y[np.isfinite(y)] > 0)) and float(np.nanmax(y)) > 1e3 * float(np.nanmin(y))
    factor, unit = (1.0, unit_of(data, name)) if logarithmic else condition_scale(y, unit_of(data, name))
    error = data[f"{name}_error"].values * factor if f"{name}_error" in data else None
    for mask, words, colour in masks(data, np.asarray(data[against].values, dtype=float)):
        bars = None if error is None else error[mask]
        dots(
            axes,
            x[mask],
            y[mask] * factor,
            bars,
            color=colour,
            label=words or None,
            alpha=0.55 if fit is not None else 1,
        )
        if fit is None:  # a line only between neighbours of one branch
            line = np.where(mask, y * factor, np.nan)
            axes.plot(x, line, color=colour, linewidth=0.7, alpha=0.5, rasterized=x.size > 5000)
    if fit is not None:
        _fit_line(axes, data, x, fit * factor, against)
        scale, residual_unit = readable(y - fit, unit_of(data, name))
        if logarithmic:
            panels[1].plot(x, np.log10(y / fit), color=COLOURS[0], linewidth=0.8)
            panels[1].set_ylabel("log₁₀(data/fit)")
        else:
            dots(panels[1], x, (y - fit) * scale, color=COLOURS[0])
            panels[1].set_ylabel(label("residual", residual_unit))
        panels[1].axhline(0.0, color=FIT_COLOUR, linewidth=0.8)
        finish(panels[1])
        panels[1].sharex(axes)
    if logarithmic:
        tidy(axes)
        axes.set_yscale("log")
    else:
        finish(axes)
    if against == "temperature" and _crowded(x):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(LogFormatter(labelOnlyBase=False, minor_thresholds=(2, 0.5)))
    _marks(axes, found, unit_of(data, against), x_factor, (float(np.nanmin(x)), float(np.nanmax(x))))
    axes.set_ylabel(axis_label(data, name, "" if unit == "1" else unit))
    panels[-1].set_xlabel(axis_label(data, against, x_unit))
    if key:
        axes.set_title(plain(key), fontsize=10)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False, fontsize=8, loc="best")


def _fit_line(axes: Any, data: xr.Dataset, x: Any, fit: Any, against: str) -> None:
    """A fit along the sweep; where it was made of scattered points, in the order of the axis."""
    turns = np.count_nonzero(np.diff(np.sign(np.diff(x))) != 0)
    order = np.arange(x.size) if turns <= max(4, 0.02 * x.size) else np.argsort(x, kind="stable")
    axes.plot(x[order], fit[order], color=FIT_COLOUR, linewidth=1.2, zorder=4, label="fit")


def _crowded(x: Any) -> bool:
    """Whether most points crowd at the low end of a range of more than a decade."""
    x = x[np.isfinite(x)]
    return bool(x.min() > 0 and x.max() > 20 * x.min() and np.median(x) < 0.3 * x.max())


def _marks(axes: Any, found: xr.Dataset | None, unit: str, factor: float, ends: tuple[float, float]) -> None:
    """Parameters that have the unit of the axis as lines across, their standard errors as bands."""
    low, high = axes.get_xlim()
    for name, value, error, _ in parameters(found, unit)[:6]:
        at = value * factor
        if not ends[0] <= at <= ends[1]:
            continue
        axes.axvline(at, color="0.35", linewidth=0.9, linestyle=":", zorder=1)
        if np.isfinite(error) and error > 0:
            axes.axvspan(at - error * factor, at + error * factor, color="0.85", zorder=0, linewidth=0)
        axes.annotate(plain(name).replace("_", " "), (at, 1.0), xycoords=("data", "axes fraction"), xytext=(2, -3),
                      textcoords="offset points", fontsize=8, rotation=90, va="top", color="0.3", zorder=1)  # fmt: skip
    axes.set_xlim(low, high)
