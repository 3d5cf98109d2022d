"""Bands and Fermi contours of the two-dimensional Rashba gas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from spinstack.figures.style import COLOURS, head, in_lines, largest_of, tidy
from spinstack.numerics.constants import ELEMENTARY_CHARGE

if TYPE_CHECKING:
    import xarray as xr

_BAND_COLOURS = {"lower": COLOURS[0], "upper": COLOURS[1]}
_ARROWS = 16


def rashba_2d(dataset: xr.Dataset, title: str = "") -> Figure:
    """Bands along k_x and k_y with the Fermi energy, and the Fermi contours with the directions of the moments.

    Arrows are the moments' parts in the plane; colours say where a field along x raises (red) or lowers (blue) the
    edge of the occupied states, which is what makes a spin density.

    Parameters
    ----------
    dataset
        Result of :func:`spinstack.rashba_2d`.
    title
        Printed above; default: the dataset's own title, if it has one.

    After Amin, Haney, Stiles, J. Appl. Phys. 128, 151101 (2020), Fig. 5b, c.
    """
    figure = Figure(figsize=(8.6, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.15))
    k = dataset["wavevector"].values * 1e-9
    scale = 1e3 / ELEMENTARY_CHARGE
    for band, colour in _BAND_COLOURS.items():
        for line, style in (("x", "-"), ("y", "--")):
            energy = dataset["energy"].sel(band=band, line=line).values * scale
            left.plot(k, energy, style, color=colour, label=f"{band}, along $k_{line}$")
    fermi = dataset.attrs["fermi_energy_J"] * scale
    left.axhline(fermi, color="0.4", linewidth=1.0, linestyle=":", label="Fermi energy")
    left.set(xlabel="wave vector (nm⁻¹)", ylabel="energy (meV)")
    left.margins(x=0)
    tidy(left)
    shift = dataset["contour_energy"].sel(field="x").values
    norm = Normalize(-(largest_of(shift) or 1.0), largest_of(shift) or 1.0)
    reach = largest_of(dataset["contour_wavevector"].values) * 1e-9
    for i in range(dataset.sizes["contour"]):
        at = dataset["contour_wavevector"].values[i] * 1e-9
        moment = dataset["contour_moment"].values[i]
        drawn = right.scatter(*at.T, c=shift[i], cmap="RdBu_r", norm=norm, s=14, edgecolors="0.5", linewidths=0.3)
        some = _spaced(at)
        right.quiver(
            *at[some].T, *moment[some, :2].T, angles="xy", scale_units="xy", scale=3.5 / reach, width=0.006,
            color="black", zorder=3,
        )  # fmt: skip
    right.set(xlabel="$k_x$ (nm⁻¹)", ylabel="$k_y$ (nm⁻¹)", xlim=(-1.4 * reach, 1.4 * reach))
    right.set_ylim(-1.4 * reach, 1.4 * reach)
    right.set_aspect("equal")
    tidy(right)
    bar = figure.colorbar(drawn, ax=right, ticks=[norm.vmin, 0.0, norm.vmax], shrink=0.8)
    bar.set_ticklabels(["lowered", "0", "raised"])
    bar.set_label("edge of the occupied states, E along x")
    head(figure, in_lines(title or _words(dataset), 8.6), *left.get_legend_handles_labels())
    return figure


def _spaced(at: np.ndarray) -> np.ndarray:
    """Indices of points about equally far apart along a closed curve."""
    length = np.cumsum(np.linalg.norm(np.diff(at, axis=0, prepend=at[-1:]), axis=1))
    return np.searchsorted(length, length[-1] * (np.arange(_ARROWS) + 0.5) / _ARROWS)


def _words(dataset: xr.Dataset) -> str:
    attrs = dataset.attrs
    if "title" in attrs:
        return str(attrs["title"])
    alpha, delta = attrs["rashba_J_m"] / ELEMENTARY_CHARGE * 1e10, attrs["exchange_J"] / ELEMENTARY_CHARGE * 1e3
    m = ", ".join(f"{c:.3g}" for c in attrs["m"])
    return f"α = {alpha:.3g} eV Å, Δ = {delta:.3g} meV, m along ({m})"
