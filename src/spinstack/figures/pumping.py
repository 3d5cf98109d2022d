"""Damping by spin pumping: bars for every magnet, and a map of what the magnets do to each other."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spinstack.figures.efficiency import BAR, WIDEST, bars
from spinstack.figures.style import head, heading, plain, readable


def damping_conductance(dataset: xr.Dataset, title: str = "") -> Figure:
    """Effective mixing conductance of every magnet beside that of its bulk; what magnets do to each other; damping.

    Parameters
    ----------
    dataset
        From :func:`spinstack.damping_conductance` of one film, or :func:`spinstack.damping` with moments.
    """
    names = [str(n) for n in dataset["magnet"].values]
    moments = [str(n) for n in dataset["moment"].values] if "mean_enhancement" in dataset else []
    counts = [2 * len(names), *([len(names) + 2] if len(names) > 1 else []), *([2 * len(moments)] if moments else [])]
    ratios = [max(3.0, BAR * count) + 1.2 for count in counts]
    figure = Figure(figsize=(min(sum(ratios), WIDEST), 3.6), layout="constrained")
    panels = list(figure.subplots(1, len(ratios), squeeze=False, width_ratios=ratios)[0])
    valued = sum(ratios) <= WIDEST
    own, bulk = dataset["effective_mixing_conductance"].values, dataset["bulk_conductance"].values
    series = {"spin pumping": own, "of the bulk by itself": np.trace(bulk, axis1=-2, axis2=-1) / 2}
    factor, unit = readable(np.array(list(series.values())), "S/m^2")
    label = f"effective mixing\nconductance ({unit})"
    bars(panels.pop(0), names, {n: factor * v for n, v in series.items()}, label, valued)
    if len(names) > 1:
        L = dataset["damping_conductance"].transpose("magnet", "of_magnet", "component", "of_component").values
        _pairs(figure, panels.pop(0), names, np.linalg.norm(L, ord=2, axis=(-2, -1)))
    if moments:
        series = {"spin pumping": dataset["mean_enhancement"].values, "by itself": dataset["damping"].values}
        bars(panels[0], moments, {n: v for n, v in series.items() if np.isfinite(v).any()}, "damping", valued)
        panels[0].set_xlim(-0.6, len(moments) - 0.4)
    head(figure, heading(dataset, title, figure.get_figwidth()))
    return figure


def _pairs(figure: Figure, axes: Axes, names: list[str], size: np.ndarray) -> None:
    """The largest singular value of the damping conductance of every pair of magnets."""
    factor, unit = readable(size, "S/m^2")
    image = axes.imshow(factor * size, cmap="viridis", vmin=0.0, aspect="auto", origin="lower")
    places, words = np.arange(len(names)), [plain(n) for n in names]
    axes.set_xticks(places, words)
    axes.set_yticks(places, words)
    axes.set_xlabel("magnet that moves")
    axes.set_ylabel("magnet that is damped")
    figure.colorbar(image, ax=axes, label=f"|damping conductance| ({unit})")
