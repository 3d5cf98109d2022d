"""Solving films: what a caller asks for, from a film to arrays with the batch in front."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from spinstack.circuit import kernel
from spinstack.circuit.element import matrix
from spinstack.circuit.kernel import Faces, evaluate
from spinstack.circuit.lower import LAYERS, Plan, Table, check_closed, kind_of, lower, responding, scattering_kind
from spinstack.circuit.microscopic import motion_columns
from spinstack.circuit.moving import moving
from spinstack.numerics.arrays import array_module
from spinstack.stack import Film, ParameterError
from spinstack.stack.directions import in_plane_field


def _shaped(value: Any, batch: tuple[int, ...]) -> Any:
    """(..., batch size) -> (*batch, ...)."""
    xp = jnp if isinstance(value, jax.core.Tracer) else np
    value = xp.broadcast_to(value, (*value.shape[:-1], int(np.prod(batch, dtype=int))))
    return xp.moveaxis(value, -1, 0).reshape(*batch, *value.shape[:-1])


def _lowered(film: Film, m: Any, B: Any, T: Any, closed: bool = True) -> tuple[Plan, Table, tuple[int, ...]]:
    """:func:`lower` with the responses of scattering interfaces, for a film whose outer faces are `closed`."""
    film = Film.of(film).at(T)
    plan, table, batch = lower(film, m, B, T)
    if closed:
        check_closed(film, plan)
    return plan, responding(plan, table, batch), batch


def check(film: Film, m: Any = None, B: Any = (0.0, 0.0, 0.0), T: Any = None, closed: bool = True) -> None:
    """Raise ParameterError where an answer for a film whose outer faces are `closed` would; computes nothing."""
    film = Film.of(film).at(T)
    plan, _, _ = lower(film, m, B, T, find=False)
    if closed:
        check_closed(film, plan)


def sheet_conductance(film: Film, m: Any = None, B: Any = (0.0, 0.0, 0.0), T: Any = None) -> Any:
    """Sheet conductance tensor (..., 2, 2) [S]; m, B (..., 3) and T (...) broadcast with batched parameters."""
    plan, table, batch = _lowered(film, m, B, T)
    return _shaped(evaluate(kernel.sheet, plan, table), batch)


def sheet_conductance_slope(film: Film, m: Any, along: Any, T: Any = None) -> tuple[Any, Any]:
    """Sheet conductance (..., 2, 2) [S] without field and its derivative [S/T] by a field along a unit vector (3)."""
    plan, table, batch = _lowered(film, m, (0.0, 0.0, 0.0), T)
    G, slope = evaluate(kernel.sheet_slope, plan, table, np.asarray(along)[:, None])
    return _shaped(G, batch), _shaped(slope, batch)


def perpendicular(film: Film, m: Any = None, B: Any = (0.0, 0.0, 0.0), T: Any = None) -> Any:
    """Resistance times area (...) [Ohm m^2] between two reservoirs, of a film that carries charge along z."""
    plan, table, batch = _lowered(film, m, B, T, closed=False)
    return _shaped(evaluate(kernel.perpendicular, plan, table), batch)[..., 0]


def faces(
    film: Film, m: Any = None, B: Any = (0.0, 0.0, 0.0), E: Any = (1.0, 0.0), T: Any = None, current: Any = None
) -> Faces:
    """Potentials, spin currents, responses and torques at every face in the field E (2) [V/m]; batch axes first.

    Or for a `current` density along z [A/m^2] between reservoirs, in the place of E.
    """
    plan, table, batch = _lowered(film, m, B, T, closed=current is None)
    return Faces(*(_shaped(a, batch) for a in _faces(plan, table, E, current)))


def _faces(plan: Plan, table: Table, E: Any, current: Any) -> Faces:
    if current is None:
        return evaluate(kernel.faces, plan, table, in_plane_field(E)[:, None])
    return evaluate(kernel.crossed, plan, table, array_module(current).reshape(current, (1, 1)))


def pumping(film: Film, m: Any = None, B: Any = (0.0, 0.0, 0.0), T: Any = None) -> dict[str, Any]:
    """What an in-plane field E [V/m] and moving magnets do, per E and per w = -(hbar/e) m x dm/dt [V] of each.

    sheet (..., 2, 2) [S], torque (..., magnets, 3, 2) [S/m]: spin current into each; current (..., 2, magnets, 3)
    [S/m]: in-plane sheet current; damping (..., magnets, 3, magnets, 3) [S/m^2]: spin current into each; bulk
    (..., magnets, 3, 3) [S/m^2]: that of a magnet by itself, which is not in damping.
    """
    film = Film.of(film).at(T)
    plan, table, batch = lower(film, m, B, T)
    check_closed(film, plan)
    places = [i for i, e in enumerate(film.elements) if e.magnetic]
    takes = np.array([[film.magnet_of(i) == place for place in places] for i in range(len(film))], float)[:, :, None]
    reverse = table._replace(m=-table.m, B=-table.B, scatterers=tuple(s.reversed() for s in table.scatterers))
    both = [responding(plan, one, batch) for one in (table, reverse)]
    if table.scatterers:
        columns = list(both[0].columns)
        for at, kind in enumerate(plan.kinds):
            if own := [s for s in table.scatterers if scattering_kind(s.model) == kind]:
                columns[at] = {**columns[at], **motion_columns(own, batch)}
        both[0] = both[0]._replace(columns=tuple(columns))
    response, alone = (_shaped(one, batch) for one in evaluate(moving, plan, *both, takes))
    n = len(places)
    current, damping = response[..., :2, 2:] / 2, response[..., 2:, 2:] / 2  # psi_w = w/2
    return {
        "sheet": response[..., :2, :2],
        "torque": response[..., 2:, :2].reshape(*batch, n, 3, 2),
        "current": current.reshape(*batch, 2, n, 3),
        "damping": damping.reshape(*batch, n, 3, n, 3),
        "bulk": alone / 2,
    }


def shares(
    film: Film, m: Any = None, B: Any = (0.0, 0.0, 0.0), E: Any = (1.0, 0.0), T: Any = None, current: Any = None
) -> tuple[Any, Any]:
    """Where the spin current of a film ends: lost (..., elements, 3) in every element, of which (..., elements, 2, 3)
    in the magnetisation (of a metal: in the applied field), by the halves of :func:`spinstack.circuit.kernel.sides`.
    """
    plan, table, batch = _lowered(film, m, B, T, closed=current is None)
    solved = _faces(plan, table, E, current)
    xp = array_module(solved.psi, in_plane_field(E))
    drive = [*in_plane_field(E), 0.0] if current is None else [0.0, 0.0, current]
    found = evaluate(kernel.sides, plan, table, solved.psi, xp.stack([xp.asarray(d, float) for d in drive])[:, None])
    return _shaped(solved.Q[:, 0] - solved.Q[:, 1], batch), _shaped(found, batch)


def layer_profiles(
    film: Film, m: Any, B: Any, E: Any, fractions: np.ndarray, T: Any = None, current: Any = None
) -> tuple[list[int], dict[str, Any], Any]:
    """The inside of each layer at `fractions` of its thickness, in a field E or for a `current` along z.

    Returns the layers' positions in the film, arrays (..., layers, points, components) and the drop of the potential
    across every element (..., elements) [V].
    """
    plan, table, batch = _lowered(film, m, B, T, closed=current is None)
    solved = _faces(plan, table, E, current)
    drive = in_plane_field(E) if current is None else array_module(current).reshape(current, (1,))
    program: Any = kernel.inside if current is None else kernel.inside_crossed
    where = [i for kind in LAYERS for i, e in enumerate(film.elements) if kind_of(e) == kind]
    n, films = len(fractions), solved.psi.shape[-1]
    xp = array_module(solved.psi, drive)
    # every film once for every point
    table = jax.tree.map(lambda a: xp.repeat(a, n, -1) if a.shape[-1] > 1 else a, table)
    psi = xp.repeat(solved.psi[np.asarray(where)], n, -1)
    drives = xp.broadcast_to(drive[:, None], (len(drive), n * films))
    out = evaluate(program, plan, table, np.tile(fractions, films)[None], psi[:, 0], psi[:, 1], drives)
    order = np.argsort(where)

    def sorted_out(value: Any) -> Any:
        value = xp.moveaxis(value.reshape(*value.shape[:-1], films, n), -1, 1)[order]
        return _shaped(value, batch)

    return [where[i] for i in order], {k: sorted_out(v) for k, v in out.items()}, _shaped(solved.responses[:, 2], batch)


def element_matrix(film: Film, index: int, m: Any = None, B: Any = (0.0, 0.0, 0.0), T: Any = None) -> np.ndarray:
    """The 10x10 matrix of one element of one film, see :func:`spinstack.circuit.element.matrix`."""
    plan, table, batch = _lowered(film, m, B, T, closed=False)
    if batch != ():
        why, allowed = f"a batch of shape {batch}", "one film, one m, one B"
        raise ParameterError(why, where="element_matrix", field="film", allowed=allowed)
    if plan.orbital:
        raise ParameterError(
            "with orbital moments, whose elements have more potentials", where="element_matrix", field="film"
        )
    element = film.elements[index]
    kind = kind_of(element)
    if kind == "Vacuum":
        return np.zeros((10, 10))
    row = sum(kind_of(e) == kind for e in film.elements[:index])
    return matrix(kernel.element(plan, table, kind, row), element.conducts)
