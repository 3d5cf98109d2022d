"""What a delta barrier does to electrons of one angle of incidence: probabilities and torques, exact at grazing too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinstack.stack.directions import unit_vector

if TYPE_CHECKING:
    from spinstack.scattering.delta_barrier import DeltaBarrier

_EPS = np.zeros((3, 3, 3))
for _i, _j, _k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
    _EPS[_i, _j, _k], _EPS[_j, _i, _k] = 1.0, -1.0


class Incidence(NamedTuple):
    """Per direction, moment labels, spin x, y, z then charge.

    R, T (..., 4, 4): ``g_out = R g_in`` on the same side, T on the other; torque, lattice (..., 3, 4): the spin that
    ends in the magnetisation and in the lattice per sum of the g that arrive from both sides, in the same units.
    """

    R: np.ndarray
    T: np.ndarray
    torque: np.ndarray
    lattice: np.ndarray


def incidence(barrier: DeltaBarrier, cosine: Any, phi: Any, m: Any) -> Incidence:
    """Everything about directions with k_z/kF = `cosine` (...) > 0 and azimuth `phi` (...), m (3,).

    Unlike :func:`amplitudes` it takes the cosine itself, so nothing is lost at grazing incidence. Closed forms of
    docs/methods/scattering.md, "One electron".
    """
    values = barrier.strengths()
    u0, R, D = (float(values[name]) for name in ("barrier", "rashba", "dresselhaus"))
    c, phi = np.broadcast_arrays(np.asarray(cosine, dtype=float), np.asarray(phi, dtype=float))
    s = np.sqrt((1 - c) * (1 + c))
    kx, ky = s * np.cos(phi), s * np.sin(phi)
    exchange = np.broadcast_to(float(values["exchange"]) * np.asarray(unit_vector(m)), (*c.shape, 3))
    orbit = np.stack([D * kx - R * ky, R * kx - D * ky, np.zeros_like(kx)], -1)
    u = exchange + orbit
    square = (u * u).sum(-1)
    weight = (square + c * c - u0 * u0) ** 2 + 4 * (c * u0) ** 2
    weight = np.where(weight == 0, 1.0, weight)
    x = c / weight  # one factor c is kept apart: T is x c (...), the torque 2 x (...)
    one = np.eye(3)
    spin = (c * c + u0 * u0 - square)[..., None, None] * one + 2 * u[..., :, None] * u[..., None, :]
    spin = spin - 2 * c[..., None, None] * _cross(u)
    T = np.empty((*c.shape, 4, 4))
    T[..., :3, :3] = spin
    T[..., :3, 3] = T[..., 3, :3] = 2 * u0 * u
    T[..., 3, 3] = c * c + u0 * u0 + square
    T *= x[..., None, None]  # T / c so far
    torque = 2 * _times(T[..., :3, :], exchange)
    lattice = 2 * _times(T[..., :3, :], orbit)
    T = T * c[..., None, None]
    lost = torque + lattice
    R4 = np.eye(4) - T
    R4[..., :3, :3] -= lost[..., :3]
    return Incidence(R4, T, torque, lattice)


def _cross(u: np.ndarray) -> np.ndarray:
    """epsilon_ijk u_k."""
    return np.einsum("ijk,...k->...ij", _EPS, u)


def _times(T: np.ndarray, u: np.ndarray) -> np.ndarray:
    """The columns of T (..., 3, 4) times u (..., 3) as vector products."""
    return np.cross(T, u[..., :, None], axis=-2)
