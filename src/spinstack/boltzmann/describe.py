"""From a film to what the equation needs: conducting segments with their rates, contacts and magnets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import Absorber
from spinstack.boltzmann.conductances import conductances
from spinstack.boltzmann.contact import Contact, Spheres
from spinstack.boltzmann.quadrature import ONE, Directions, directions, resolved
from spinstack.boltzmann.rates import Rates, layer_rates
from spinstack.scattering.barrier import Barrier
from spinstack.scattering.data import ScatteringData
from spinstack.scattering.fermi_sphere import fermi_spheres
from spinstack.scattering.model import scattering_model
from spinstack.stack import Film, Interface, Layer, MagneticInsulator
from spinstack.stack.collisions import conductance_constant
from spinstack.text.errors import ParameterError

#: difference of radii that is rounding
_SAME = 1e-9
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

    Segments, C [S/m^2] of the largest Fermi sphere, directions of the magnets, whether azimuths matter, number of
    elements, radii of all spheres over the largest one, rising; resolved: whether layers treat azimuths differently.
    """

    segments: list[Segment]
    C: float
    m: list[np.ndarray]
    turns: bool
    elements: int
    radii: tuple[float, ...] = ONE
    resolved: bool = False

    def directions(self, grid: tuple[int, int]) -> Directions:
        """So many polar directions and azimuths."""
        return resolved(*grid) if self.resolved else directions(*grid, self.radii)


def magnet_positions(film: Film) -> list[int]:
    """Positions of the magnetic elements, bottom first."""
    return [i for i, e in enumerate(film.elements) if e.magnetic]


def describe(film: Film, m: list[np.ndarray]) -> Problem:
    """The problem for one film without array-valued parameters; m: one unit vector (3,) per magnet.

    Raises :class:`ParameterError` for everything in the film that the equation does not describe.
    """
    film.check()
    film.require_read("boltzmann")
    spheres = fermi_spheres(film)
    radius, radii, largest = _radii(spheres)
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
            sides = tuple(radius.get(at, (1.0, 1.0)) for at in (i - 1, i + 1))
            pending = _contact(film, i, axis, largest, magnet is not None, (sides[0], sides[1]))
            pending_magnet, pending_element = position, i
            continue
        if current is None:
            current = Segment([], [], [], [], [], [], [below, None], [below_element, -1])
            segments.append(current)
        else:
            if pending is None:
                pending, pending_magnet = _perfect(current, radius[i], axis, position)
            current.contacts.append(pending)
            current.contact_magnet.append(pending_magnet)
            current.contact_elements.append(pending_element)
        pending, pending_magnet, pending_element = None, -1, -1
        if not isinstance(element, Layer):
            raise ParameterError(f"of type {type(element).__name__}", where=labels[i], path=(i,),
                                 allowed="Metal and Ferromagnet")  # fmt: skip
        current.rates.append(_rates(element, labels[i], i, axis, spheres[i], radius[i]))
        current.layer_magnet.append(position if element.magnetic else -1)
        current.elements.append(i)
    every = [c.model for s in segments for c in s.contacts if c.model is not None]
    azimuthal = any(model.turns() or isinstance(model, ScatteringData) for model in every)
    for s in segments:
        _check_ends(film, s)
    apart = _check_anisotropic(film, segments, radii)
    return Problem(segments, conductance_constant(largest), m, azimuthal or apart, len(film), radii, apart)


def _radii(
    spheres: Mapping[int, tuple[float, float]],
) -> tuple[dict[int, tuple[float, float]], tuple[float, ...], float]:
    """Of every layer the radii of majority and minority over the largest, all radii, the largest wave vector [1/m]."""
    largest = max(k * (1 + abs(splitting)) for k, splitting in spheres.values())
    known: list[float] = []

    def snapped(k: float) -> float:
        r = k / largest
        near = [other for other in known if abs(other - r) <= _SAME]
        known.extend([] if near else [r])
        return near[0] if near else r

    snapped(largest)
    radius = {i: (snapped(k * (1 + s)), snapped(k * (1 - s))) for i, (k, s) in spheres.items()}
    return radius, tuple(sorted(known)), largest


def _rates(
    layer: Layer, label: str, i: int, axis: np.ndarray, sphere: tuple[float, float], radius: tuple[float, float]
) -> Rates:
    found = layer_rates(layer, axis, *sphere, radius)
    if found.split and (found.source.any() or found.splitter.any()):
        why = "beside spheres for both spins, between which it would turn the spin"
        raise ParameterError(why, where=label, field="spin_hall_angle", got=layer.spin_hall_angle,
                             path=(i, "spin_hall_angle"), remedy="Leave it out.")  # fmt: skip
    return found


def _perfect(below: Segment, radius: tuple[float, float], axis: np.ndarray, magnet: int) -> tuple[Contact, int]:
    """The contact of a layer with the layers below it, and the magnet whose spins differ there, else -1."""
    last = below.rates[-1]
    if last.split:
        axis, magnet = last.axis, below.layer_magnet[-1]
    elif radius[0] == radius[1]:
        axis, magnet = _Z, -1
    return Contact(None, axis, (0.0, 0.0), (last.radius, radius)), magnet


def _check_anisotropic(film: Film, segments: Sequence[Segment], radii: tuple[float, ...]) -> bool:
    """Whether rates depend on the angle to m; refuses what does not go with it."""
    labels, found = film.labels(), False
    for segment in segments:
        for i, r in zip(segment.elements, segment.rates, strict=True):
            if not r.anisotropic:
                continue
            found = True
            why = ""
            if r.source.any():
                why = "beside a spin Hall effect of the same layer"
            if radii != ONE:
                why = "in a film with several Fermi spheres"
            if min(r.up, r.down) * (1 + min(0.0, *r.anisotropy)) < r.flip:
                why = "with which spins flip more often than electrons collide along m"
            if why:
                field = "scattering_anisotropy"
                raise ParameterError(why, where=labels[i], field=field, got=getattr(film[i], field), path=(i, field),
                                     remedy="Leave one of them out.")  # fmt: skip
    return found


def _check_ends(film: Film, segment: Segment) -> None:
    """Refuse what spheres for both spins do not go with."""
    labels = film.labels()
    for n, r in enumerate(segment.rates):
        if not r.split:
            continue
        i = segment.elements[n]
        ends = [segment.ends[0] if n == 0 else None, segment.ends[1] if n == len(segment.rates) - 1 else None]
        why = ""
        if any(end is not None for end in ends):
            why = "of a magnet on a magnetic insulator, whose conductances know of spin across m"
        for at in (n - 1, n):
            if 0 <= at < len(segment.contacts):
                other = segment.rates[at if at == n - 1 else at + 1]
                if other.split:
                    why = "of two magnets that touch each other, each with spheres for both spins"
        if why:
            got = getattr(film[i], "fermi_splitting", None)
            raise ParameterError(why, where=labels[i], field="fermi_splitting", got=got, path=(i,),
                                 remedy="Put a metal between them, or leave it out.")  # fmt: skip


def _contact(film: Film, i: int, axis: np.ndarray, largest: float, magnetic: bool, spheres: Spheres) -> Contact:
    """The interface at position i between these spheres; largest: of the wave vectors of the film."""
    element, label = film.elements[i], film.labels()[i]
    assert isinstance(element, Interface)
    p, model = element.numbers("boltzmann"), scattering_model(element)
    if isinstance(model, ScatteringData):
        _check_data(model, label, i, spheres)
    elif model is not None and model.differs():
        if not isinstance(model, Barrier):
            raise ParameterError(
                "which does not say what happens to every direction of k", where=label, field="scattering", got=model,
                path=(i, "scattering"), allowed="a model that does, such as ss.DeltaBarrier or ss.Barrier",
                remedy="Take ss.DriftDiffusion().",
            )  # fmt: skip
        if model.coherent and any(model.split()):
            why = "with which spin across m enters a metal whose spins have spheres of their own"
            raise ParameterError(why, where=label, field="coherent", got=True, path=(i, "scattering"),
                                 remedy="Leave it out: such spin ends at the interface as torque.")  # fmt: skip
    one = len({r for side in spheres for r in side}) == 1
    if model is None and not one:
        why = "that do not say which k they pass, between metals with different Fermi spheres"
        raise ParameterError(why, where=label, field="conductances", got=element.conductances, path=(i,),
                             remedy="Give scattering=ss.Barrier(...), or leave it out for a step.")  # fmt: skip
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
    C = conductance_constant(largest * spheres[0][0])
    found = conductances(element, label, i, C) if model is None else model
    return Contact(found, axis, (up, down), spheres, largest)


def _check_data(model: ScatteringData, label: str, i: int, spheres: Spheres) -> None:
    """Refuse scattering data that are not of Fermi spheres, before anything is computed."""
    try:
        model.flows()
    except ParameterError as error:
        raise error.with_fields(where=label, path=(i, "scattering")) from None
    for split, (up, down) in zip(model.split(), spheres, strict=True):
        if split and up == down:
            why = "of a metal whose spins have one Fermi sphere and which carries spin across m, too"
            raise ParameterError(why, where=label, field="split", got=model.split(), path=(i, "scattering"),
                                 remedy="Give both spins of its modes, without split.")  # fmt: skip


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
