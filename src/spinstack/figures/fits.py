"""Fits of films: what is left of the data, profiles of parameters, how their errors hang together."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spinstack.figures.measured import finish
from spinstack.figures.style import (
    COLOURS,
    head,
    in_lines,
    is_ratio,
    label,
    plain,
    quantity_name,
    readable,
    share,
    tidy,
)
from spinstack.fitting.outcome import correlation

#: rises of chi-square at the ends of intervals of 68 and 95 %
_RISES = {1.0: "68 %", 4.0: "95 %"}
#: parameters that a matrix has room for with numbers in it
_NUMBERED = 12


def _parameter_name(name: str, path: str) -> str:
    """A fitted number in words: the parameter at a path, and the sample or group that it is of."""
    return plain(quantity_name(path) + name.removeprefix(path)) if name.startswith(path) else plain(name)


def fit_residuals(found: xr.Dataset, *, title: str = "") -> Figure:
    """Whitened residuals of a fit, data set by data set, with the range of two deviations.

    Parameters
    ----------
    found
        What :func:`spinstack.fitting.fit_film` returned.
    """
    of, residual = found["of"].values, found["residual"].values
    labels = [str(v) for v in found["data"].values]
    width = min(12.0, max(6.2, 2.0 + 0.28 * len(labels)))
    figure = Figure(figsize=(width, 4.4), layout="constrained")
    axes = figure.add_subplot()
    axes.axhspan(-2, 2, color="0.93", zorder=0, linewidth=0)
    axes.axhline(0.0, color="0.5", linewidth=0.8, zorder=1)
    for k, name in enumerate(labels):
        own = residual[of == name]
        places = k + np.linspace(-0.3, 0.3, own.size) if own.size > 1 else np.array([float(k)])
        axes.plot(places, own, ".", color=COLOURS[k % 2], markersize=8 if own.size < 10 else 4)
    room = max(10, int(150 / max(1, len(labels))) + 10)
    axes.set_xticks(
        range(len(labels)), [textwrap.shorten(plain(v), 28, placeholder="…") for v in labels],
        rotation=0 if len(labels) * max(map(len, labels)) < room else 90,
    )  # fmt: skip
    axes.set_xlim(-0.6, len(labels) - 0.4)
    axes.set_ylim(*(1.1 * np.array([-1, 1]) * max(3.0, float(np.max(np.abs(residual), initial=0.0)))))
    axes.set_ylabel("(fitted − measured)/error")
    finish(axes)
    axes.grid(visible=False, axis="x")
    said = (
        f"χ² = {found.attrs['chi_square']:.3g} of {found.attrs['degrees_of_freedom']}, p = {found.attrs['p_value']:.2g}"
    )
    figure.suptitle(in_lines(f"{title}\n{said}" if title else said, width), fontsize=10)
    return figure


def likelihood_profile(profiles: xr.Dataset | Sequence[xr.Dataset], *, title: str = "") -> Figure:
    """Rise of chi-square along parameters, all others fitted again; lines at the ends of 68 and 95 %.

    Parameters
    ----------
    profiles
        What :func:`spinstack.fitting.likelihood_profile` returned, one or several.
    """
    every = [profiles] if isinstance(profiles, xr.Dataset) else list(profiles)
    columns = min(3, len(every))
    rows = -(-len(every) // columns)
    figure = Figure(figsize=(max(4.6, 3.6 * columns), 0.5 + 3.1 * rows), layout="constrained")
    for k, one in enumerate(every):
        axes = figure.add_subplot(rows, columns, k + 1)
        unit = str(one["value"].attrs.get("units", "1"))
        factor, text = readable(one["value"].values, unit)
        axes.plot(one["value"].values * factor, one["rise"].values, "o-", color=COLOURS[0], markersize=3.5)
        for rise, words in _RISES.items():
            axes.axhline(rise, color="0.6", linewidth=0.8, linestyle="--")
            axes.annotate(words, (1.0, rise), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8)
        name = str(one.attrs["profile_of"])
        name = _parameter_name(name, name.partition(" of ")[0])
        axes.set_xlabel(label(name, text, 34))
        # far above the lines nothing is read off
        axes.set_ylim(0, 1.1 * float(np.clip(np.nanmax(one["rise"].values), 5.0, 12.0)))
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.ticklabel_format(axis="x", useOffset=False)
        axes.set_title(str(one.attrs["verdict"]), fontsize=9)
        if k % columns == 0:
            axes.set_ylabel("rise of χ²")
        tidy(axes)
    if title:
        figure.suptitle(in_lines(title, figure.get_figwidth()), fontsize=10)
    return figure


def correlations(found: xr.Dataset, *, title: str = "") -> Figure:
    """Correlations of the fitted parameters: 1 and -1 where only a combination is known.

    Parameters
    ----------
    found
        What :func:`spinstack.fitting.fit_film` returned.
    """
    names = [str(v) for v in found["parameter"].values]
    r = correlation(found)
    side = min(12.0, 3.4 + 0.42 * len(names))
    figure = Figure(figsize=(side + 0.9, side), layout="constrained")
    axes = figure.add_subplot()
    picture: Any = axes.imshow(r, vmin=-1, vmax=1, cmap="RdBu_r")
    paths = [str(v) for v in found["path"].values] if "path" in found else names
    shown = [textwrap.fill(_parameter_name(n, p), 26) for n, p in zip(names, paths, strict=True)]
    axes.set_xticks(range(len(names)), shown, rotation=90)
    axes.set_yticks(range(len(names)), shown)
    if len(names) <= _NUMBERED:
        for i in range(len(names)):
            for j in range(i):
                dark = abs(r[i, j]) > 0.6
                axes.text(j, i, f"{r[i, j]:.2f}".replace("-", "−"), ha="center", va="center", fontsize=8,
                          color="white" if dark else "black")  # fmt: skip
    figure.colorbar(picture, ax=axes, label="correlation", shrink=0.8)
    if title:
        figure.suptitle(in_lines(title, side), fontsize=10)
    return figure


def fit_curves(found: xr.Dataset, *, title: str = "") -> Figure:
    """Measured values with their errors, and the fitted curves: a panel each.

    Parameters
    ----------
    found
        Over `point` x, measured, error and fitted, over `place` line_x and line, with the number of their panel as
        `curve` and `curve_of_line`; over `panel` title, x_name, x_unit, y_name and y_unit.
    """
    count = found.sizes["panel"]
    columns = min(3, count)
    rows = -(-count // columns)
    figure = Figure(figsize=(max(4.8, 3.9 * columns), 0.5 + 3.3 * rows), layout="constrained")
    for k in range(count):
        axes = figure.add_subplot(rows, columns, k + 1)
        panel = {name: str(found[name].values[k]) for name in ("title", "x_name", "x_unit", "y_name", "y_unit")}
        own, line = found.isel(point=found["curve"].values == k), found.isel(place=found["curve_of_line"].values == k)
        x_factor, x_text = readable(own["x"].values, panel["x_unit"])
        ratio = is_ratio(panel["y_name"], panel["y_unit"])
        factor, text = share(own["measured"].values) if ratio else readable(own["measured"].values, panel["y_unit"])
        x, y = own["x"].values * x_factor, own["measured"].values * factor
        axes.errorbar(x, y, own["error"].values * factor, fmt="o", color=COLOURS[0], markersize=3.5, capsize=2,
                      linewidth=1.0, label="measured")  # fmt: skip
        if line.sizes["place"]:
            axes.plot(line["line_x"].values * x_factor, line["line"].values * factor, color=COLOURS[1], label="fitted")
        else:
            axes.plot(x, own["fitted"].values * factor, "_", color=COLOURS[1], markersize=9, label="fitted")
        axes.set_xlabel(label(quantity_name(panel["x_name"]), x_text, 34))
        axes.set_ylabel(label(panel["y_name"], text, 30))
        axes.set_title(textwrap.fill(plain(panel["title"]), 40), fontsize=9)
        tidy(axes)
    handles = [figure.axes[0].containers[0], *figure.axes[0].lines[-1:]]
    head(figure, in_lines(title, figure.get_figwidth()) if title else "", handles, ["measured", "fitted"])
    return figure
