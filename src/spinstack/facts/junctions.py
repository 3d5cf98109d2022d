"""What follows from the parameters of a tunnel junction by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spinstack.stack import Film
from spinstack.stack.junction import TunnelJunction


@dataclass(frozen=True)
class JunctionFacts:
    """Derived quantities of one tunnel junction [SI], of the barrier alone.

    `parallel`, `perpendicular` and `antiparallel` are its resistance times area [Ohm m^2] with the two magnets like
    that, `tmr` is (antiparallel - parallel)/parallel, `conductance` the mean G0 of the two collinear states [S/m^2].
    """

    label: str
    parallel: float
    perpendicular: float
    antiparallel: float
    tmr: float
    conductance: float


def junction_facts(film: Film) -> dict[int, JunctionFacts]:
    """By position in the film, for every tunnel junction."""
    film = film.at(None)
    labels = film.labels()
    out = {}
    for i, element in enumerate(film):
        if not isinstance(element, TunnelJunction):
            continue
        p: dict[str, Any] = element.numbers()
        both, parallel = p["polarization"] * p["polarization_upper"], p["resistance_area_product"]
        tmr = 2 * both / (1 - both)
        mean = parallel * (1 + both)
        out[i] = JunctionFacts(labels[i], parallel, mean, parallel * (1 + tmr), tmr, 1 / mean)
    return out
