"""From a film to what the equation needs: conducting segments with their rates, contacts and magnets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import Absorber, Contact
from spinstack.boltzmann.rates import Rates, layer_rates
from spinstack.scattering.fermi_sphere import fermi_wavevector
from spinstack.scattering.model import scattering_model
from spinstack.stack import Film, Interface, Layer, MagneticInsulator
from spinstack.stack.collisions import conductance_constant
from spinstack.text.errors import ParameterError

_Z = np.array([0.0, 0.0, 1.0])


class Segment(NamedTuple):
    """Layers in electrical contact, bottom first, and the contacts between them.

    layer_magnet, contact_magnet: position of the magnet in the list of the film's magnets, -1 for none;
    elements: position of each layer in the film; ends: the insulators below and above, None for a plain surface.
    """

    rates: list[Rates]
    contacts: list[Contact]
    layer_magnet: list[int]
    contact_magnet: list[int]
    elements: list[int]
    ends: list[Absorber | None]


class Problem(NamedTuple):
    """A film for one direction of its magnets.

    Segments, C [S/m^2], number of magnets, whether azimuths matter, number of elements.
    """

    segments: list[Segment]
    C: float
    magnets: int
    turns: bool
    elements: int


def magnet_positions(film: Film) -> list[int]:
    """Positions of the magnetic elements, bottom first."""
    return [i for i, e in enumerate(film.elements) if e.magnetic]


def describe(film: Film, m: list[np.ndarray]) -> Problem:
    """The problem for one film without array-valued parameters; m: one unit vector (3,) per magnet.

    Raises :class:`ParameterError` for everything in the film that the equation does not describe.
    """
    film.check()
    film.require_read("boltzmann")
    kF = fermi_wavevector(film)
    magnets = magnet_positions(film)
    labels = film.labels()
    segments: list[Segment] = []
    current: Segment | None = None
    pending: Contact | None = None
    below: Absorber | None = None
    pending_magnet = -1
    for i, element in enumerate(film.elements):
        magnet = film.magnet_of(i)
        position = magnets.index(magnet) if magnet is not None else -1
        axis = m[position] if position >= 0 else _Z
        if not element.conducts:
            below = _absorber(element, axis, position) if isinstance(element, MagneticInsulator) else None
            if current is not None:
                current.ends[1] = below
            current = None
            continue
        if isinstance(element, Interface):
            if pending is not None:
                why = "two interfaces without a layer between them"
                raise ParameterError(why, where=labels[i], path=(i,), remedy="Join them to one.")
            fraction = element.numbers("boltzmann")["diffuse_fraction"]
            pending, pending_magnet = Contact(scattering_model(element), axis, float(fraction)), position
            continue
        if current is None:
            current = Segment([], [], [], [], [], [below, None])
            segments.append(current)
        else:
            current.contacts.append(pending or Contact(None, _Z, 0.0))
            current.contact_magnet.append(pending_magnet)
        pending, pending_magnet = None, -1
        if not isinstance(element, Layer):
            raise ParameterError(f"of type {type(element).__name__}", where=labels[i], path=(i,),
                                 allowed="Metal and Ferromagnet")  # fmt: skip
        current.rates.append(layer_rates(element, axis, kF))
        current.layer_magnet.append(position if element.magnetic else -1)
        current.elements.append(i)
    every = [c.model for s in segments for c in s.contacts if c.model is not None]
    azimuthal = any(model.turns() for model in every)
    return Problem(segments, conductance_constant(kF), len(magnets), azimuthal, len(film))


def _absorber(element: MagneticInsulator, m: np.ndarray, position: int) -> Absorber:
    if element.magnet is not None:
        why = "whose conductances follow from the temperature"
        raise ParameterError(why, where=element.name, field="magnet", got=element.magnet, remedy="Give T.")
    mixing = element.mixing_conductance
    turn = np.array([[0.0, m[2], -m[1]], [-m[2], 0.0, m[0]], [m[1], -m[0], 0.0]])  # mu -> mu x m
    torque = mixing.real * (np.eye(3) - np.outer(m, m)) + mixing.imag * turn
    return Absorber(element.spin_sink_conductance * np.eye(3) + torque, torque, position)
