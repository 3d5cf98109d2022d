"""Where the in-plane current flows: a bar for every layer and interface."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinstack.figures.style import AXIS_COLOURS, head, heading, plain, readable, tidy

_ROOM = 0.28  # height of a bar, inches
_MOST = 24.0
_NARROWEST = 0.17  # a bar that has room for its name


def layer_currents(dataset: xr.Dataset, title: str = "") -> Figure:
    """In-plane sheet current of every element, bottom at the bottom, with its part of the whole in percent.

    Parameters
    ----------
    dataset
        `sheet_current` [A/m for the field it was computed for] over dims element and component (x, y); an attribute
        `conditions` says in words which field that was. A component that is rounding everywhere is left out.
    """
    current = dataset["sheet_current"].transpose("element", "component")
    values, names = current.values, [plain(n) for n in dataset["element"].values]
    largest = float(np.abs(values).max())
    shown = [i for i in range(values.shape[1]) if np.abs(values[:, i]).max() > 1e-9 * largest] or [0]
    height = min(1.6 + _ROOM * len(names), _MOST)
    figure = Figure(figsize=(2.2 + 3.0 * len(shown), height), layout="constrained")
    panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
    places = np.arange(len(names))
    step = int(np.ceil(_NARROWEST * len(names) / height))
    for axes, i in zip(panels, shown, strict=True):
        component = str(dataset["component"].values[i])
        factor, unit = readable(values[:, i], str(current.attrs.get("units", "A/m")))
        axes.barh(places, factor * values[:, i], height=0.7, color=AXIS_COLOURS.get(component))
        total = float(values[:, i].sum())
        if abs(total) > 1e-9 * largest and step == 1:
            for place, value in zip(places, values[:, i], strict=True):
                axes.annotate(f"{100 * value / total:.3g} %", (factor * max(value, 0.0), place), (4, 0),
                              textcoords="offset points", va="center", fontsize=8)  # fmt: skip
            axes.margins(x=0.2)
        axes.axvline(0.0, color="0.4", linewidth=0.8)
        tidy(axes)
        axes.grid(False, axis="y")
        axes.set_xlabel(f"sheet current along {component} ({unit})")
    panels[0].set_yticks(places[::step], names[::step])
    head(figure, heading(dataset, title, figure.get_figwidth()))
    return figure
