"""What a current along z sees and does while magnets turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from spinstack.figures.style import COLOURS, angle_axis, head, heading, plain, points, readable, tidy

if TYPE_CHECKING:
    import xarray as xr


def perpendicular_scan(dataset: xr.Dataset, title: str = "") -> Figure:
    """Resistance times area, and the torque on every magnet in the plane of rotation and out of it, against angle.

    Parameters
    ----------
    dataset
        resistance_area [Ohm m^2] over angle [deg]; torque_in_plane and torque_out_of_plane [N m/A] over angle and
        magnet, as :func:`spinstack.perpendicular_scan` gives them.
    """
    angle = dataset["angle"].values
    figure = Figure(figsize=(6.2, 5.2), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    area = dataset["resistance_area"].values
    # as metals and as tunnel junctions are quoted
    scale, area_unit = (1e15, "fΩ m²") if np.abs(area).max() < 1e-13 else (1e12, "Ω µm²")
    upper.plot(angle, area * scale, color=COLOURS[0], **points(angle))
    upper.set_ylabel(f"resistance × area\n({area_unit})")
    both = {"in the plane": dataset["torque_in_plane"], "out of it": dataset["torque_out_of_plane"]}
    factor, unit = readable(dataset["torque_in_plane"].values, "N m/A")
    for k, name in enumerate(map(str, dataset["magnet"].values)):
        for (words, array), style in zip(both.items(), ("-", "--"), strict=True):
            values = array.sel(magnet=name).values * factor
            # wider below: torques of two equal magnets are equal
            line = points(angle) | {"linewidth": 1.6 + 1.8 * (dataset.sizes["magnet"] - 1 - k)}
            label = f"{plain(name)}, {words}"
            lower.plot(angle, values, style, color=COLOURS[k % len(COLOURS)], label=label, **line)
    lower.set_ylabel(f"torque over current\n({unit})")
    lower.set_xlabel(f"angle {dataset['plane'].item()} of m (°)")
    for axes in (upper, lower):
        tidy(axes)
    angle_axis(lower, angle)
    head(figure, heading(dataset, title), *lower.get_legend_handles_labels())
    return figure
