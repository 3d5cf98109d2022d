"""What cleaning did to a measurement: the readings as they came and as they are now."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinstack.figures.measured import axis_label, dots, finish, legend, reading_of, scaled, unit_of
from spinstack.figures.style import COLOURS, angle_axis, from_base, head, in_lines, label
from spinstack.text.errors import ParameterError

_PREFERRED = ("angle", "field", "temperature", "energy", "time")


def measured_cleaning(raw: xr.Dataset, cleaned: xr.Dataset, *, reading: str | None = None, title: str = "") -> Figure:
    """Readings before and after all steps, against what was swept; those that steps made stand alone.

    Parameters
    ----------
    raw, cleaned
        The measurement as it was read and as it is now.
    reading
        Draw this one only; default: up to three that vary.
    """
    names = [reading_of(cleaned, reading)] if reading else _varying(cleaned)
    figure = Figure(figsize=(7.4, 0.7 + 2.3 * len(names)), layout="constrained")
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    against = swept(cleaned)
    for axes, name in zip(panels, names, strict=True):
        y = np.asarray(cleaned[name].values, dtype=float)
        values = [y]
        if name in raw.variables and against in raw.variables:
            values.append(np.asarray(raw[name].values, dtype=float))
        base, factor, unit, less = from_base(_most(np.concatenate(values)), unit_of(cleaned, name))
        if len(values) > 1:
            dots(axes, scaled(raw, against)[0], (values[1] - base) * factor, color=COLOURS[1], label="as read")
        dots(axes, scaled(cleaned, against)[0], (y - base) * factor, color=COLOURS[0], label="cleaned")
        finish(axes)
        axes.set_ylabel(label(axis_label(cleaned, name, "") + less, unit))
    panels[-1].set_xlabel(axis_label(cleaned, against, scaled(cleaned, against)[1]))
    if against == "angle":
        angle_axis(panels[-1], scaled(cleaned, against)[0])
    legend(figure)
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


def _most(values: Any) -> Any:
    """Values without the outermost thousandths, which may be spikes."""
    finite = values[np.isfinite(values)]
    return np.quantile(finite, [0.001, 0.999]) if finite.size > 100 else finite


def _varying(data: xr.Dataset) -> list[str]:
    names = []
    for name, array in data.data_vars.items():
        values = np.asarray(array.values, dtype=float) if array.dtype.kind in "fi" else np.zeros(0)
        if array.dims == ("point",) and not str(name).endswith("_error") and np.isfinite(values).any():
            names.append(str(name))
    known = [n for n in names if data[n].attrs.get("units")]
    return (known or names)[:3] or [reading_of(data, None)]


def swept(data: xr.Dataset) -> str:
    """The condition that was swept: the first of angle, field, temperature, energy and time that changes by 5 %."""
    for name in _PREFERRED:
        if name in data.variables:
            values = np.asarray(data[name].values, dtype=float)
            size = float(np.nanmax(np.abs(values)))
            if size and float(np.nanmax(values) - np.nanmin(values)) > 0.05 * size:
                return name
    coords = [str(n) for n, c in data.coords.items() if c.dims == ("point",)]
    if not coords:
        raise ParameterError("got a measurement without conditions", field="data")
    return coords[0]
