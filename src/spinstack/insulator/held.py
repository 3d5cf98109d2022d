"""Films whose laws and magnet models are replaced by their numbers at one temperature."""

from __future__ import annotations

from typing import Any

from spinstack.insulator.magnet import Magnet
from spinstack.stack import Film, MagneticInsulator, ParameterError


def without_field(film: Film, T: Any) -> Film:
    """The film with the numbers that its laws give, and its magnet models without field, at T (...) [K].

    Raises ParameterError where there is one and T is None.
    """
    elements = []
    for element in Film.of(film).at(T).elements:
        if isinstance(element, MagneticInsulator) and isinstance(element.magnet, Magnet):
            if T is None and element.magnet.thermal:
                why = "missing, but the film has a magnet model"
                raise ParameterError(why, field="T", remedy="Give T in kelvin, for example T=300.")
            sink, mixing = element.magnet.conductances(0.0, 0.0 if T is None else T)
            element = MagneticInsulator(element.name, spin_sink_conductance=sink, mixing_conductance=mixing)
        elements.append(element)
    return Film(tuple(elements))
