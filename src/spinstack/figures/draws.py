"""Draws from the distribution of parameters: each by itself, and every two together."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spinstack.figures.style import COLOURS, in_lines, quantity_name, readable
from spinstack.stack import ParameterError
from spinstack.text import checks

#: parameters that one page has room for
_MOST = 8
#: parts of the draws inside of the two lines
_PARTS = (0.683, 0.954)


def posterior(draws: xr.DataTree, parameters: Sequence[str] = (), *, title: str = "") -> Figure:
    """Distribution of every parameter and of every two, with lines around 68 and 95 % of the draws.

    Parameters
    ----------
    draws
        What :func:`spinstack.fitting.posterior` returned.
    parameters
        Names of those that are drawn, at most 8; by default the first 8 that are no deviations of samples.
    """
    found = draws["posterior"].to_dataset()
    known = [str(n) for n in found.data_vars]
    for name in parameters:
        checks.choice(name, "parameters", dict.fromkeys(known))
    if len(parameters) > _MOST:
        raise ParameterError(field="parameters", got=list(parameters), allowed=f"at most {_MOST}")
    names = list(parameters) or [n for n in known if ", deviation of " not in n][:_MOST]
    columns, labels = [], []
    for name in names:
        values = found[name].values.ravel()
        factor, unit = readable(values, str(found[name].attrs.get("units", "1")))
        # of a long tail the last draws are far off
        columns.append(np.clip(values, *np.quantile(values, (0.002, 0.998))) * factor)
        words = textwrap.fill(quantity_name(name), 20)
        labels.append(f"{words}\n({unit})" if unit else words)
    n = len(names)
    figure = Figure(figsize=(max(4.0, 1.9 * n + 0.9), max(3.6, 1.8 * n + 0.8)), layout="constrained")
    grid: Any = figure.subplots(n, n, squeeze=False, sharex="col")
    for i in range(n):
        for j in range(n):
            axes = grid[i, j]
            if j > i:
                axes.set_visible(False)
                continue
            if i == j:
                axes.hist(columns[i], bins=40, histtype="stepfilled", color=COLOURS[0], alpha=0.35)
                axes.set_yticks([])
            else:
                _pair(axes, columns[j], columns[i])
            axes.xaxis.set_major_locator(MaxNLocator(3))
            axes.ticklabel_format(axis="x", useOffset=False)
            if i != j:
                axes.yaxis.set_major_locator(MaxNLocator(3))
                axes.ticklabel_format(axis="y", useOffset=False)
            if i != j and j > 0:
                axes.tick_params(labelleft=False)
            if i == n - 1:
                axes.set_xlabel(labels[j], fontsize=8)
            if j == 0 and i > 0:
                axes.set_ylabel(labels[i], fontsize=8)
            axes.tick_params(labelsize=8)
    if title:
        figure.suptitle(in_lines(title, figure.get_figwidth()), fontsize=10)
    return figure


def _pair(axes: Any, x: np.ndarray, y: np.ndarray) -> None:
    """Two parameters: shades of how many draws there are, and lines around 68 and 95 % of them."""
    counts, x_edges, y_edges = np.histogram2d(x, y, bins=30)
    smooth = counts.copy()
    for axis in (0, 1):  # neighbours count half: draws are few
        padded = np.pad(smooth, [(1, 1) if a == axis else (0, 0) for a in (0, 1)])
        below, above = (np.take(padded, range(k, k + smooth.shape[axis]), axis=axis) for k in (0, 2))
        smooth = smooth / 2 + (below + above) / 4
    order = np.sort(smooth.ravel())[::-1]
    share = np.cumsum(order) / order.sum()
    levels = sorted({float(order[np.searchsorted(share, part)]) for part in _PARTS})
    axes.pcolormesh(x_edges, y_edges, smooth.T, cmap="Blues", rasterized=True)
    centres = [(edges[1:] + edges[:-1]) / 2 for edges in (x_edges, y_edges)]
    axes.contour(*centres, smooth.T, levels=levels, colors="0.2", linewidths=0.8)
