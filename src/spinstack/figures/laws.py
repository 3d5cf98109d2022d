"""What follows a law, against temperature."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinstack.figures.style import COLOURS, head, heading, label, plain, points, readable, tidy

_STYLES = ("-", "--", "-.", ":")


def law_values(dataset: xr.Dataset, title: str = "") -> Figure:
    """Every quantity that follows a law against temperature, one panel each; a conductivity as resistivity.

    Parameters
    ----------
    dataset
        Result of :func:`spinstack.law_values`.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    panels: dict[str, list[Any]] = {}
    for name in map(str, dataset.data_vars):
        panels.setdefault(str(dataset[name].attrs["long_name"]), []).append(name)
    figure = Figure(figsize=(6.2, 1.1 + 2.1 * len(panels)), layout="constrained")
    T = np.atleast_1d(dataset["temperature"].values)
    owners = list(dict.fromkeys(str(n).split(".")[0] for n in dataset.data_vars))
    every = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    shown: dict[str, Any] = {}
    for axes, (words, names) in zip(every, panels.items(), strict=True):
        values = [np.atleast_1d(dataset[name].values) for name in names]
        unit = str(dataset[names[0]].attrs.get("units", "1"))
        if words == "conductivity":
            values, words, factor, unit = [1 / v for v in values], "resistivity", 1e8, "µΩ cm"
        else:
            factor, unit = readable(np.concatenate(values), unit)
        for name, curve in zip(names, values, strict=True):
            owner = name.split(".")[0]
            i = owners.index(owner)
            style = {"color": COLOURS[i % len(COLOURS)], "linestyle": _STYLES[i % len(_STYLES)]}
            (shown[plain(owner)],) = axes.plot(T, curve * factor, **points(T), **style)
        tidy(axes)
        axes.set_ylabel(label(plain(words.replace("_", " ").replace(" hall ", " Hall ")), unit, 22))
        axes.ticklabel_format(axis="y", useOffset=False)
    every[-1].set_xlabel("temperature (K)")
    figure.align_ylabels()
    head(figure, heading(dataset, title), list(shown.values()), list(shown))
    return figure
