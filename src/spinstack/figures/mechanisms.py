"""Comparisons of mechanisms: data beside best values, what priors predict, what the next measurement would tell."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spinstack.figures.measured import finish
from spinstack.figures.style import COLOURS, PLANE_COLOURS, in_lines, plain, readable, tidy

_MARKERS = "osD^vP*X<>hd"
_SYMBOLS = {"alpha": "α", "beta": "β", "gamma": "γ"}
#: mechanisms that a figure shows, the most probable first
_MOST = 6


def mechanism_fits(comparison: xr.Dataset, *, title: str = "") -> Figure:
    """Measured values with their errors, and the best values of each mechanism; those that do not fit are hollow.

    Parameters
    ----------
    comparison
        What :func:`spinstack.fitting.compare_mechanisms` returned.
    """
    ratio = comparison["plane"].values != ""
    panels = [rows for rows in (np.flatnonzero(ratio), np.flatnonzero(~ratio)) if rows.size]
    order = _order(comparison)[:_MOST]
    widths = [rows.size for rows in panels]
    width = float(np.clip(2.6 + 0.52 * sum(widths), 6.2, 14.0))
    figure = Figure(figsize=(width, 5.4), layout="constrained")
    grid = figure.subplots(1, len(panels), width_ratios=widths, squeeze=False)[0]
    for axes, rows in zip(grid, panels, strict=True):
        # resistances of several sizes are shown over what was measured
        relative = not ratio[rows[0]]
        measured = comparison["measured"].values[rows]
        base = measured if relative else np.ones(rows.size)
        base = np.where(base == 0, 1.0, base)
        scale, unit = (1.0, "") if relative else readable(measured, "1", ratio=True)
        x = np.arange(rows.size, dtype=float)
        axes.axhline(1.0 if relative else 0.0, color="0.6", linewidth=0.8, zorder=1)
        axes.errorbar(
            x - 0.3, scale * measured / base, scale * np.abs(comparison["error"].values[rows] / base), fmt="s",
            color="black", markersize=4, capsize=2, label="measured",
        )  # fmt: skip
        for n, k in enumerate(order):
            one = comparison.isel(mechanism=k)
            colour = COLOURS[n % len(COLOURS)]
            axes.plot(
                x - 0.12 + 0.42 * n / max(1, len(order) - 1), scale * one["best"].values[rows] / base,
                _MARKERS[n % len(_MARKERS)], color=colour, markerfacecolor=colour if one["fits"] else "none",
                markersize=5, label=_named(one),
            )  # fmt: skip
        axes.set_xticks(x, [_point(comparison, int(j)) for j in rows], rotation=90, fontsize=8)
        axes.set_xlim(-0.7, rows.size - 0.3)
        axes.set_ylabel("best value over measured" if relative else f"amplitude ({unit})")
        finish(axes)
        axes.grid(visible=False, axis="x")
    handles, words = grid[0].get_legend_handles_labels()
    figure.legend(
        handles, words, loc="outside lower center", ncols=2 if width < 9 else 3, frameon=False, fontsize=8,
        title="hollow: does not describe the data", title_fontsize=8,
    )  # fmt: skip
    first = str(comparison.attrs["words"]).split("\n")[0]
    figure.suptitle(in_lines(f"{title}\n{first}" if title else first, width), fontsize=10)
    return figure


def prior_triplets(comparison: xr.Dataset, *, title: str = "") -> Figure:
    """What each mechanism could have predicted (16 to 84 % of its prior) in every plane, and what was measured.

    Parameters
    ----------
    comparison
        What :func:`spinstack.fitting.compare_mechanisms` returned.
    """
    plane = comparison["plane"].values
    of = [str(v) for v in comparison["of"].values]
    sets = list(dict.fromkeys(name for name, p in zip(of, plane, strict=True) if p))
    columns = min(3, max(1, len(sets)))
    rows = -(-max(1, len(sets)) // columns)
    names = [textwrap.fill(plain(str(n)), 24) for n in comparison["mechanism"].values]
    height = 0.9 + rows * (0.7 + 0.36 * len(names))
    width = 2.2 + 3.0 * columns
    figure = Figure(figsize=(width, height), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes in grid.flat[len(sets) :]:
        axes.set_visible(False)
    shown = np.flatnonzero(plane != "")
    scale, unit = readable(comparison["measured"].values[shown], "1", ratio=True)
    for axes, name in zip(grid.flat, sets, strict=False):
        points = [j for j in shown if of[j] == name]
        for n, j in enumerate(points):
            _bars(axes, comparison, int(j), scale, 0.26 * (n - (len(points) - 1) / 2))
        axes.axvline(0.0, color="0.6", linewidth=0.8, zorder=1)
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlabel(f"amplitude ({unit})")
        axes.set_title(in_lines(name, 3.0), fontsize=9)
        axes.use_sticky_edges = False  # bars end short of the frame
        axes.xaxis.set_major_locator(MaxNLocator(4))
        tidy(axes)
    handles, words = grid.flat[0].get_legend_handles_labels()
    by_word = dict(zip(words, handles, strict=True))
    figure.legend(by_word.values(), by_word.keys(), loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    said = "bars: 16 to 84 % of what the prior predicts; lines: measured"
    figure.suptitle(in_lines(f"{title}\n{said}" if title else said, width), fontsize=10)
    return figure


def information_gains(plan: xr.Dataset, *, title: str = "") -> Figure:
    """Expected information of candidate measurements, the most for its cost first.

    Parameters
    ----------
    plan
        What :func:`spinstack.fitting.next_measurement` returned.
    """
    names = [textwrap.fill(plain(str(n)), 34) for n in plan["candidate"].values]
    priced = bool(np.ptp(plan["cost"].values) > 0)
    figure = Figure(figsize=(9.4 if priced else 6.6, 1.3 + 0.42 * len(names)), layout="constrained")
    grid = figure.subplots(1, 2 if priced else 1, sharey=True, squeeze=False)[0]
    y = np.arange(len(names))
    shown: Sequence[tuple[Any, Any, str]] = [
        (plan["gain"].values, plan["gain_error"].values, "expected information (nat)")
    ]
    if priced:
        cost = plan["cost"].values
        shown = [(plan["gain_per_cost"].values, shown[0][1] / cost, "per cost (nat)"), shown[0]]
    for axes, (values, errors, words) in zip(grid, shown, strict=True):
        axes.barh(y, values, xerr=errors, color=COLOURS[0], height=0.62, error_kw={"linewidth": 1, "capsize": 2})
        axes.set_yticks(y, names, fontsize=9)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlim(0, 1.15 * max(1e-3, float(np.max(values + errors))))
        axes.set_xlabel(words)
        tidy(axes)
        axes.grid(visible=False, axis="y")
    said = f"on {plan.attrs['of']}"
    figure.suptitle(
        in_lines(f"{title}\n{said}" if title else f"Information {said}", figure.get_figwidth()), fontsize=10
    )
    return figure


def _order(comparison: xr.Dataset) -> list[int]:
    """The mechanisms that a figure shows: the most probable, then those of the least chi-square."""
    probability = np.nan_to_num(comparison["probability"].values)
    return [int(k) for k in np.lexsort((comparison["chi2"].values, -np.round(probability, 3)))]


def _named(one: xr.Dataset) -> str:
    probability = float(one["probability"])
    share = "" if np.isnan(probability) else f"{100 * probability:.0f} %, "
    return f"{plain(str(one['mechanism'].values))} ({share}p = {float(one['goodness']):.2g})"


def _point(comparison: xr.Dataset, j: int) -> str:
    point = comparison.isel(point=j)
    plane = str(point["plane"].values)
    sample, quantity = (plain(str(point[n].values)) for n in ("sample", "quantity"))
    if plane:
        quantity = quantity.replace(f"{plane} amplitude", _SYMBOLS[plane]).replace("current along y", "J ∥ y")
    return textwrap.shorten(f"{sample}: {quantity}", 34, placeholder="…")


def _bars(axes: Axes, comparison: xr.Dataset, j: int, scale: float, shift: float) -> None:
    """One plane of one set of data: a bar for every mechanism, and what was measured."""
    plane = str(comparison["plane"].values[j])
    low, high = (scale * comparison[n].values[:, j] for n in ("prior_low", "prior_high"))
    y = np.arange(len(low)) + shift
    colour = PLANE_COLOURS[plane]
    axes.barh(y, high - low, left=low, height=0.22, color=colour, alpha=0.45)
    # a prior that predicts one value only
    axes.plot(
        scale * comparison["prior_middle"].values[:, j], y, "|", color=colour, markersize=6, label=_SYMBOLS[plane]
    )
    axes.axvline(scale * float(comparison["measured"][j]), color=colour, linewidth=1.2, linestyle=(0, (4, 2)))
