"""Boltzmann's equation on Fermi contours with delta disorder: its kernel is separable, so it is four linear equations.

Numbers without a unit, as :mod:`spinstack.rashba.contours`; derivation in docs/methods/rashba_2d.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.rashba.contours import Contour, Gas, Points, points

_FIRST, _LAST = 64, 2**14
#: relative; of the spin density less, since weak coupling loses digits of it: spin along m then hardly relaxes
_TOLERANCE, _OF_SPIN = 1e-10, 1e-7


class Response(NamedTuple):
    """What a force does, per force and lifetime (last axis: its direction x, y).

    density [k^2], states [density of states], spin (3, 2), sum of sigma over the electrons; current (2, 2), of
    particles; contours: points and the energy by which they are raised (n, 2) of every one.
    """

    density: float
    states: float
    spin: np.ndarray
    current: np.ndarray
    contours: list[tuple[int, Points, np.ndarray]]


class NotResolved(Exception):
    """Contours turn too sharply for the number of points that are tried."""


def response(gas: Gas, found: list[Contour]) -> Response:
    """The response of a gas with these contours; points are doubled until it settles; raises :class:`NotResolved`."""
    n, last = _FIRST, _solved(gas, found, _FIRST)
    while n < _LAST:
        n *= 2
        new = _solved(gas, found, n)
        if _settled(last, new):
            return new
        last = new
    raise NotResolved


def _settled(old: Response, new: Response) -> bool:
    names = {"density": _TOLERANCE, "states": _TOLERANCE, "current": _TOLERANCE, "spin": _OF_SPIN}
    # a spin that is none is rounding of sums of this size
    rounding = {"spin": 1e-13 * np.sqrt(new.states * np.abs(new.current).max())}
    pairs = ((np.asarray(getattr(old, n)), np.asarray(getattr(new, n)), n) for n in names)
    return all(np.abs(a - b).max() <= names[n] * np.abs(b).max() + rounding.get(n, 0.0) for a, b, n in pairs)


def _solved(gas: Gas, found: list[Contour], n: int) -> Response:
    each = [points(gas, contour, n) for contour in found]
    weight = np.concatenate([p.weight for p in each]) / (4 * np.pi**2)
    velocity, spin = np.concatenate([p.velocity for p in each]), np.concatenate([p.spin for p in each])
    kinds = np.concatenate([np.ones((len(weight), 1)), spin], -1)  # 1, S_x, S_y, S_z
    total = weight @ kinds
    share = weight / (kinds @ total)
    free = velocity / (2 * np.pi)  # 2 N0 v, N0 = 1/4 pi for k^2
    source = kinds.T @ (share[:, None] * free)
    kept = np.eye(4) - kinds.T @ (share[:, None] * kinds)
    # the equations leave one sum free, that of the electrons: no charge is added
    neutral = np.concatenate([kept, [[1.0, 0.0, 0.0, 0.0]]])
    moments = np.linalg.lstsq(neutral, np.concatenate([source, np.zeros((1, 2))]))[0]
    raised = (free + kinds @ moments) / (kinds @ total)[:, None]
    return Response(
        density=sum(p.area for p in each) / (4 * np.pi**2),
        states=float(total[0]),
        spin=moments[1:],
        current=velocity.T @ (weight[:, None] * raised),
        contours=[
            (contour.band, p, h) for contour, p, h in zip(found, each, np.split(raised, len(found)), strict=True)
        ],
    )
