"""What a film answers at given directions of its magnets: what a table is made of, and what is differentiated."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.numerics.constants import VACUUM_PERMEABILITY
from spinstack.observables.currents import layer_currents
from spinstack.observables.registry import arrays as array_function
from spinstack.observables.sheet import inverse2
from spinstack.observables.solvers import Solver
from spinstack.observables.torques import torque
from spinstack.stack import Film


class Question(NamedTuple):
    """What a film is asked for: magnets that move, by name, position, thickness [m] (None: that of the layer) and M_s
    [A/m]; magnets that are held, with their directions; field [T], temperature [K] and theory; whether the field of
    the currents counts."""

    names: tuple[str, ...]
    positions: tuple[int, ...]
    thicknesses: tuple[float | None, ...]
    magnetizations: tuple[float, ...]
    held: tuple[tuple[str, tuple[float, ...]], ...]
    B: tuple[float, ...]
    T: float | None
    solver: Solver | None
    oersted: bool

    def moments(self, film: Film) -> list[Any]:
        """M_s t of each magnet that moves [A]."""
        given = zip(self.positions, self.thicknesses, self.magnetizations, strict=True)
        return [Ms * (film.elements[k].thickness if t is None else t) for k, t, Ms in given]  # type: ignore[attr-defined]


def response(film: Film, m: np.ndarray, asked: Question) -> tuple[Any, Any, Any, Any]:
    """The four parts of a :class:`Table` at m (points, magnets, 3): turning, oersted, resistance, currents.

    A sheet current K makes the field E = R K, because nothing flows across.
    """
    along = {name: m[:, i] for i, name in enumerate(asked.names)} | {n: np.array(v) for n, v in asked.held}
    at: dict[str, Any] = {"m": along, "B": asked.B, "T": asked.T, "solver": asked.solver}
    torques, currents = [], []
    for E in ((1.0, 0.0), (0.0, 1.0)):
        found = array_function(torque)(film, **at, E=E)
        xp = array_module(*found.values())
        torques.append(xp.stack([xp.broadcast_to(found[n], (len(m), 3)) for n in asked.names], 1))
        share = array_function(layer_currents)(film, **at, E=E)["sheet_current"]
        currents.append(xp.broadcast_to(share, (len(m), *share.shape[-2:])))
    conducted = xp.stack(currents, -1)  # (points, elements, 2, E)
    R = inverse2(conducted.sum(1))
    per_moment = xp.stack([t / M for t, M in zip(_each(xp.stack(torques, -1)), asked.moments(film), strict=True)], 1)
    share = xp.einsum("peaE,pEk->peak", conducted, R)
    field = _oersted(xp, share, asked)
    turning = xp.cross(field, m[..., None], axis=2) - xp.einsum("picE,pEk->pick", per_moment, R)
    return turning, field, R, share


def _each(torques: Any) -> list[Any]:
    """By magnet."""
    return [torques[:, i] for i in range(torques.shape[1])]


def _oersted(xp: Any, share: Any, asked: Question) -> Any:
    """Field (points, magnets, 3, current) [T per A/m] of the currents below and above each magnet."""
    each = []
    for k in asked.positions:
        # of a sheet current K below: (mu0/2) K x z; its own makes none to first order
        K = (share[:, :k].sum(1) - share[:, k + 1 :].sum(1)) * (asked.oersted * VACUUM_PERMEABILITY / 2)
        each.append(xp.stack([K[:, 1], -K[:, 0], 0 * K[:, 0]], 1))
    return xp.stack(each, 1)
