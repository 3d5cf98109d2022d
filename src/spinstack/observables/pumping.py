"""Spin pumping: the damping that a film adds to its magnets, and the current that a moving magnet drives."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from spinstack.insulator.domains import has_domains, over_domains
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED
from spinstack.observables.registry import Labels, Named, Output, labelled_observable
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.stack.film import magnet_labels
from spinstack.stack.interface import Interface
from spinstack.text.checks import choice, number
from spinstack.text.units import In

#: w = -(hbar/e) m x dm/dt [V] per rad/s
PER_RATE = -PLANCK_REDUCED / ELEMENTARY_CHARGE
#: points of a precession over which is averaged
_POINTS = 32
_BOLTZMANN = {"boltzmann": "only magnets at rest in the equation"}


def _damping_labels(film: Film, **_: Any) -> Labels:
    pair = ("magnet", "component", "of_magnet", "of_component")
    names = list(magnet_labels(film))
    outputs = (
        Output("effective_mixing_conductance", "S/m^2", "effective mixing conductance", pair[:1]),
        Output("damping_conductance", "S/m^2", "damping conductance", pair),
        Output("bulk_conductance", "S/m^2", "damping conductance of the bulk by itself", pair[:2] + pair[3:]),
    )
    return Labels(outputs, {"magnet": names, "of_magnet": names})


@labelled_observable("damping by spin pumping", _damping_labels, why_not=_BOLTZMANN)
def damping_conductance(
    film: Film,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
) -> dict[str, Any]:
    """Damping that spin pumping adds to every magnet, as a conductance, and what the magnets do to each other.

    A magnet that moves shifts the spin accumulation that it sees by ``w = -(hbar/e) m x dm/dt``; the spin current that
    ends in magnet i is ``Q_i = sum_j L_ij w_j``, and ``Delta alpha_ij = g hbar^2 L_ij/(2 e^2 M_s t)`` with the
    gyromagnetic ratio g (Tserkovnyak, Brataas, Bauer, Phys. Rev. Lett. 88, 117601 (2002)). L(m, B) is the transpose of
    L(-m, -B). Spin of the conduction electrons that relaxes inside a magnet damps it by itself, whatever stands beside
    it: this is part of the damping that one measures of a thick magnet, and given apart.

    Args:
        film: the film, possibly batched.
        m, B, T: as in :func:`sheet_conductance`; the directions about which the magnets move.

    Returns:
        Dataset with `effective_mixing_conductance` (..., magnet) [S/m^2], the mean of L_ii over the two directions
        across m; `damping_conductance` (..., magnet, component, of_magnet, of_component) [S/m^2], L; and
        `bulk_conductance` (..., magnet, component, of_component) [S/m^2], of each magnet by itself.

    Raises:
        ParameterError: a film without magnets, an interface whose model does not say what it does.
    """
    found = _pumping(film, Conditions(m=m, B=B, T=T), "damping_conductance")
    damping, xp = found["damping"], array_module(found["damping"])
    own = xp.einsum("...iaia->...i", damping)
    return {
        "effective_mixing_conductance": own / 2,  # L is zero along m
        "damping_conductance": damping,
        "bulk_conductance": found["bulk"],
    }


def _pumping_labels(film: Film, **_: Any) -> Labels:
    plane = ("row",)
    return Labels((
        Output("sheet_current", "A/m", "in-plane sheet current, dc", plane),
        Output("electric_field", "V/m", "in-plane field that stops the dc current", plane),
        Output("spin_current", "A/m^2", "spin current out of the magnet, dc", ("spin",)),
        Output("rotation", "rad/s", "mean of m x dm/dt", ("axis",)),
    ))  # fmt: skip


@labelled_observable("spin pumping by a precession", _pumping_labels, why_not=_BOLTZMANN)
def spin_pumping(
    film: Film,
    frequency: Annotated[float, In("Hz")],
    cone_angle: Annotated[float | tuple[float, float], In("deg")],
    magnet: Annotated[str | None, Named(magnet_labels, "magnets")] = None,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
) -> dict[str, Any]:
    """Direct current of a precessing magnet: spin pumping and the inverse of all that makes torques.

    At every moment the magnet drives the in-plane sheet current ``I = P(m) w``, ``w = -(hbar/e) m x dm/dt``, and P is
    by Onsager's relation minus the transposed torque per field at -m. The mean over one turn is given; what of the
    torque is field-like drives no direct current. ``<m x dm/dt> = 2 pi f sin^2(cone) m`` for a circular cone.

    The magnet turns about its m as a free moment does in a field along m (counter-clockwise); with a negative
    frequency the other way. All other magnets stay at rest. Voltage per length is `electric_field`: the contacts are
    open to direct current, and alternating current flows freely.

    Args:
        film: the film, possibly batched.
        frequency: of the precession [Hz].
        cone_angle: between m and its mean direction [deg]; two numbers of an ellipse: towards z x m in the plane, and
            across that (out of the plane, where m is in it). For m along z towards x and y.
        magnet: which one precesses; may be left out where there is one.
        m, B, T: as in :func:`sheet_conductance`; m is the mean direction.

    Returns:
        Dataset with `sheet_current` (..., row) [A/m] and `electric_field` (..., row) [V/m], along x and y;
        `spin_current` (..., spin) [A/m^2] that leaves the magnet, and `rotation`, the mean of m x dm/dt (..., axis)
        [rad/s].

    Raises:
        ParameterError: as in :func:`damping_conductance`; a frequency of zero, a cone of 90 degrees or more.
    """
    at, labels = Conditions(m=m, B=B, T=T), magnet_labels(film)
    which = _moving(labels, magnet)
    rate = 2 * np.pi * _frequency(frequency)
    if has_domains(film, at):
        why, remedy = "with domains of an antiferromagnet, of which each has its own", "Give m of every magnet."
        raise ParameterError(why, where="spin_pumping", field="m", remedy=remedy)
    shape = np.broadcast_shapes(film.batch_shape, at.batch)
    directions, rotation = _precession(film, at, which, _cone(cone_angle), shape)
    found = _pumping(film, Conditions(m=directions, B=at.B, T=at.T), "spin_pumping")
    w, xp = PER_RATE * rate * rotation, array_module(found["damping"])
    sheet_current = xp.einsum("...ak,...k->...a", found["current"][..., which, :], w).mean(0)
    spin_current = xp.einsum("...ab,...b->...a", found["damping"][..., which, :, which, :], w)
    stop = xp.linalg.solve(found["sheet"].mean(0), sheet_current[..., None])[..., 0]
    return {
        "sheet_current": sheet_current,
        "electric_field": -stop,
        "spin_current": -spin_current.mean(0),
        "rotation": xp.broadcast_to(rate * rotation.mean(0), (*sheet_current.shape[:-1], 3)),
    }


def _pumping(film: Film, at: Conditions, where: str) -> dict[str, Any]:
    """What the circuit answers; see :func:`spinstack.circuit.solve.pumping`."""
    if not magnet_labels(film):
        remedy = "Add a Ferromagnet or a MagneticInsulator."
        raise ParameterError("has no magnet", where=where, field="film", remedy=remedy)
    _check_models(film)
    return _answer(None, film, at)


@over_domains
def _answer(_: Any, film: Film, at: Conditions) -> dict[str, Any]:
    from spinstack.circuit import solve

    return solve.pumping(film, at.m, at.B, at.T)


def _check_models(film: Film) -> None:
    """Refuse interfaces with spin-orbit coupling whose model does not say how it slows a magnetisation."""
    from spinstack.scattering.model import ScatteringModel, scattering_model

    for i, (label, element) in enumerate(zip(film.labels(), film.elements, strict=True)):
        model = scattering_model(element)
        if model is not None and model.turns() and type(model).friction is ScatteringModel.friction:
            assert isinstance(element, Interface)
            raise element.refused(
                "scattering", "with spin-orbit coupling, and does not say what it does to a magnetisation that moves",
                where=label, path=(i, "scattering"), allowed="spinstack.DeltaBarrier(...), or a model with `friction`",
            )  # fmt: skip


def _moving(labels: tuple[str, ...], magnet: str | None) -> int:
    """Which magnet moves."""
    if magnet is None and len(labels) == 1:
        return 0
    return labels.index(choice(magnet, "magnet", labels))


def _frequency(frequency: Any) -> Any:
    if not is_traced(frequency):
        number(frequency, "frequency", unit="Hz")
        if frequency == 0:
            why, allowed = "at which nothing moves", "a number other than zero"
            raise ParameterError(
                why, where="spin_pumping", field="frequency", unit="Hz", got=frequency, allowed=allowed
            )
    return frequency


def _cone(angle: Any) -> tuple[Any, Any]:
    """The two amplitudes of m across its mean direction."""
    several = isinstance(angle, tuple | list) or (isinstance(angle, np.ndarray) and angle.ndim > 0)
    both = tuple(angle) if several else (angle, angle)
    if len(both) != 2:
        allowed = "one angle, or two of an ellipse"
        raise ParameterError(where="spin_pumping", field="cone_angle", unit="deg", got=angle, allowed=allowed)
    for one in both:
        if not is_traced(one):
            number(one, "cone_angle", low=0, high=90, open_high=True, unit="deg")
    if not any(map(is_traced, both)) and not any(both):
        why, allowed = "with which nothing moves", "an angle above 0 and below 90"
        raise ParameterError(why, where="spin_pumping", field="cone_angle", unit="deg", got=angle, allowed=allowed)
    xp = array_module(*both)
    return xp.sin(xp.deg2rad(both[0])), xp.sin(xp.deg2rad(both[1]))


def _precession(
    film: Film, at: Conditions, which: int, size: tuple[Any, Any], shape: tuple[int, ...]
) -> tuple[dict[str, Any], Any]:
    """Directions of all magnets by label at the points of one turn, ahead of the batch, and m x dm/dphase."""
    from spinstack.circuit.orientation import magnet_directions

    found = dict(zip(magnet_labels(film), magnet_directions(film, at.m, at.B, at.T), strict=True))
    label = magnet_labels(film)[which]
    xp = array_module(*found.values(), *size)
    axis = xp.broadcast_to(found[label], (*shape, 3))
    x, y, z = axis[..., 0], axis[..., 1], axis[..., 2]
    length2 = x * x + y * y
    pole = length2 == 0
    length = xp.sqrt(xp.where(pole, 1.0, length2))
    # towards z x m in the plane, and across it
    first = xp.stack([xp.where(pole, xp.ones_like(x), -y / length), xp.where(pole, 0.0, x / length), 0.0 * z], -1)
    second = xp.cross(axis, first)
    axis, first, second = axis[None], first[None], second[None]
    phase = (2 * np.pi * np.arange(_POINTS) / _POINTS).reshape(-1, *(1,) * (len(shape) + 1))
    across = size[0] * np.cos(phase) * first + size[1] * np.sin(phase) * second
    moves = size[1] * np.cos(phase) * second - size[0] * np.sin(phase) * first
    along = xp.sqrt(1 - (across * across).sum(-1, keepdims=True))
    m = along * axis + across
    found[label] = m
    return found, xp.cross(m, moves - (across * moves).sum(-1, keepdims=True) / along * axis)
