"""Where angular momentum ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from spinstack.figures.style import COLOURS, head, heading, plain, readable, tidy

if TYPE_CHECKING:
    import xarray as xr

_WORDS = {"magnet": "magnetisation", "lattice": "lattice", "field": "applied field"}


def angular_momentum(dataset: xr.Dataset, title: str = "") -> Figure:
    """Torque on magnetisation, lattice and applied field of every element, one panel a component that does not vanish.

    Parameters
    ----------
    dataset
        torque [N/m] over element, share and component, as :func:`spinstack.angular_momentum` gives it.
    """
    torque = dataset["torque"].transpose("component", "share", "element")
    least = 1e-9 * np.abs(torque.values).max()

    def present(dim: str) -> list[str]:
        return [str(one) for one in torque[dim].values if np.abs(torque.sel({dim: one}).values).max() > least]

    shown, shares, names = present("component"), present("share"), [plain(str(n)) for n in torque["element"].values]
    factor, unit = readable(torque.values, "N/m")
    columns = max(1, len(shown))
    figure = Figure(figsize=(1.6 + 2.4 * columns, 1.6 + 0.45 * len(names)), layout="constrained")
    panels = figure.subplots(1, columns, sharey=True, squeeze=False)[0]
    rows, height = np.arange(len(names)), 0.8 / max(1, len(shares))
    for axes, component in zip(panels, shown, strict=False):
        for k, share in enumerate(shares):
            values = torque.sel(component=component, share=share).values * factor
            at = rows + (k - (len(shares) - 1) / 2) * height
            axes.barh(at, values, height, color=COLOURS[k], label=_WORDS[share])
        axes.axvline(0.0, color="0.4", linewidth=0.8)
        axes.set_xlabel(f"$T_{component}$ ({unit})")
        tidy(axes)
    panels[0].set_yticks(rows, names)  # bottom first, as in the film
    head(figure, heading(dataset, title), *panels[0].get_legend_handles_labels())
    return figure
