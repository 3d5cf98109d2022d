"""Spin-torque efficiencies and effective fields of every magnet, with the Oersted field beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from spinstack.insulator.domains import has_domains
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.numerics.constants import VACUUM_PERMEABILITY
from spinstack.observables.registry import Labels, Named, Output, arrays, labelled_observable
from spinstack.observables.solvers import Solver, chosen
from spinstack.observables.torques import PER_SPIN_CURRENT, torque
from spinstack.stack import Ferromagnet, Film, Layer, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.stack.directions import in_plane_field
from spinstack.stack.film import magnet_labels
from spinstack.text.checks import choice, number
from spinstack.text.errors import Problems
from spinstack.text.units import In

_TORQUES = ("damping_like", "field_like")
#: every layer together, as a reference
WHOLE = "film"


def _references(film: Film) -> tuple[str, ...]:
    return (*dict.fromkeys(e.name for e in film.layers), WHOLE)


def _labels(film: Film, *, reference: str, magnetization: Any, E: Any, **_: Any) -> Labels:
    of = "average over the film" if reference == WHOLE else f"in {reference}"
    each = ("magnet", "torque")
    outputs = [
        Output("torkance", "N/V", "torque per area and field", each),
        Output("per_field", "S/m", "efficiency per electric field", each),
        Output("per_current_density", "1", f"efficiency per current density {of}", each, {"reference": reference}),
        Output("oersted_field", "T", "Oersted field along z x E", ("magnet",)),
        Output("current_density", "A/m^2", f"current density {of}", (), {"reference": reference}),
    ]
    coords = {"magnet": list(magnet_labels(film)), "torque": list(_TORQUES)}
    if magnetization is not None:
        outputs.insert(3, Output("effective_field", "T", "effective field", ("ferromagnet", "torque")))
        coords["ferromagnet"] = [coords["magnet"][i] for i, _ in _moments(film, magnetization)]
    return Labels(tuple(outputs), coords, {"E_V_per_m": in_plane_field(E).tolist()})


@labelled_observable("spin-torque efficiencies", _labels)
def torque_efficiency(
    film: Film,
    reference: Annotated[str, Named(_references, "layers, or all of them")],
    magnetization: Annotated[Mapping[str, float] | None, In("A/m")] = None,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
    E: Annotated[Any, In("V/m")] = (1.0, 0.0),
    solver: Solver | None = None,
) -> dict[str, Any]:
    """Damping-like and field-like efficiencies of the torque on every magnet at its direction m.

    ``torque = (hbar/2e) |E| [xi_DL m x (p x m) + xi_FL p x m]``, ``p = z x E/|E|``, holds xi per electric field [S/m];
    divided by ``sigma = j/|E|`` of the reference it is the efficiency per current density. j is what the reference
    layer really carries: other layers shunt the rest. A spin current polarised along p that is all absorbed gives
    xi_DL > 0: a positive spin Hall angle below the magnet, or a negative one above it. In an effective field
    ``B = B_FL p + B_DL m x p`` the torque is ``M_s t m x B``: fields have the sign opposite to that of efficiencies.

    The Oersted field at a magnet is that of the sheet currents below and above it, ``(mu0/2)(K_below - K_above) x z``,
    given along p as B_FL is; a magnet's own uniform current adds nothing to its mean.

    Args:
        film: the film, possibly batched.
        reference: layer whose mean current density the efficiency refers to, or "film" for the mean over all layers.
        magnetization: M_s [A/m] of ferromagnets by name, for effective fields; others have none.
        m, B, T: as in :func:`sheet_conductance`; no magnet along p, where both directions vanish.
        E: in-plane field (2) [V/m] that effective and Oersted fields belong to.
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over `magnet` and `torque` (damping_like, field_like): torkance [N/V], per_field [S/m],
        per_current_density [1]; with magnetization effective_field [T] over `ferromagnet`; oersted_field [T] of
        every magnet; current_density [A/m^2] of the reference along E.

    Raises:
        ParameterError: a field E of zero, a film without magnets, an unknown reference, a magnetisation that is not
            positive or of no ferromagnet, a magnet along p.
    """
    choice(reference, "reference", _references(film))
    at, theory = Conditions(m=m, B=B, T=T, E=E), chosen(solver)
    if has_domains(film, at):
        why, remedy = "with domains of an antiferromagnet, of which each has its own", "Give m of every magnet."
        raise ParameterError(why, where="torque_efficiency", field="m", remedy=remedy)
    moments = None if magnetization is None else _moments(film, magnetization)
    found = list(arrays(torque)(film, m=m, B=B, T=T, E=E, solver=solver).values())
    size = array_module(at.E).hypot(*at.E)
    if not is_traced(size) and not np.all(size > 0):
        why = "an efficiency is a torque per field"
        raise ParameterError(why, field="E", unit="V/m", got=E, allowed="a field in the plane other than zero")
    along = at.E / size
    across, of_m = _directions(film, at, along)
    xp = array_module(*found, across)
    T_per_E = xp.stack(found, -2) / size
    across, of_m = (xp.broadcast_to(v, T_per_E.shape) for v in (across, of_m))
    square = (across * across).sum(-1)
    torkance = xp.stack([(T_per_E * v).sum(-1) / square for v in (xp.cross(of_m, across), across)], -1)
    current = theory.elements(film, at, "sheet_current") @ along
    chosen_layers = [i for i, e in enumerate(film.elements) if isinstance(e, Layer) and reference in (e.name, WHOLE)]
    thickness = sum(film.elements[i].thickness for i in chosen_layers)  # type: ignore[attr-defined]
    j = sum(current[..., i] for i in chosen_layers) / thickness
    per_field = torkance / PER_SPIN_CURRENT
    out = {"torkance": torkance, "per_field": per_field, "per_current_density": per_field * (size / j)[..., None, None]}
    if moments is not None:
        which, sheet = zip(*moments, strict=True)
        out["effective_field"] = (
            -torkance[..., list(which), :] * size / xp.stack(xp.broadcast_arrays(*sheet), -1)[..., None]
        )
    places = [i for i, e in enumerate(film.elements) if e.magnetic]
    below_and_above = [current[..., :i].sum(-1) - current[..., i + 1 :].sum(-1) for i in places]
    return out | {
        "oersted_field": -VACUUM_PERMEABILITY / 2 * array_module(current).stack(below_and_above, -1),
        "current_density": j,
    }


def _directions(film: Film, at: Conditions, along: Any) -> tuple[Any, Any]:
    """p x m and m (..., magnets, 3)."""
    from spinstack.circuit.orientation import magnet_directions

    each = magnet_directions(film, at.m, at.B, at.T)
    xp = array_module(*each, along)
    p = xp.stack([-along[1], along[0], 0.0 * along[0]])
    shape = np.broadcast_shapes(*(v.shape for v in each))
    of_m = xp.stack([xp.broadcast_to(v, shape) for v in each], -2)
    across = xp.cross(p, of_m)
    if not is_traced(across):
        vanishes = (np.asarray(across) ** 2).sum(-1) < 1e-24
        if vanishes.any():
            name = magnet_labels(film)[int(np.argwhere(vanishes)[0][-1])]
            why = f"along which {name} lies: across the current in the plane both torques vanish"
            raise ParameterError(why, field="m", remedy="Give a direction that is not z x E.")
    return across, of_m


def _moments(film: Film, magnetization: Mapping[str, float]) -> list[tuple[int, Any]]:
    """The magnets of which a magnetisation is given: which of all, and M_s t [A]."""
    problems, known = Problems(), tuple(dict.fromkeys(e.name for e in film.elements if isinstance(e, Ferromagnet)))
    with problems:
        if not isinstance(magnetization, Mapping) or not magnetization:
            raise ParameterError(field="magnetization", got=magnetization, allowed=", ".join(known))
    for name, value in magnetization.items() if isinstance(magnetization, Mapping) else ():
        with problems:
            choice(name, "magnetization", known)
            number(value, f"magnetization[{name!r}]", low=0, open_low=True, unit="A/m")
    problems.end()
    magnets = [e for e in film.elements if e.magnetic]
    return [
        (i, magnetization[e.name] * e.thickness)
        for i, e in enumerate(magnets)
        if isinstance(e, Ferromagnet) and e.name in magnetization
    ]
