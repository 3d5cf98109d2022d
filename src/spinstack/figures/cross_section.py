"""A drawing of the film in cross-section."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from spinstack.figures.structure import Group, drawn_heights, groups
from spinstack.figures.style import in_lines, plain
from spinstack.stack import (
    Altermagnet,
    Element,
    Film,
    Interface,
    Layer,
    MagneticInsulator,
    TunnelJunction,
    Vacuum,
)
from spinstack.stack.orientation import given_directions
from spinstack.stack.parameters import is_open

_METALS = ("#B9CFE8", "#BFE0D2", "#D9CBE6", "#E4E0B8", "#C9D3D8")
_MAGNETS = ("#F3B98F", "#EFA6A0", "#F2CE85", "#E7B3C8")
_INSULATORS = ("#CFE3B4", "#B9DCC0")
_BARRIER = "#BDBDBD"
_WIDTH = 5.0
#: letters of usual size that have room between the arrow and the thickness, or of a barrier beside its resistance
_LETTERS, _OF_BARRIER = 13, 10


def _palette(film: Film) -> dict[str, str]:
    colours: dict[str, str] = {}
    used = {"metal": 0, "magnet": 0, "insulator": 0}
    for element in film:
        if isinstance(element, (Interface, Vacuum)) or element.name in colours:
            continue
        if isinstance(element, TunnelJunction):
            colours[element.name] = _BARRIER
            continue
        kind = "insulator" if isinstance(element, MagneticInsulator) else "magnet" if element.magnetic else "metal"
        options = {"metal": _METALS, "magnet": _MAGNETS, "insulator": _INSULATORS}[kind]
        colours[element.name] = options[used[kind] % len(options)]
        used[kind] += 1
    return colours


def thickness_text(value: Any) -> str:
    """A thickness [m] in nm; a batch of thicknesses as a range."""
    t = np.asarray(value, dtype=float) * 1e9
    return f"{t.item():.4g} nm" if t.size == 1 else f"{t.min():.4g} to {t.max():.4g} nm"


def _resistance_text(value: Any) -> str:
    """A resistance times area [Ohm m^2] of a barrier; nothing where it is no number."""
    if is_open(value):
        return ""
    area = np.asarray(value, dtype=float) * 1e12
    return f"{area.item():.3g} Ω µm²" if area.size == 1 else f"{area.min():.3g} to {area.max():.3g} Ω µm²"


def _arrow(axes: Axes, y: float, direction: Any, letter: str = "m") -> None:
    """A magnetisation or Neel vector in the plane of the drawing (x to the right, z up); along y it is seen end on.

    Without a direction only the letter says that there is one.
    """
    x, centre = 0.62, (0.62, y)
    axes.text(x + 0.42 if direction is not None else x, y, letter, fontweight="bold", ha="left", va="center")
    if direction is None:
        return
    m = np.asarray(direction, dtype=float)
    m = m / np.linalg.norm(m)
    reach = 0.32 * np.array([m[0], m[2]])
    if np.hypot(*reach) > 0.08:
        axes.annotate(
            "", (x + reach[0], y + reach[1]), (x - reach[0], y - reach[1]),
            arrowprops={"arrowstyle": "-|>,head_width=0.28,head_length=0.5", "color": "black", "linewidth": 1.6},
        )  # fmt: skip
    else:
        # +y points into the paper: a cross; towards the reader: a dot
        axes.plot(*centre, marker="o", markersize=13, markerfacecolor="white", markeredgecolor="black")
        axes.plot(*centre, marker="x" if m[1] > 0 else ".", markersize=8, color="black")


def _name(element: Element) -> str:
    return textwrap.fill(plain(element.name), 26)


def _height(element: Element) -> float:
    """The height of an element without a thickness."""
    if isinstance(element, TunnelJunction):
        return 0.5 * len(_name(element).split("\n"))
    return 0.7 if isinstance(element, Vacuum) else 1.3


def _draw_element(axes: Axes, element: Element, y: float, height: float, colour: str, direction: Any) -> None:
    middle = y + height / 2
    hatch = "///" if isinstance(element, MagneticInsulator) else None
    line = "--" if isinstance(element, Vacuum) else "-"
    face = "white" if isinstance(element, Vacuum) else colour
    axes.add_patch(Rectangle((0, y), _WIDTH, height, facecolor=face, edgecolor="0.25" if not hatch else "0.45",
                             linewidth=0.9, linestyle=line, hatch=hatch))  # fmt: skip
    box = {"facecolor": colour, "edgecolor": "none", "pad": 2.0} if hatch else None
    name = _name(element)
    letters = _OF_BARRIER if isinstance(element, TunnelJunction) else _LETTERS
    size = min(11.0, 11.0 * letters / max(map(len, name.split("\n"))))
    axes.text(_WIDTH / 2, middle, name, ha="center", va="center", fontweight="bold", fontsize=size, bbox=box)
    words = ""
    if isinstance(element, Layer):
        words = thickness_text(element.thickness)
    elif isinstance(element, TunnelJunction):
        words = _resistance_text(element.resistance_area_product)
    axes.text(_WIDTH - 0.12, middle, words, ha="right", va="center", fontsize=9.5)
    if element.magnetic:
        _arrow(axes, middle, direction)
    if isinstance(element, Altermagnet):
        _arrow(axes, middle, element.neel_vector, "n")
        words = f"x ∥ {element.along},  z ⊥ {element.plane}"
        axes.text(_WIDTH + 0.32, middle, words, ha="left", va="center", fontsize=9)


def _interface_words(film: Film, positions: list[int]) -> list[str]:
    words = []
    for i in positions:
        element: Any = film[i]
        if element.scattering is not None:
            words.append(f"{plain(film.labels()[i])},  {element.scattering.kind.replace('_', ' ')}")
            continue
        if {"conductance_up", "conductance_down"} & element.laws().keys():
            words.append(plain(film.labels()[i]))
            continue
        total = np.asarray(element.conductance_up + element.conductance_down)
        resistance = f",  AR = {1e15 / total.item():.3g} fΩ m²" if total.size == 1 else ""
        words.append(plain(film.labels()[i]) + resistance)
    return words


def draw_film(film: Film, m: Any = None, title: str = "") -> Figure:
    """The film in cross-section, bottom at the bottom: heights grow with the logarithm of the thickness.

    Repeats of a superlattice are drawn once with a bracket ``×N``; lines with labels are interfaces (AR: resistance
    times area for charge, 1/(G_up + G_down)); hatched blocks are magnetic insulators, low grey ones tunnel barriers
    with their resistance times area between parallel magnets.

    Parameters
    ----------
    film
        What to draw.
    m
        Direction of the arrows in the magnets, "x", "y", "z", (3,) or a mapping from magnet name to direction; a magnet
        without one has no arrow.
    """
    film = Film.of(film)
    folded = groups(film)
    magnets = [i for i, e in enumerate(film) if e.magnetic]
    arrows = {} if m is None else dict(zip(magnets, given_directions(film, m, magnets), strict=True))
    colours = _palette(film)
    drawn = [i for g in folded for i in g.members]
    layers = [i for i in drawn if isinstance(film[i], Layer)]
    thicknesses = [film[i].thickness for i in layers]  # type: ignore[attr-defined]
    height = dict(zip(layers, drawn_heights(thicknesses), strict=True))
    figure = Figure()
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    y, pending = 0.0, list[int]()

    def close_interfaces() -> None:
        for k, text in enumerate(_interface_words(film, pending)):
            axes.plot((0, _WIDTH), (y, y), color="#B00020", linewidth=2.2, solid_capstyle="butt")
            offset = 0.3 * (k - (len(pending) - 1) / 2)
            axes.plot((_WIDTH, _WIDTH + 0.25), (y, y + offset), color="#B00020", linewidth=0.9)
            axes.text(_WIDTH + 0.32, y + offset, text, ha="left", va="center", fontsize=9, color="#B00020")
        pending.clear()

    for group in folded:
        bottom = y
        for i in group.members:
            element = film[i]
            if isinstance(element, Interface):
                pending.append(i)
                continue
            close_interfaces()
            tall = height.get(i, _height(element))
            _draw_element(axes, element, y, tall, colours.get(element.name, "white"), arrows.get(i))
            y += tall
        if group.count > 1:
            # an interface that ends the unit belongs under the bracket, and the next element starts right on it
            close_interfaces()
            _bracket(axes, group, bottom, y)
    close_interfaces()
    _triad(axes, -1.5, -0.1)
    above = in_lines(title, 4.2) if title else ""
    top = y + (0.45 + 0.3 * len(above.split("\n")) if title else 0.2)
    if title:
        axes.text(_WIDTH / 2, y + 0.3, above, ha="center", va="bottom", fontsize=11)
    beside = _interface_words(film, [i for i in drawn if isinstance(film[i], Interface)])
    beside += [f"x ∥ {e.along},  z ⊥ {e.plane}" for e in film if isinstance(e, Altermagnet)]
    longest = max(map(len, beside), default=0)
    left, right, low = -1.9, _WIDTH + 0.5 + 0.105 * longest, -0.45
    axes.set(xlim=(left, right), ylim=(low, top), aspect="equal")
    axes.axis("off")
    figure.set_size_inches(0.68 * (right - left), 0.68 * (top - low))
    return figure


def _bracket(axes: Axes, group: Group, low: float, high: float) -> None:
    axes.plot(
        (-0.12, -0.28, -0.28, -0.12), (low + 0.06, low + 0.06, high - 0.06, high - 0.06), color="black", linewidth=1.2
    )
    axes.text(-0.36, 0.5 * (low + high), f"×{group.count}", ha="right", va="center", fontsize=12)


def _triad(axes: Axes, x: float, y: float) -> None:
    """x to the right, z up, y into the paper."""
    style = {"arrowstyle": "-|>", "linewidth": 1.2, "color": "0.2"}
    axes.annotate("", (x + 0.75, y), (x, y), arrowprops=style)
    axes.annotate("", (x, y + 0.75), (x, y), arrowprops=style)
    axes.plot(x, y, marker="o", markersize=10, markerfacecolor="white", markeredgecolor="0.2")
    axes.plot(x, y, marker="x", markersize=5.5, color="0.2")
    for dx, dy, name in ((0.85, 0.0, "x"), (0.0, 0.9, "z"), (-0.24, -0.2, "y")):
        axes.text(x + dx, y + dy, name, ha="center", va="center", fontsize=9.5, style="italic")
