"""From a film to what the equation needs: conducting segments with their rates, contacts and magnets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import Absorber, Contact
from spinstack.boltzmann.conductances import conductances
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
    elements, contact_elements: position of each layer and contact in the film, -1 for none; ends: the insulators below
    and above, None for a plain surface; end_elements: their positions.
    """

    rates: list[Rates]
    contacts: list[Contact]
    layer_magnet: list[int]
    contact_magnet: list[int]
    elements: list[int]
    contact_elements: list[int]
    ends: list[Absorber | None]
    end_elements: list[int]


class Problem(NamedTuple):
    """A film for one direction of its magnets.

    Segments, C [S/m^2], directions of the magnets, whether azimuths matter, number of elements.
    """

    segments: list[Segment]
    C: float
    m: list[np.ndarray]
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
    pending_magnet = pending_element = below_element = -1
    for i, element in enumerate(film.elements):
        magnet = film.magnet_of(i)
        position = magnets.index(magnet) if magnet is not None else -1
        axis = m[position] if position >= 0 else _Z
        if not element.conducts:
            below = _absorber(element, axis, position) if isinstance(element, MagneticInsulator) else None
            if current is not None:
                current.ends[1], current.end_elements[1] = below, i
            below_element = i
            current = None
            continue
        if isinstance(element, Interface):
            if pending is not None:
                why = "two interfaces without a layer between them"
                raise ParameterError(why, where=labels[i], path=(i,), remedy="Join them to one.")
            pending = _contact(film, i, axis, kF, magnet is not None)
            pending_magnet, pending_element = position, i
            continue
        if current is None:
            current = Segment([], [], [], [], [], [], [below, None], [below_element, -1])
            segments.append(current)
        else:
            current.contacts.append(pending or Contact(None, _Z, (0.0, 0.0)))
            current.contact_magnet.append(pending_magnet)
            current.contact_elements.append(pending_element)
        pending, pending_magnet, pending_element = None, -1, -1
        if not isinstance(element, Layer):
            raise ParameterError(f"of type {type(element).__name__}", where=labels[i], path=(i,),
                                 allowed="Metal and Ferromagnet")  # fmt: skip
        current.rates.append(layer_rates(element, axis, kF))
        current.layer_magnet.append(position if element.magnetic else -1)
        current.elements.append(i)
    every = [c.model for s in segments for c in s.contacts if c.model is not None]
    azimuthal = any(model.turns() for model in every)
    return Problem(segments, conductance_constant(kF), m, azimuthal, len(film))


def _contact(film: Film, i: int, axis: np.ndarray, kF: float, magnetic: bool) -> Contact:
    """The interface at position i."""
    element, label = film.elements[i], film.labels()[i]
    assert isinstance(element, Interface)
    p, model = element.numbers("boltzmann"), scattering_model(element)
    if model is not None and (differs := model.differs()):
        raise ParameterError(
            f"with {differs}; the Boltzmann equation has one Fermi sphere for the whole film here",
            where=label, field="scattering", got=model, path=(i, "scattering"),
            allowed="a model whose two sides are alike",
            remedy="Leave these numbers out, or take ss.DriftDiffusion().",
        )  # fmt: skip
    up, down = float(p["diffuse_fraction"]), float(p["diffuse_fraction_down"])
    if up != down:
        why = ""
        if not magnetic:
            why = "that differs from diffuse_fraction, but the interface touches no magnet"
        elif model is not None and model.turns():
            why = "that differs from diffuse_fraction, beside spin-orbit coupling, which turns spins away from m"
        elif model is None and element.mixing_conductance is None:
            why = "that differs from diffuse_fraction, beside conductances that do not know of m"
        elif model is None and p["spin_memory_loss"] != 0:
            why = "that differs from diffuse_fraction, beside spin_memory_loss, which flips spins"
        if why:
            field = "diffuse_fraction_down"
            raise ParameterError(why, where=label, field=field, got=down, path=(i, field), remedy="Leave it out.")
    found = conductances(element, label, i, conductance_constant(kF)) if model is None else model
    return Contact(found, axis, (up, down))


def pointed(problem: Problem, film: Film, m: list[np.ndarray]) -> Problem:
    """The same film, described before, with other directions of its magnets."""
    segments = []
    for s in problem.segments:
        rates = [r._replace(axis=m[k]) if k >= 0 else r for r, k in zip(s.rates, s.layer_magnet, strict=True)]
        contacts = [c._replace(m=m[k]) if k >= 0 else c for c, k in zip(s.contacts, s.contact_magnet, strict=True)]
        ends: list[Absorber | None] = []
        for end, i in zip(s.ends, s.end_elements, strict=True):
            element = film.elements[i]
            if end is not None and isinstance(element, MagneticInsulator):
                end = _absorber(element, m[end.magnet], end.magnet)
            ends.append(end)
        segments.append(s._replace(rates=rates, contacts=contacts, ends=ends))
    return problem._replace(segments=segments, m=m)


def _absorber(element: MagneticInsulator, m: np.ndarray, position: int) -> Absorber:
    if element.magnet is not None:
        why = "whose conductances follow from the temperature"
        raise ParameterError(why, where=element.name, field="magnet", got=element.magnet, remedy="Give T.")
    every, across, turning = absorbing(m)
    torque = element.mixing_conductance.real * across + element.mixing_conductance.imag * turning
    return Absorber(element.spin_sink_conductance * every + torque, torque, position)


def absorbing(m: np.ndarray) -> np.ndarray:
    """(3, 3, 3): what the sink conductance, the real and the imaginary mixing conductance do to mu."""
    turning = np.array([[0.0, m[2], -m[1]], [-m[2], 0.0, m[0]], [m[1], -m[0], 0.0]])  # mu -> mu x m
    return np.stack([np.eye(3), np.eye(3) - np.outer(m, m), turning])
