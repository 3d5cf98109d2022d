"""Spin-torque efficiencies: a pair of bars for every magnet, effective fields beside the Oersted field."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spinstack.figures.style import COLOURS, head, heading, plain, readable, tidy

BAR = 0.8  # width that a bar and its number take, inches
WIDEST = 24.0


def torque_efficiency(dataset: xr.Dataset, title: str = "") -> Figure:
    """Efficiency per current density of every magnet; effective fields, where there are any, with the Oersted field.

    Parameters
    ----------
    dataset
        From :func:`spinstack.torque_efficiency` of one film: `per_current_density` [1] over dims magnet and torque,
        perhaps `effective_field` [T] over ferromagnet and torque, `oersted_field` [T] over magnet.
    """
    fields = dataset.get("effective_field")
    xi = dataset["per_current_density"].transpose("magnet", "torque")
    names = [str(n) for n in dataset["magnet"].values]
    counts = [2 * len(names)] + ([] if fields is None else [3 * dataset.sizes["ferromagnet"]])
    ratios = [max(3.0, BAR * bars) + 1.2 for bars in counts]
    figure = Figure(figsize=(min(sum(ratios), WIDEST), 3.6), layout="constrained")
    panels = figure.subplots(1, len(ratios), squeeze=False, width_ratios=ratios)[0]
    valued = sum(ratios) <= WIDEST
    series = {_words(t): xi.sel(torque=t).values for t in dataset["torque"].values}
    bars(panels[0], names, series, f"efficiency per current density\n({plain(xi.attrs.get('reference', ''))})", valued)
    if fields is not None:
        own = [str(n) for n in dataset["ferromagnet"].values]
        series = {_words(t): fields.sel(torque=t).values for t in dataset["torque"].values}
        series["Oersted"] = dataset["oersted_field"].sel(magnet=own).values
        factor, unit = readable(np.array(list(series.values())), "T")
        strength = float(np.hypot(*dataset.attrs.get("E_V_per_m", (1.0, 0.0))))
        words = f"field at E = {strength:.4g} V/m ({unit})"
        bars(panels[1], own, {n: factor * v for n, v in series.items()}, words, valued)
    head(figure, heading(dataset, title, figure.get_figwidth()))
    return figure


def _words(torque: object) -> str:
    return str(torque).replace("_", "-")


def bars(axes: Axes, names: list[str], series: dict[str, np.ndarray], label: str, valued: bool) -> None:
    """For each name one bar of every series, with its number where `valued`."""
    places, width = np.arange(len(names)), 0.8 / len(series)
    for k, (words, values) in enumerate(series.items()):
        at = places + width * (k - (len(series) - 1) / 2)
        axes.bar(at, values, width=0.92 * width, label=words, color=COLOURS[k])
        for x, value in zip(at, values, strict=True) if valued else ():
            below = value < 0
            axes.annotate(f"{value:.3g}", (x, value), (0, -3 if below else 3), textcoords="offset points",
                          ha="center", va="top" if below else "bottom", fontsize=8)  # fmt: skip
    axes.margins(x=0.1, y=0.18)
    axes.axhline(0.0, color="0.4", linewidth=0.8)
    tidy(axes)
    axes.grid(False, axis="x")
    axes.set_xticks(places, [plain(n) for n in names])
    axes.set_ylabel(label)
    axes.legend(fontsize=8, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=len(series))
