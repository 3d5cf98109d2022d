"""What stands next to what in a film: neighbours beyond interfaces, and the magnets that an element knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spinstack.stack.element import Element
from spinstack.stack.interface import Interface
from spinstack.stack.junction import TunnelJunction
from spinstack.stack.layer import Layer
from spinstack.stack.parameters import is_open
from spinstack.text.errors import ParameterError, Problems

Elements = Sequence[Element]

BELOW, ABOVE = -1, +1


def neighbour(elements: Elements, index: int, step: int) -> int | None:
    """Position of the next element below (step -1) or above (+1) that is no interface; None beyond the film."""
    i = index + step
    while 0 <= i < len(elements) and isinstance(elements[i], Interface):
        i += step
    return i if 0 <= i < len(elements) else None


def joined(elements: Elements, index: int) -> str:
    """The names on both sides of the element at `index`, such as 'Pt|Co'."""
    around = (neighbour(elements, index, step) for step in (BELOW, ABOVE))
    return "|".join("" if i is None else elements[i].name for i in around)


def labels(elements: Elements) -> tuple[str, ...]:
    """The path owner of each element: its name, or for an interface without a name the names it joins."""
    return tuple(
        joined(elements, i) if isinstance(e, Interface) and e.name == "Interface" else e.name
        for i, e in enumerate(elements)
    )


def magnets_of(elements: Elements, index: int) -> tuple[int, ...]:
    """Positions of the magnets whose m the element at `index` takes.

    Itself, of an interface the one that it touches (of two the upper one unless it names one), of a tunnel junction the
    one below and the one above, in this order; () where there is none.
    """
    element = elements[index]
    if element.magnetic:
        return (index,)
    if not isinstance(element, Interface | TunnelJunction):
        return ()
    around = {step: neighbour(elements, index, step) for step in (BELOW, ABOVE)}
    touching = {step: i for step, i in around.items() if i is not None and elements[i].magnetic}
    if isinstance(element, TunnelJunction):
        for step in (BELOW, ABOVE):
            _check_side(elements, index, step, around[step])
        return tuple(touching[step] for step in (BELOW, ABOVE))
    if element.magnet is None:
        return tuple(touching.values())[-1:]
    named = [i for i in (touching.get(ABOVE), touching.get(BELOW)) if i is not None]
    found = next((i for i in named if elements[i].name == element.magnet), None)
    if found is None:
        names = ", ".join(elements[i].name for i in named) or "none"
        raise _refused(
            elements, index, "magnet", "which the interface does not touch", got=element.magnet,
            remedy=f"Magnets it touches: {names}.",
        )  # fmt: skip
    return (found,)


def check(elements: Elements) -> None:
    """Raise :class:`ParameterError` about every interface and junction that does not fit between its neighbours."""
    problems = Problems()
    for i, element in enumerate(elements):
        with problems:
            if isinstance(element, Interface):
                _check_interface(elements, i, element)
            elif isinstance(element, TunnelJunction):
                magnets_of(elements, i)
    problems.end()


def _check_side(elements: Elements, index: int, step: int, found: int | None) -> None:
    """Raise where a tunnel junction has no conducting magnet on one of its sides."""
    there = None if found is None else elements[found]
    if isinstance(there, Layer) and there.magnetic:
        return
    side = "below" if step == BELOW else "above"
    what = "nothing" if there is None else f"{there.name!r}, a {type(there).__name__}"
    remedy = "Put a Ferromagnet there."
    if isinstance(there, Layer):
        remedy += (
            " A barrier of conductance G between a metal and a magnet of tunnelling polarization P is an Interface "
            "with conductance_up = G (1 + P)/2, conductance_down = G (1 - P)/2 and mixing_conductance = G/2."
        )
    where = labels(elements)[index]
    raise ParameterError(f"joins two magnets, but {side} it is {what}", where=where, path=(index,), remedy=remedy)


def _check_interface(elements: Elements, i: int, element: Interface) -> None:
    if (below := neighbour(elements, i, BELOW)) is None or neighbour(elements, i, ABOVE) is None:
        raise ParameterError(
            f"The {'lowest' if below is None else 'topmost'} element of the film is an interface.",
            remedy="An interface joins two neighbours; remove it or add a layer (or Vacuum) beyond it.",
            path=(i,),
        )
    magnet = next(iter(magnets_of(elements, i)), None)
    if element.scattering is not None:
        _check_scattering(elements, i, magnet)
        return
    without = "given, but the interface touches no magnet"
    if magnet is None and element.mixing_conductance is not None:
        remedy = "Leave it out, with conductance_up = conductance_down."
        raise _refused(elements, i, "mixing_conductance", without, remedy=remedy)
    if magnet is None and not is_open(element.precession) and np.any(np.asarray(element.precession) != 0):
        raise _refused(elements, i, "precession", without, remedy="Leave it out.")


def _check_scattering(elements: Elements, index: int, magnet: int | None) -> None:
    around = [elements[i] for i in (index - 1, index + 1)]
    for one in around:
        if not isinstance(one, Layer):
            raise _refused(
                elements, index, "scattering", f"the neighbour {one.name!r} is no metal",
                allowed="a Metal or a Ferromagnet on either side, because electrons arrive from both",
            )  # fmt: skip
    interface: Any = elements[index]
    for split, position in zip(interface.scattering.split(), (index - 1, index + 1), strict=True):
        if split and position != magnet:
            why = f"with spheres for both spins of {elements[position].name!r}, which is not its magnet"
            remedy = "Give the splitting of the magnet that the interface touches; magnet= says which of two."
            raise _refused(elements, index, "scattering", why, remedy=remedy)
    if magnet is None and (name := interface.scattering.asks_for_magnet()):
        why = "given, but the interface touches no magnet"
        raise _refused(elements, index, f"scattering.{name}", why, remedy="Leave it out.")


def _refused(elements: Elements, index: int, field: str, why: str, **fields: Any) -> ParameterError:
    """The error for one field of the element at `index`."""
    return ParameterError(why, where=labels(elements)[index], field=field, path=(index, *field.split(".")), **fields)
