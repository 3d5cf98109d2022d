"""Figures of one interface: transmission over the Fermi disc, who takes the spin, which drive gives which current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure

from spinstack.figures.style import COLOURS, angle_axis, head, in_lines, pretty_unit, readable, tidy

if TYPE_CHECKING:
    from spinstack.scattering.model import ScatteringModel

#: points across the Fermi disc; odd, so that normal incidence is one of them
_POINTS = 201
#: shares of the largest entry of a block below which colours are linear
_LINEAR = 1e-3
_TITLES = {
    ("accumulation", "accumulation"): r"$\mu(0)$ per mean accumulation",
    ("mean_current", "accumulation"): r"$\bar\jmath_z$ per drop of the accumulation",
    ("current_drop", "accumulation"): r"$j_z(0^-)-j_z(0^+)$ per mean accumulation",
    ("accumulation", "in_plane_current"): r"$\mu(0)$ per mean in-plane current",
    ("mean_current", "in_plane_current"): r"$\bar\jmath_z$ per drop of the in-plane current",
    ("current_drop", "in_plane_current"): r"$j_z(0^-)-j_z(0^+)$ per mean in-plane current",
}
_SHORT = {
    "charge conduction": "charge",
    "circuit theory": "circuit\ntheory",
    "spin memory loss": "memory\nloss",
    "circuit theory + spin memory loss": "circuit th. +\nmem. loss",
    "Rashba-Edelstein": "Rashba-\nEdelstein",
    "generalized Rashba-Edelstein": "gen. R.-E.",
    "filtering": "filtering",
    "precession": "precession",
}


def fermi_disc(barrier: ScatteringModel, m: Any = (0.0, 0.0, 1.0), title: str = "") -> Figure:
    """Where on the Fermi disc electrons pass: majority, minority, spin flip, and the rotation of the spin that passes.

    Probabilities are those of an electron with its moment along m (majority) or against it (minority), to come out on
    the other side with the same moment, or for the flip with the opposite one. The angle is that by which
    transmission turns a spin across the effective field about it; the arrows are the spin-orbit part of that field,
    which m (first panel) has to compete with.

    Parameters
    ----------
    barrier
        One barrier with plain numbers.
    m
        Direction of the magnetisation (3).
    title
        Printed above; default: the parameters of the barrier.

    Raises :class:`spinstack.ParameterError` where `m` is no direction.
    """
    from spinstack.stack.directions import unit_vector

    m = unit_vector(m)
    axis = np.linspace(-1, 1, _POINTS)
    k = np.stack(np.meshgrid(axis, axis), -1)
    inside = (k**2).sum(-1) < 1 - 1e-9
    k_in = k[inside]
    T = barrier.probabilities(k_in, m)[1]
    along, charge = np.append(m, 0.0), np.array([0.0, 0.0, 0.0, 1.0])
    up, down = charge + along, charge - along
    values = {
        "majority passes": up @ T @ up / 2,
        "minority passes": down @ T @ down / 2,
        "spin flips while passing": down @ T @ up / 2,
    }
    t = barrier.amplitudes(k_in, m)[1]
    mean = np.trace(t, axis1=-2, axis2=-1) / 2
    split = np.sqrt(mean**2 - np.linalg.det(t))
    turned = (mean + split) * np.conj(mean - split)
    # where one spin does not pass at all its phase is rounding
    rotation = np.where(np.abs(turned) > 1e-12, np.degrees(np.abs(np.angle(turned))), 0.0)

    figure = Figure(figsize=(8.4, 7.9), layout="constrained")
    panels = figure.subplots(2, 2).ravel()
    flip = float(values["spin flips while passing"].max())
    for axes, (words, v) in zip(panels, values.items(), strict=False):
        flips = words.startswith("spin")
        factor = 100.0 if flips and flip < 0.1 else 1.0
        limits = (0.0, (flip if flip > 1e-12 else 1.0) * factor) if flips else (0.0, 1.0)
        bar = _disc(figure, axes, axis, inside, v * factor, words, limits, "magma" if flips else "viridis")
        bar.set_label("probability (%)" if factor == 100.0 else "probability")
    top = float(rotation.max())
    bar = _disc(
        figure,
        panels[3],
        axis,
        inside,
        rotation,
        "spin turns about the field",
        (0.0, top if top > 1e-9 else 1.0),
        "cividis",
    )
    bar.set_label("angle (°)")
    _field_arrows(panels[3], barrier, m)
    head(figure, in_lines(title, 8.4) or _words(barrier, m))
    return figure


def _words(barrier: ScatteringModel, m: Any) -> str:
    return f"{barrier.words(tex=True)},  m along ({', '.join(f'{c:.3g}' for c in m)})"


def _disc(
    figure: Figure, axes: Any, axis: Any, inside: Any, values: Any, words: str, limits: tuple[float, float], cmap: str
) -> Any:
    image = np.full(inside.shape, np.nan)
    image[inside] = values
    mesh = axes.pcolormesh(
        axis, axis, image, shading="nearest", rasterized=True, cmap=cmap, vmin=limits[0], vmax=limits[1]
    )
    axes.add_patch(_circle())
    axes.set(aspect="equal", xlim=(-1.06, 1.06), ylim=(-1.06, 1.06), xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    axes.set_xlabel("$k_x/k_F$", labelpad=0)
    axes.set_ylabel("$k_y/k_F$", labelpad=-6)
    axes.set_title(words, fontsize=10)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    return figure.colorbar(mesh, ax=axes, shrink=0.85)


def _circle() -> Any:
    from matplotlib.patches import Circle

    return Circle((0, 0), 1, fill=False, edgecolor="0.3", linewidth=0.8)


def _field_arrows(axes: Any, barrier: ScatteringModel, m: Any) -> None:
    k = np.stack(np.meshgrid(*2 * (np.arange(-4, 5) * 0.22,)), -1)
    k = k[(k**2).sum(-1) < 0.9]
    orbit = barrier.effective_field(k, m)[1]
    longest = float(np.linalg.norm(orbit, axis=-1).max())
    if longest > 0:
        arrows = 0.2 * orbit[:, :2] / longest
        axes.quiver(*k.T, *arrows.T, pivot="mid", angles="xy", scale_units="xy", scale=1, width=0.006, color="white")
        axes.set_title("spin turns (arrows: spin-orbit field)", fontsize=10)


def absorbed_spin(
    barrier: ScatteringModel, k: Any = (0.6, 0.0), spin: Any = (1.0, 0.0, 0.0), title: str = ""
) -> Figure:
    """Who takes the spin that one electron loses, magnetisation or lattice, as m turns off the spin-orbit field.

    The electron arrives from below with in-plane wave vector `k`, its moment along `spin`; m turns from the
    spin-orbit field of that k (0 degrees) through z (90 degrees) to its opposite. Left: sizes of the absorbed spin
    current ``1 - R - T`` and of the torques ``(2/c) T x u`` on both parts of the field, which add to it as vectors;
    right: their components along m, where the magnetisation can take nothing and the lattice takes all.

    Parameters
    ----------
    barrier
        One barrier with plain numbers and spin-orbit coupling.
    k
        In-plane wave vector (2) in units of kF, shorter than 1.
    spin
        Direction of the arriving moment (3).
    title
        Printed above; default: the parameters of the barrier.

    Raises ``ValueError`` where the spin-orbit field at `k` vanishes. After Amin, Haney, Stiles, J. Appl. Phys. 128,
    151101 (2020), Fig. 11.
    """
    from spinstack.stack.directions import unit_vector

    k, g = np.asarray(k, dtype=float), unit_vector(spin)
    orbit = barrier.effective_field(k, (0.0, 0.0, 1.0))[1]
    size = float(np.linalg.norm(orbit))
    if size < 1e-12:
        raise ValueError(
            f"absorbed_spin: no spin-orbit field at k = {tuple(k)}. Give a barrier that has one, and k that is not 0."
        )
    angle = np.linspace(0, 180, 181)
    turn = np.radians(angle)[:, None]
    m = np.cos(turn) * orbit / size + np.sin(turn) * np.array([0.0, 0.0, 1.0])
    c, phi = np.sqrt(1 - k @ k), np.arctan2(k[1], k[0])
    n = barrier.incidence(c, phi, m)
    incoming = np.append(g, 1.0)
    absorbed = (np.eye(4) - n.R - n.T)[:, :3] @ incoming
    torques = {"magnetisation": n.torque @ incoming, "lattice": n.lattice @ incoming}
    curves = {"absorbed": absorbed, **torques}
    figure = Figure(figsize=(9.0, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2, sharex=True)
    for (name, v), colour in zip(curves.items(), ("black", COLOURS[0], COLOURS[1]), strict=True):
        style: dict[str, Any] = {"color": colour, "linewidth": 1.8, "label": name}
        left.plot(angle, np.linalg.norm(v, axis=-1), **style)
        right.plot(angle, (v * m).sum(-1), linestyle="--" if name == "lattice" else "-", **style)
    for axes, words in ((left, "size"), (right, "part along m")):
        axes.set_xlabel("angle between m and the spin-orbit field (°)")
        axes.set_ylabel(f"{words}, per arriving spin")
        angle_axis(axes, angle)
        tidy(axes)
    left.set_ylim(bottom=0)
    handles, names = left.get_legend_handles_labels()
    strengths = f"{barrier.words(tex=True)},  k = ({k[0]:g}, {k[1]:g}) $k_F$,  spin along "
    head(figure, in_lines(title, 9.0) or strengths + f"({', '.join(f'{s:.3g}' for s in g)})", handles, names)
    return figure


def atlas(barrier: ScatteringModel, m: Any = (0.0, 0.0, 1.0), direction: Any = (1.0, 0.0), title: str = "") -> Figure:
    """Which drive gives which current: signed, logarithmic colours with numbers and mechanisms.

    One panel per answer (rows x, y, z, charge) and kind of drive (columns x, y, z, charge); colours are shares of the
    panel's largest entry, linear below a thousandth of it. Accumulations drive the upper panels, in-plane currents
    along `direction` the lower ones.

    Parameters
    ----------
    barrier
        One barrier with plain numbers.
    m
        Direction of the magnetisation (3).
    direction
        Of the in-plane currents (2).
    title
        Printed above; default: the parameters of the barrier.

    Raises :class:`spinstack.ParameterError` like :func:`spinstack.scattering.atlas.atlas`.
    """
    from spinstack.scattering.atlas import DRIVES, QUANTITIES
    from spinstack.scattering.atlas import atlas as table

    data = table(barrier, m, direction)
    figure = Figure(figsize=(13.2, 9.2), layout="constrained")
    panels = figure.subplots(len(DRIVES), len(QUANTITIES))
    norm = SymLogNorm(linthresh=_LINEAR, linscale=0.5, vmin=-1, vmax=1, base=10)
    mesh: Any = None
    for row, drive in zip(panels, DRIVES, strict=True):
        for axes, quantity in zip(row, QUANTITIES, strict=True):
            one = data.sel(quantity=quantity, drive=drive)
            values, unit = one["value"].values, str(one["units"].values)
            factor, text = _scale(values, unit)
            largest = float(np.abs(values).max()) or 1.0
            mesh = axes.pcolormesh(values / largest, cmap="RdBu_r", norm=norm, edgecolors="white", linewidth=1.5)
            axes.set(aspect="equal", ylim=(4, 0))
            axes.set_xticks(np.arange(4) + 0.5, ["x", "y", "z", "charge"])
            axes.set_yticks(np.arange(4) + 0.5, ["x", "y", "z", "charge"])
            axes.tick_params(length=0, labelsize=9)
            axes.spines[:].set_visible(False)
            axes.set_title(f"{_TITLES[quantity, drive]}" + (f"  ({text})" if text else ""), fontsize=10)
            words = "accumulation" if drive == "accumulation" else "in-plane current of this spin"
            axes.set_xlabel(f"drive: {words}", fontsize=9)
            axes.set_ylabel("answer", fontsize=9)
            _cells(axes, values * factor, one["mechanism"].values, np.abs(norm(values / largest) - 0.5) > 0.32)
    bar = figure.colorbar(mesh, ax=panels, shrink=0.6, aspect=35, pad=0.015, ticks=[-1, -0.1, -0.01, 0, 0.01, 0.1, 1])
    bar.ax.minorticks_off()
    bar.ax.set_yticklabels(["−1", "−0.1", "−0.01", "0", "0.01", "0.1", "1"])
    bar.set_label("share of the panel's largest entry")
    head(figure, in_lines(title, 13.2) or _words(barrier, data.attrs["m"]))
    return figure


def _scale(values: Any, unit: str) -> tuple[float, str]:
    """Factor and unit text of a panel."""
    if not np.any(values):
        return 1.0, "" if unit == "1" else pretty_unit(unit)
    if unit == "Ohm m^2":
        return 1e15, "fΩ m²"
    return readable(values, unit)


def _cells(axes: Any, values: Any, mechanisms: Any, dark: Any) -> None:
    for (i, j), v in np.ndenumerate(values):
        if v == 0:
            continue
        style = {"ha": "center", "va": "center", "color": "white" if dark[i, j] else "black"}
        axes.text(j + 0.5, i + 0.27, f"{v:.3g}".replace("-", "−"), fontsize=9, **style)
        axes.text(j + 0.5, i + 0.67, _SHORT[str(mechanisms[i, j])], fontsize=7, linespacing=0.95, **style)
