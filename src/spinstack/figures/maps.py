"""Maps over two swept parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinstack.figures.style import (
    angle_ticks,
    from_base,
    head,
    heading,
    is_ratio,
    label,
    plain,
    quantity_name,
    readable,
    readable_axis,
    variable_name,
)
from spinstack.text.errors import ParameterError


def sweep_map(
    array: xr.DataArray, threshold: tuple[Any, Any] | None = None, threshold_label: str = "threshold", title: str = ""
) -> Figure:
    """A result over two swept parameters as colours; values of both signs on a diverging scale centred at zero.

    Parameters
    ----------
    array
        Values over two dimensions (first: horizontal), coordinates with `units` [SI].
    threshold
        Optional curve on top: values of the first and of the second parameter [SI], shape (n,) each.

    Where the sign changes the zero line is drawn; points without a value (NaN) stay grey.
    """
    if array.ndim != 2:
        allowed = "two dimensions; sweep_curve draws one"
        raise ParameterError(where="sweep_map", field="array", got=array.dims, allowed=allowed)
    first, second = (str(d) for d in array.dims)
    x, y, values = array[first].values, array[second].values, array.values.T
    x_factor, x_unit, x_logarithmic = readable_axis(x, str(array[first].attrs.get("units", "1")))
    y_factor, y_unit, y_logarithmic = readable_axis(y, str(array[second].attrs.get("units", "1")))
    name, unit = str(array.name or "value"), str(array.attrs.get("units", "1"))
    ratio = is_ratio(name, unit)
    finite = values[np.isfinite(values)]
    both_signs = finite.size > 0 and finite.min() < 0 < finite.max()
    base, factor, unit_text, less = (
        (0.0, *readable(values, unit, ratio), "") if both_signs else from_base(values, unit, ratio)
    )
    values = (values - base) * factor
    figure = Figure(figsize=(6.2, 4.8), layout="constrained")
    axes = figure.subplots()
    axes.set_facecolor("0.8")
    mesh = axes.pcolormesh(x * x_factor, y * y_factor, values, shading="nearest", rasterized=True, **colours_of(values))
    bar = figure.colorbar(mesh, ax=axes)
    bar.set_label(label((plain(array.attrs.get("long_name", "")) or variable_name(name)) + less, unit_text))
    bar.ax.ticklabel_format(axis="y", useOffset=False)
    handles, words = [], []
    if both_signs and min(values.shape) > 1:
        zero = axes.contour(x * x_factor, y * y_factor, values, levels=[0.0], colors="black", linewidths=1.2)
        handles.append(zero.legend_elements()[0][0])
        words.append("zero")
    for logarithmic, setter in ((x_logarithmic, axes.set_xscale), (y_logarithmic, axes.set_yscale)):
        if logarithmic:
            setter("log")
    for axis, places, text in ((axes.xaxis, x * x_factor, x_unit), (axes.yaxis, y * y_factor, y_unit)):
        if text == "°" and np.ptp(places) > 0:
            axis.set_ticks(angle_ticks(float(places.min()), float(places.max())))
    window = axes.get_xlim(), axes.get_ylim()
    if threshold is not None:
        tx, ty = (np.asarray(t, dtype=float) for t in threshold)
        (line,) = axes.plot(tx * x_factor, ty * y_factor, color="#009E73", linestyle="--", linewidth=1.8)
        axes.set(xlim=window[0], ylim=window[1])
        handles.append(line)
        words.append(threshold_label)
    axes.set_xlabel(label(quantity_name(first), x_unit))
    axes.set_ylabel(label(quantity_name(second), y_unit))
    head(figure, heading(array, title), handles, words)
    return figure


def colours_of(values: np.ndarray) -> dict[str, Any]:
    """Map of colours and its ends: about zero for values of both signs, else from the smallest to the largest."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low < 0 < high:
        reach = max(-low, high)
        return {"cmap": "RdBu_r", "vmin": -reach, "vmax": reach}
    return {"cmap": "viridis", "vmin": low, "vmax": high}
