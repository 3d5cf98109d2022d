"""Which films carry orbital moments beside spin, and what such a film must say (docs/methods/orbital.md)."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.film import Film
from spinstack.stack.interface import ORBITAL, Interface
from spinstack.stack.layer import Layer
from spinstack.text.errors import NOTHING, ParameterError, Problems


def has_orbital(film: Film) -> bool:
    """Whether any layer carries orbital moments: a property of the film, the same for all films of a batch."""
    return any(isinstance(e, Layer) and e.orbital for e in film.elements)


def check_orbital(film: Film) -> None:
    """Raise :class:`ParameterError` where only a part of the film says what orbital moments do in it."""
    orbital, problems = has_orbital(film), Problems()
    for i, (label, element) in enumerate(zip(film.labels(), film.elements, strict=True)):
        with problems:
            if orbital:
                _check_element(film, i, label, element)
            else:
                _check_without(i, label, element)
    problems.end()


def magnet_is_above(film: Film, index: int) -> bool:
    """Whether the magnet whose m the interface at `index` takes lies above it; so, too, where it has none."""
    magnet = film.magnet_of(index)
    return magnet is None or magnet > index


def _check_element(film: Film, index: int, label: str, element: Any) -> None:
    def refused(field: str, why: str, **more: Any) -> ParameterError:
        return ParameterError(why, where=label, field=field, path=(index, field), **more)

    carrier = next(e.name for e in film.layers if e.orbital)
    if isinstance(element, Layer) and not element.orbital:
        remedy = "Give it; a length far below the thickness makes the layer a sink."
        why = f"missing, but {carrier} carries orbital moments, which go on into every layer"
        raise refused("orbital_diffusion_length", why, got=NOTHING, remedy=remedy)
    for name in ("rotated_spin_hall_angle", "splitting"):
        if isinstance(element, Layer) and _acts(getattr(element, name, None)):
            chi = element.spin_orbital_polarization
            if _acts(chi):
                why = f"beside {name}: which of both together gain energy is not known here"
                raise refused("spin_orbital_polarization", why, got=chi, remedy="Leave one out.")
    if not isinstance(element, Interface):
        return
    if element.scattering is not None:
        why = f"which knows no orbital moments, but {carrier} carries them"
        raise refused("scattering", why, remedy="Give the coefficients of the interface.")
    if element.orbital_conductance is None:
        why = f"missing, but {carrier} carries orbital moments"
        raise refused("orbital_conductance", why, got=NOTHING, remedy="Give it; 0 lets none through.")
    if element.orbital_spin_mixing_conductance is None:
        return
    if element.mixing_conductance is None:
        why, remedy = "without a mixing_conductance", "Give both."
        raise refused(
            "orbital_spin_mixing_conductance", why, got=element.orbital_spin_mixing_conductance, remedy=remedy
        )
    _check_mixing(film, index, element, refused)


def _acts(value: Any) -> bool:
    """Whether a parameter that is none by default is something."""
    return value is not None and (is_traced(value) or bool(np.any(value)))


def _check_mixing(film: Film, index: int, element: Interface, refused: Any) -> None:
    """With D the drop of phi, 2 Re of [[G, -G_t, G_os], [-G_t, G', 0], [G_os, 0, G_l]] on (psi, psi', D) dissipates."""
    lower: Any = element.mixing_conductance
    upper: Any = lower if element.mixing_conductance_upper is None else element.mixing_conductance_upper
    given = (element.orbital_spin_mixing_conductance, lower, upper, element.orbital_conductance)
    through: Any = element.transmitted_mixing_conductance
    through = 0.0 if through is None else through
    if any(is_traced(v) for v in (*given, through)):
        return
    cross, lower, upper, own, through = (np.asarray(v).real for v in (*given, through))
    here, there = (lower, upper) if magnet_is_above(film, index) else (upper, lower)
    with np.errstate(divide="ignore", invalid="ignore"):
        try:
            left = here - np.where(through == 0, 0.0, through**2 / there)
            most = np.sqrt(own * np.maximum(left, 0))
            gains = np.abs(cross) > most * (1 + 1e-12)
        except ValueError:
            return  # batches that do not fit together are reported for the whole film
    if np.any(gains):
        raise refused(
            "orbital_spin_mixing_conductance",
            "more than dissipates: the interface would gain energy",
            unit="S/m^2",
            got=element.orbital_spin_mixing_conductance,
            allowed=f"a real part up to {np.min(most):.6g} in size, the geometric mean of orbital_conductance and "
            "Re(mixing_conductance) of the face away from the magnet, less |G_t|^2/Re(mixing_conductance) of the other",
        )


def check_losses(film: Film, elements: tuple[int, ...]) -> None:
    """Raise where every layer of a stretch keeps the same sum of spin and orbital moments (c = 1 or -1 in all)."""
    layers: list[Any] = [film.elements[i] for i in elements if isinstance(film.elements[i], Layer)]
    lost = [film.elements[i].value(n) for i in elements if isinstance(film.elements[i], Interface) for n in _LOSSES]
    c = [e.numbers()["spin_orbital_conversion"] for e in layers]
    if any(map(is_traced, [*c, *lost])) or any(v is not None and np.any(v) for v in lost):
        return
    if any(np.all(np.abs(v) < 1) for v in c) or any(film.elements[i].magnetic for i in _around(film, elements)):
        return
    i = next(i for i in elements if isinstance(film.elements[i], Layer))
    raise ParameterError(
        "in every layer: a sum of spin and orbital moments is kept, and its accumulation undetermined",
        where=film.labels()[i],
        field="spin_orbital_conversion",
        got=c[0],
        allowed="in at least one layer between -1 and 1",
        path=(i, "spin_orbital_conversion"),
    )


#: parameters of an interface that lose spin or orbital moments
_LOSSES = ("spin_memory_loss", "orbital_memory_loss")


def _around(film: Film, elements: tuple[int, ...]) -> list[int]:
    return [i for i in (elements[0] - 1, elements[-1] + 1) if 0 <= i < len(film)]


def _check_without(index: int, label: str, element: Any) -> None:
    names = element.orbital_names() if isinstance(element, Layer) else ORBITAL if isinstance(element, Interface) else ()
    for name in names:
        if getattr(element, name) is not None:
            raise ParameterError(
                "but no layer carries orbital moments",
                where=label,
                field=name,
                got=getattr(element, name),
                remedy="Give every layer an orbital_diffusion_length, or leave it out.",
                path=(index, name),
            )
