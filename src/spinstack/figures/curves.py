"""Curves: angular scans, torque against angle, one-dimensional sweeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spinstack.figures.panels import Family
from spinstack.figures.style import (
    AXIS_COLOURS,
    COLOURS,
    PLANE_COLOURS,
    PLANE_WORDS,
    angle_axis,
    from_base,
    full_turn,
    head,
    heading,
    is_ratio,
    label,
    largest_of,
    plain,
    points,
    pretty_unit,
    quantity_name,
    readable,
    readable_axis,
    steady_limits,
    tidy,
    unwrapped,
    variable_name,
)
from spinstack.text.errors import ParameterError


def _by_plane(dataset: xr.Dataset) -> dict[str, xr.Dataset]:
    if "plane" in dataset.dims:
        return {str(p): dataset.sel(plane=p) for p in dataset["plane"].values}
    name = str(dataset["plane"].item()) if "plane" in dataset.coords else str(dataset.attrs.get("plane", ""))
    return {name: dataset}


def _unit(array: xr.DataArray, default: str = "1") -> str:
    return str(array.attrs.get("units", default))


def angular_scan(dataset: xr.Dataset, title: str = "") -> Figure:
    """Angle-dependent magnetoresistance: R_xx, its ratio to angle 0 in %, and R_xy, one curve a plane.

    For a current along y they are R_yy, its ratio, and R_yx.

    Parameters
    ----------
    dataset
        Result of :func:`spinstack.angular_scan`: dims angle [deg] and, for several planes, plane.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    planes = _by_plane(dataset)
    figure = Figure(figsize=(6.2, 7.0), layout="constrained")
    panels = figure.subplots(3, 1, sharex=True)
    angle = dataset["angle"].values
    along, ratio, across = ("R_yy", "MR_yy", "R_yx") if "MR_yy" in dataset else ("R_xx", "MR_xx", "R_xy")

    shown: dict[str, list[Any]] = {along: [], ratio: [], across: []}
    reference = float(dataset[along].mean())
    base, factor, unit, less = from_base(dataset[along].values, "Ohm")
    hall_factor, hall_unit = readable(_above_noise(dataset[across].values, reference), "Ohm")
    for i, (name, scan) in enumerate(planes.items()):
        style = points(angle) | {"color": PLANE_COLOURS.get(name, COLOURS[i % len(COLOURS)])}
        style["linestyle"] = ("-", "--", "-.")[i % 3]
        curves = {
            along: (scan[along].values - base) * factor,
            ratio: scan[ratio].values * 100,
            across: scan[across].values * hall_factor,
        }
        for axes, (key, curve) in zip(panels, curves.items(), strict=True):
            axes.plot(angle, curve, label=_plane_words(name, scan), **style)
            shown[key].append(curve)
    R = label(along, "")
    panels[0].set_ylabel(label(R + less, unit))
    panels[1].set_ylabel(f"[{R} − {R}(0°)]/{R}(0°) (%)")
    panels[2].set_ylabel(label(across, hall_unit))
    for axes, (key, scale) in zip(
        panels, {along: reference * factor, ratio: 100.0, across: reference * hall_factor}.items(), strict=True
    ):
        tidy(axes)
        steady_limits(axes, shown[key], scale)
        axes.yaxis.set_major_locator(MaxNLocator(6))
        axes.ticklabel_format(axis="y", useOffset=False)
    panels[-1].set_xlabel(f"{dataset['angle'].attrs.get('long_name', 'angle')} (°)")
    angle_axis(panels[-1], angle)
    head(figure, heading(dataset, title), *panels[0].get_legend_handles_labels())
    return figure


def _plane_words(name: str, scan: xr.Dataset) -> str:
    words = PLANE_WORDS.get(name, name)
    return f"{words.partition(' ')[0]} ({scan['sense'].item()})" if "sense" in scan.coords else words


def _above_noise(values: Any, scale: float) -> Any:
    return values if np.nanmax(np.abs(values)) > 1e-10 * abs(scale) else 0.0


def torque(dataset: xr.Dataset, title: str = "") -> Figure:
    """Torque per area on each magnet against the angle of its magnetisation.

    Parameters
    ----------
    dataset
        One variable a magnet [N/m for the field it was computed for] over dims angle [deg] and component (x, y, z);
        an attribute `conditions` says in words which field that was.
    """
    magnets = [str(n) for n, v in dataset.data_vars.items() if {"angle", "component"} <= set(v.dims)]
    figure = Figure(figsize=(6.2, 1.2 + (2.6 if len(magnets) <= 3 else 1.5) * len(magnets)), layout="constrained")
    panels = figure.subplots(len(magnets), 1, sharex=True, squeeze=False)[:, 0]
    angle = dataset["angle"].values
    for axes, name in zip(panels, magnets, strict=True):
        array = dataset[name].transpose("angle", "component")
        factor, unit = readable(array.values, _unit(array, "N/m"))
        for i, component in enumerate(dataset["component"].values):
            style = {"color": AXIS_COLOURS.get(str(component), COLOURS[i]), "linestyle": ("-", "--", "-.")[i % 3]}
            axes.plot(angle, array.values[:, i] * factor, label=f"$T_{component}$", **points(angle), **style)
        tidy(axes)
        axes.set_ylabel(f"torque on {plain(name)}\n({unit})")
    panels[-1].set_xlabel(plain(dataset["angle"].attrs.get("long_name", "angle")) + " (°)")
    angle_axis(panels[-1], angle)
    head(figure, heading(dataset, title), *panels[0].get_legend_handles_labels())
    return figure


def _value_text(value: xr.DataArray) -> str:
    if value.dtype.kind not in "fi":
        return str(value.item())
    factor, unit = readable(value.values, _unit(value))
    if unit.startswith("10"):
        factor, unit = 1.0, pretty_unit(_unit(value))
    return f"{value.item() * factor:.4g} {unit}".strip()


def _series(array: xr.DataArray) -> Family | None:
    """The second dimension as a series that a colour bar tells apart, where it has too many numbers for a key."""
    if array.ndim == 1 or array[array.dims[1]].dtype.kind not in "fi":
        return None
    values = array[array.dims[1]]
    factor, unit, _ = readable_axis(values.values, _unit(values))
    found = Family(values.values * factor, quantity_name(str(array.dims[1])), unit)
    return None if found.keyed else found


def sweep_curve(array: xr.DataArray, title: str = "") -> Figure:
    """A result against one swept parameter; a second dimension, if there is one, becomes a family of curves.

    Parameters
    ----------
    array
        Values over one or two dimensions whose coordinates carry `units` [SI].
    """
    if array.ndim not in (1, 2):
        raise ParameterError(where="sweep_curve", field="array", got=array.dims, allowed="one or two dimensions")
    along = str(array.dims[0])
    figure = Figure(figsize=(6.2, 4.2), layout="constrained")
    axes = figure.subplots()
    x = array[along].values
    x_factor, x_unit, logarithmic = readable_axis(x, _unit(array[along]))
    name, unit = str(array.name or "value"), _unit(array)
    if turn := full_turn(unit):
        array = array.copy(data=np.apply_along_axis(unwrapped, 0, array.values, turn))
    base, factor, unit_text, less = from_base(array.values, unit, is_ratio(name, unit))
    family = [array] if array.ndim == 1 else [array.isel({array.dims[1]: i}) for i in range(array.shape[1])]
    series = _series(array)
    styles = [{"color": COLOURS[i % len(COLOURS)]} for i in range(len(family))] if series is None else series.styles()
    for curve, style in zip(family, styles, strict=True):
        words = _value_text(curve[array.dims[1]]) if array.ndim == 2 else None
        axes.plot(x * x_factor, (curve.values - base) * factor, **points(x) | {"label": words} | style)
    tidy(axes)
    if logarithmic:
        axes.set_xscale("log")
    axes.set_xlabel(label(quantity_name(along), x_unit))
    axes.set_ylabel(label((plain(array.attrs.get("long_name", "")) or variable_name(name)) + less, unit_text))
    steady_limits(axes, [(array.values - base) * factor], largest_of(array.values) * factor)
    axes.ticklabel_format(axis="y", useOffset=False)
    if x_unit == "°":
        angle_axis(axes, x * x_factor)
    if is_ratio(name, unit):
        axes.axhline(0.0, color="0.5", linewidth=0.8, zorder=1)
    if series is not None:
        series.bar(figure, axes)
    elif len(family) > 1:
        words = quantity_name(str(array.dims[1])).replace(" ", "\n", 1)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside right center", frameon=False, title=words)
    head(figure, heading(array, title))
    return figure
