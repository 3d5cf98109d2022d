"""Two theories of the same films: what each says, and how far one is from the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinstack.figures.maps import sweep_map
from spinstack.figures.style import (
    COLOURS,
    angle_axis,
    from_base,
    head,
    heading,
    is_ratio,
    label,
    plain,
    points,
    quantity_name,
    readable_axis,
    share,
    tidy,
)
from spinstack.text.errors import ParameterError

_ENDING = "_difference"
_LONGEST = 32  # characters of an axis label


def compare_theories(
    dataset: xr.Dataset, title: str = "", variable: str | None = None, component: Mapping[str, Any] | None = None
) -> Figure:
    """Two theories over one parameter, their relative difference in % below; over two parameters a map of it.

    Parameters
    ----------
    dataset
        Result of :func:`spinstack.compare_theories`.
    title
        Printed above.
    variable
        Which of the compared variables; default the first.
    component
        Of a vector or tensor: coordinate by dimension, for example ``{"row": "x", "column": "y"}``; default the first.
    """
    compared = [str(n).removesuffix(_ENDING) for n in dataset.data_vars if str(n).endswith(_ENDING)]
    name = compared[0] if variable is None else variable
    if name not in compared:
        raise ParameterError(field="variable", got=variable, allowed=", ".join(compared))
    over = [str(d) for d in dataset[name].dims if str(d) in dataset.attrs["sweep"].split(", ")]
    values, difference = (_one(dataset[n], over, component) for n in (name, name + _ENDING))
    if len(over) == 2:
        words = " relative to ".join(_short(str(theory)) for theory in dataset["theory"].values)
        shown = difference.rename(f"{name} difference ratio").assign_attrs(
            units="1", long_name=f"relative difference of {_words(values)}"
        )
        return sweep_map(shown, title="\n".join(filter(None, (title, words))))
    if len(over) != 1:
        raise ParameterError(where="compare_theories", field="over", got=over, allowed="one or two parameters")
    return _curves(dataset, values, difference, over[0], title)


def _curves(dataset: xr.Dataset, values: xr.DataArray, difference: xr.DataArray, over: str, title: str) -> Figure:
    figure = Figure(figsize=(6.2, 5.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    x = dataset[over].values
    x_factor, x_unit, logarithmic = readable_axis(x, str(dataset[over].attrs.get("units", "1")))
    name, unit = str(values.name), str(values.attrs.get("units", "1"))
    base, factor, text, less = from_base(values.values, unit, is_ratio(name, unit))
    for i, theory in enumerate(dataset["theory"].values):
        curve = (values.sel(theory=theory).values - base) * factor
        style = {"color": COLOURS[i], "linestyle": ("-", "--")[i]}
        upper.plot(x * x_factor, curve, label=plain(_short(str(theory))), **points(x), **style)
    part, part_unit = share(difference.values)
    lower.plot(x * x_factor, part * difference.values, color="0.25", **points(x))
    lower.axhline(0.0, color="0.5", linewidth=0.8, zorder=1)
    lower.set_title(_largest(x * x_factor, part * difference.values, part_unit, x_unit), fontsize=9, loc="right")
    for axes in (upper, lower):
        tidy(axes)
        if logarithmic:
            axes.set_xscale("log")
    upper.set_ylabel(label(_words(values) + less, text))
    upper.ticklabel_format(axis="y", useOffset=False)
    if x_unit == "°":
        angle_axis(upper, x * x_factor)
    first, second = (str(theory).partition(",")[0] for theory in dataset["theory"].values)
    lower.set_ylabel(plain(f"{first} relative\nto {second} ({part_unit})"))
    lower.set_xlabel(label(quantity_name(over), x_unit))
    head(figure, heading(dataset, title), *upper.get_legend_handles_labels())
    return figure


def _one(array: xr.DataArray, over: list[str], component: Mapping[str, Any] | None) -> xr.DataArray:
    """One component of a vector or tensor, with its name in the words."""
    picked, words = array, []
    for dim in array.dims:
        if dim in (*over, "theory"):
            continue
        wanted = (component or {}).get(str(dim))
        picked = picked.isel({dim: 0}) if wanted is None else picked.sel({dim: wanted})
        words.append(str(picked[dim].item()) if dim in picked.coords else "0")
    if words:
        picked.attrs["long_name"] = f"{array.attrs.get('long_name', array.name)}, {''.join(words)}"
    return picked


def _largest(x: Any, values: Any, unit: str, x_unit: str) -> str:
    """The largest difference in words, to stand above the panel."""
    if not np.isfinite(values).any():
        return ""
    at = int(np.nanargmax(np.abs(values)))
    return f"largest: {values[at]:+.3g} {unit} at {x[at]:.4g} {x_unit}".replace("-", "−").rstrip()


def _words(values: xr.DataArray) -> str:
    """What is compared, short enough for an axis."""
    words = str(values.attrs.get("long_name", ""))
    return plain(words) if 0 < len(words) <= _LONGEST else quantity_name(str(values.name))


def _short(name: str) -> str:
    """The theory without its accuracy."""
    first, *rest = name.split(", ")
    return ", ".join([first, *(word for word in rest if not word.startswith("rtol"))])
