"""A reciprocal-space map with the peaks of substrate and film and where a strained and a relaxed film would lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from spinstack.figures.measured import Measured, Results, legend, named, result_of, thin, with_error
from spinstack.figures.panels import HEAT
from spinstack.figures.style import COLOURS, head, in_lines, plain, tidy
from spinstack.text.errors import ParameterError

_ANGSTROM = 1e-10
_MARKS = {"substrate": ("o", "black"), "film": ("D", COLOURS[2])}
#: seen on the map and on the page
_LINE = "0.72"


def measured_map(data: Measured, found: Results = None, *, reading: str | None = None, title: str = "") -> Figure:
    """Intensity, on a logarithmic scale, over wave vectors in the plane and along the normal, or over both angles.

    Parameters
    ----------
    data
        One map, or several by name, over `q_x` and `q_z` [1/m] or over `omega` and `two_theta` [deg].
    found
        Result of :func:`spinstack.measure.superlattice.reciprocal_map`: the map is drawn with the substrate in its
        place, with both peaks, with the line of films strained to the substrate, that of relaxed cubic films on a
        cubic substrate and, where they are known, the relaxed film and the way from strained to relaxed.
    reading
        Default: `intensity`.
    """
    maps = named(data)
    figure = Figure(figsize=(7.6, 0.6 + 4.6 * len(maps)), layout="constrained")
    for axes, (key, one) in zip(figure.subplots(len(maps), 1, squeeze=False)[:, 0], maps.items(), strict=True):
        _panel(figure, axes, one, result_of(found, key), reading)
        if len(maps) > 1:
            axes.set_title(plain(key), fontsize=10)
    legend(figure)
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


def _panel(figure: Figure, axes: Any, data: xr.Dataset, found: xr.Dataset | None, reading: str | None) -> None:
    if found is not None:
        columns = [found[n].values * _ANGSTROM for n in ("q_x", "q_z")] + [found["measured"].values]
    else:
        pairs = [("q_x", "q_z"), ("omega", "two_theta")]
        pair = next((p for p in pairs if set(p) <= set(map(str, data.variables))), None)
        if pair is None or (reading or "intensity") not in data.variables:
            allowed = "intensity over q_x and q_z, or over omega and two_theta"
            raise ParameterError(field="data", got=", ".join(map(str, data.variables)), allowed=allowed)
        factor = _ANGSTROM if pair == pairs[0] else 1.0
        columns = [data[n].values * factor for n in pair] + [data[reading or "intensity"].values]
    keep = np.isfinite(np.stack(columns)).all(axis=0)
    x, z, value = thin(*(np.asarray(c, dtype=float)[keep] for c in columns))
    positive = value[value > 0]
    low = float(positive.min()) if positive.size else 1.0
    high = max(float(value.max(initial=low)), 10 * low)
    drawn = axes.tripcolor(x, z, np.maximum(value, low), norm=LogNorm(low, high), cmap=HEAT, shading="gouraud",
                           rasterized=True)  # fmt: skip
    figure.colorbar(drawn, ax=axes, label="intensity", pad=0.02)
    tidy(axes)
    angles = found is None and "q_x" not in data.variables
    axes.set_xlabel("ω (°)" if angles else "$Q_x$ (Å⁻¹)")
    axes.set_ylabel("2θ (°)" if angles else "$Q_z$ (Å⁻¹)")
    limits = axes.get_xlim(), axes.get_ylim()
    if found is not None:
        _strain(axes, found, limits)
    axes.set_xlim(*limits[0])
    axes.set_ylim(*limits[1])


def _strain(axes: Any, found: xr.Dataset, limits: Any) -> None:
    value = {str(n): float(v) for n, v in zip(found["parameter"].values, found["value"].values, strict=True)}
    error = {str(n): float(v) for n, v in zip(found["parameter"].values, found["error"].values, strict=True)}
    h, k, l = np.asarray(found.attrs["hkl"], dtype=float)  # noqa: E741
    across, along = 2 * np.pi * np.hypot(h, k) * _ANGSTROM, 2 * np.pi * l * _ANGSTROM
    a, c = found.attrs["substrate"]
    substrate = (across / a, along / c)
    axes.axvline(substrate[0], color=_LINE, linewidth=1.4, linestyle="--", label="strained to\nthe substrate")
    if np.isclose(a, c, rtol=1e-4):
        ends = np.array(limits[1])
        axes.plot(ends * across / along, ends, color=_LINE, linewidth=1.4, linestyle=":", label="relaxed, cubic")
    relaxed = value.get("relaxed_lattice", found.attrs.get("bulk"))
    if relaxed is not None:
        end = (across / relaxed, along / relaxed)
        axes.plot(
            *end, "P", color=COLOURS[4], markersize=8, markeredgecolor="black", linestyle="none", label="relaxed film"
        )
        if (poisson := found.attrs.get("poisson")) is not None:
            strained = relaxed - 2 * poisson / (1 - poisson) * (a - relaxed)
            ways = [substrate[0], end[0]], [along / strained, end[1]]
            axes.plot(*ways, color=COLOURS[4], linewidth=1.4, label="relaxation at\nPoisson's ratio")
    places = {"substrate": substrate, "film": (value["film_q_x"] * _ANGSTROM, value["film_q_z"] * _ANGSTROM)}
    for name, (marker, colour) in _MARKS.items():
        words = name if name == "substrate" else (
            f"film\na = {with_error(value['lattice_in_plane'] / _ANGSTROM, error['lattice_in_plane'] / _ANGSTROM)} Å"
            f"\nc = {with_error(value['lattice_normal'] / _ANGSTROM, error['lattice_normal'] / _ANGSTROM)} Å"
        )  # fmt: skip
        axes.plot(*places[name], marker, markersize=8, markerfacecolor="none", markeredgecolor=colour,
                  markeredgewidth=1.8, linestyle="none", zorder=6, label=words)  # fmt: skip
