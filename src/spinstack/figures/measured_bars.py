"""What contacts do to a resistance: connections of four contacts that should agree, bars of several lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinstack.figures.measured import (
    FIT_COLOUR,
    Measured,
    Results,
    condition_scale,
    dots,
    finish,
    legend,
    with_error,
)
from spinstack.figures.style import COLOURS, head, in_lines, label, plain, readable, share
from spinstack.measure.measurement import QUANTITIES
from spinstack.text.errors import ParameterError

_CONDITIONS = ("temperature", "field", "current", "frequency", "angle")
_MARKERS = ("o", "s", "^", "D", "v", "P", "<", ">")


def measured_contacts(data: Measured, found: Results = None, *, title: str = "") -> Figure:
    """Readings of every connection of four contacts, and how far they are from the mean of those that should agree.

    Parameters
    ----------
    data
        Measurements that `found` is of; what is drawn stands in the results.
    found
        Result of `van_der_pauw`, or several by name: these are drawn against the condition that changes most, with the
        sheet resistance that each gives.
    """
    results = [found] if isinstance(found, xr.Dataset) else list((found or {}).values())
    if not results or not all("connection" in one.dims for one in results):
        raise ParameterError(field="found", got=found, allowed="results of van_der_pauw")
    names = list(dict.fromkeys(str(n) for one in results for n in one["connection"].values))
    readings = {name: _over(results, name) for name in names}
    many = len(results) > 1
    figure = Figure(figsize=(7.6, 6.6 if many else 4.8), layout="constrained")
    panels = figure.subplots(2 + many, 1, sharex=True)
    x, words = _places(results) if many else (np.zeros(1), "")
    factor, unit = readable(np.array([r[0] for r in readings.values()]), "Ohm")
    sides = {side: COLOURS[i] for i, side in enumerate("AB")}
    ratios = np.array([r[0] / r[2] - 1 for r in readings.values()])
    parts, percent = share(ratios)
    for i, (name, (values, errors, means, side)) in enumerate(readings.items()):
        at = x if many else np.array([float(i)])
        style = {"color": sides[side], "marker": _MARKERS[i % len(_MARKERS)], "markersize": 4.5}
        dots(panels[0], at, values * factor, errors * factor, label=_symbol(name) if many else None, **style)
        dots(panels[-1], at, (values / means - 1) * parts, errors / np.abs(means) * parts, **style)
        if not many:
            panels[0].hlines(means * factor, i - 0.4, i + 0.4, color=FIT_COLOUR, linewidth=0.9)
    panels[0].set_ylabel(label("four-point resistance", unit))
    panels[-1].set_ylabel(label("less mean of\nits pair of sides", percent))
    panels[-1].axhline(0.0, color=FIT_COLOUR, linewidth=0.8)
    if many:
        rows = [one.sel(parameter="sheet_resistance") for one in results]
        R, error = (np.array([float(row[n]) for row in rows]) for n in ("value", "error"))
        factor, unit = readable(R, "Ohm")
        dots(panels[1], x, R * factor, error * factor, color=COLOURS[2], markersize=4.5, label="sheet resistance")
        panels[1].set_ylabel(label("sheet resistance", unit))
        panels[-1].set_xlabel(words)
    else:
        panels[-1].set_xticks(range(len(names)), [_symbol(n) for n in names])
        panels[-1].set_xlim(-0.6, len(names) - 0.4)
    for axes in panels:
        finish(axes)
    legend(figure)
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


def measured_lengths(data: Measured, found: Results = None, *, title: str = "") -> Figure:
    """Resistance of unit width against the length of bars, with the line down to zero, minus twice the contacts.

    Parameters
    ----------
    data
        Measurements that `found` is of; what is drawn stands in the result.
    found
        Result of `transfer_length`.
    """
    if not isinstance(found, xr.Dataset) or "length" not in found.dims:
        raise ParameterError(field="found", got=found, allowed="a result of transfer_length")
    L, y, fitted = (np.asarray(found[n].values, dtype=float) for n in ("length", "measured", "fitted"))
    slope, two = np.polyfit(L, fitted, 1)
    ends = np.array([min(-two / slope, 0.0), L.max()])
    figure = Figure(figsize=(7.4, 4.2), layout="constrained")
    axes = figure.subplots()
    along, unit = condition_scale(ends, "m")
    factor, text = readable(y, "Ohm m")
    row = found.sel(parameter="contact_resistance")
    value, error = float(row["value"]) * factor, float(row["error"]) * factor
    words = f"line; contact\n{with_error(value, error)} {text}"
    axes.plot(ends * along, (two + slope * ends) * factor, color=FIT_COLOUR, linewidth=1.1, label=words)
    dots(axes, L * along, y * factor, color=COLOURS[0], markersize=5, label="two-terminal")
    axes.axvline(0.0, color="0.5", linewidth=0.8, zorder=1)
    axes.set_xlabel(label("length between contacts", unit))
    axes.set_ylabel(label("resistance times width", text))
    finish(axes)
    legend(figure)
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


def _over(results: list[xr.Dataset], name: str) -> tuple[Any, Any, Any, str]:
    """Values, errors and means of a connection over results, NaN where one lacks it, and its pair of sides."""
    table, side = np.full((3, len(results)), np.nan), "A"
    for i, one in enumerate(results):
        if name in one["connection"].values:
            row = one.sel(connection=name)
            table[:, i] = [float(row[n]) for n in ("measured", "measured_error", "fitted")]
            side = str(row["side"].values)
    return (*table, side)


def _places(results: list[xr.Dataset]) -> tuple[Any, str]:
    """Where results stand along the condition that changes most, and its name with unit; else their numbers."""
    held = {n: [float(one.attrs[n]) for one in results] for n in _CONDITIONS if all(n in one.attrs for one in results)}
    spans = {n: float(np.ptp(v)) / max(float(np.max(np.abs(v))), 1e-300) for n, v in held.items()}
    name = max(spans, key=lambda n: spans[n], default="")
    if not spans.get(name):
        return np.arange(1.0, len(results) + 1), "number of the measurement"
    factor, unit = condition_scale(held[name], QUANTITIES[name].unit)
    return np.array(held[name]) * factor, label(plain(QUANTITIES[name].words), unit)


def _symbol(name: str) -> str:
    digits = [c for c in name if c.isdigit()]
    return f"$R_{{{''.join(digits[:2])},{''.join(digits[2:])}}}$"
