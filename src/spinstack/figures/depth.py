"""What happens inside the film: spin accumulation and spin current against height."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from spinstack.figures.style import AXIS_COLOURS, COLOURS, head, heading, label, plain, readable, tidy

_SHADES = ("#E8EEF7", "#FBEDE0", "#E6F3EC", "#F6E8F0", "#FBF5DC", "#E7F4FA", "#EEEEEE")

#: what is drawn against height, where a result has it: its words and its symbol
_PANELS = {
    "mu": ("spin accumulation", r"\mu_{{{}}}"),
    "Q": ("spin current", "Q_{{z{}}}"),
    "mu_orbital": ("orbital accumulation", r"\mu^l_{{{}}}"),
    "Q_orbital": ("orbital current", "Q^l_{{z{}}}"),
}


def _segments(dataset: xr.Dataset) -> list[slice]:
    """Runs of points inside one layer: z starts again at every interface, so currents may jump there."""
    z, names = dataset["z"].values, dataset["layer"].values
    breaks = np.flatnonzero((names[1:] != names[:-1]) | (np.diff(z) <= 0)) + 1
    edges = [0, *breaks.tolist(), z.size]
    return [slice(a, b) for a, b in pairwise(edges)]


def _shade(panels: Any, dataset: xr.Dataset, segments: list[slice], figure: Figure) -> None:
    z = dataset["z"].values * 1e9
    names = [str(dataset["layer"].values[s.start]).partition("[")[0] for s in segments]  # Pt[0], Pt[1] look alike
    shade = {n: _SHADES[i % len(_SHADES)] for i, n in enumerate(dict.fromkeys(names))}
    total = z[-1] - z[0]
    widths = [z[s.stop - 1] - z[s.start] for s in segments]
    # roughly the width of a letter as a part of the axis: names that do not fit go into a key
    fit = all(w / total > 0.016 * (len(n) + 1) for w, n in zip(widths, names, strict=True))
    for s, name in zip(segments, names, strict=True):
        low, high = z[s.start], z[s.stop - 1]
        for axes in panels:
            axes.axvspan(low, high, color=shade[name], linewidth=0, zorder=0)
        if fit:
            panels[0].annotate(
                plain(name), (0.5 * (low + high), 1.0), xycoords=("data", "axes fraction"), xytext=(0, 4),
                textcoords="offset points", ha="center", va="bottom", fontsize=9,
            )  # fmt: skip
    if not fit:
        handles = [Patch(facecolor=c, edgecolor="0.7", label=plain(n)) for n, c in shade.items()]
        figure.legend(
            handles=handles, loc="outside lower center", ncols=min(6, len(handles)), frameon=False, fontsize=9
        )


def _components(axes: Axes, dataset: xr.Dataset, name: str, segments: list[slice], symbol: str) -> str:
    array = dataset[name].transpose("z", "spin").values
    factor, unit = readable(array, str(dataset[name].attrs.get("units", "1")))
    largest = float(np.abs(array).max())
    z = dataset["z"].values * 1e9
    drawn = 0
    for i, component in enumerate(dataset["spin"].values):
        if largest and np.abs(array[:, i]).max() < 1e-9 * largest:
            continue
        colour = AXIS_COLOURS.get(str(component), COLOURS[i])
        style: dict[str, Any] = {"color": colour, "linestyle": ("-", "--", "-.")[drawn % 3]}
        drawn += 1
        for k, s in enumerate(segments):
            words = f"${symbol.format(component)}$" if k == 0 else None
            axes.plot(z[s], array[s, i] * factor, linewidth=1.7, label=words, **style)
    return unit


def profile(dataset: xr.Dataset, title: str = "") -> Figure:
    """Spin accumulation mu and spin current Q against height, the layers shaded; components that vanish are left out.

    Of a film with orbital moments their accumulation and current, too.

    Parameters
    ----------
    dataset
        Result of :func:`spinstack.profile`: mu [V] and Q [A/m^2], mu_orbital and Q_orbital where there are any, over
        dims z [m] and spin, coordinate layer (z). An attribute `conditions` (m, B, E in words) is printed below the
        title.
    """
    shown = {name: drawn for name, drawn in _PANELS.items() if name in dataset}
    figure = Figure(figsize=(6.4, 1.2 + 2.2 * len(shown)), layout="constrained")
    panels = figure.subplots(len(shown), 1, sharex=True)
    segments = _segments(dataset)
    for axes, (name, (words, symbol)) in zip(panels, shown.items(), strict=True):
        unit = _components(axes, dataset, name, segments, symbol)
        axes.set_ylabel(label(words, unit))
        axes.axhline(0.0, color="0.5", linewidth=0.8, zorder=1)
        tidy(axes)
        axes.grid(False)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    _shade(panels, dataset, segments, figure)
    panels[-1].set_xlabel("height $z$ (nm)")
    panels[-1].set_xlim(dataset["z"].values[0] * 1e9, dataset["z"].values[-1] * 1e9)
    head(figure, heading(dataset, title))
    return figure
