"""From Fermi-surface moments to the dimensionless interface integrals <T>, <A> and their in-plane weighted kin."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from spinstack.scattering.fermi_surface import Barrier, moments

_EPS = np.zeros((3, 3, 3))
for _i, _j, _k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
    _EPS[_i, _j, _k], _EPS[_j, _i, _k] = 1.0, -1.0
_I3 = np.eye(3)


class Integrals(NamedTuple):
    """Averages over the Fermi surface, moment labels, batch last; spin and charge as x, y, z, c.

    T (4, 4), A (3, 3): <T>, <A = 1 - R - T>; T_k (4, 4, 2), A_k: weighted with the in-plane k; T_kk (4, 4, 2, 2), A_kk;
    S (4, 4), S_k: (1/2 pi) int dphi dc of T and k T, the density at z = 0; L (3, 4), L_k (3, 4, 2): the same of
    T x (Lambda k), for the torque on the lattice.
    """

    T: Array
    A: Array
    T_k: Array
    A_k: Array
    T_kk: Array
    A_kk: Array
    S: Array
    S_k: Array
    L: Array
    L_k: Array


def _times_u(family: list[Array], b: Barrier, prefix: int) -> list[Array]:
    """Moments with one more factor u_i = u_ex m_i + Lambda_ia k_a; `prefix` spin indices stand in front already."""

    def vector(v: Array, tail: int) -> Array:
        return v.reshape(*(1,) * prefix, 3, *(1,) * tail, -1)

    out = []
    for rank, (low, high) in enumerate(pairwise(family)):
        value = vector(b.exchange * b.m, rank) * jnp.expand_dims(low, prefix)
        for axis in range(2):
            part = jnp.expand_dims(jnp.take(high, axis, axis=prefix), prefix)
            value = value + vector(b.coupling[:, axis], rank) * part
        out.append(value)
    return out


def _trace(x: Array) -> Array:
    return x[0, 0] + x[1, 1] + x[2, 2]


def _spread(scalar: Array) -> Array:
    """delta_ij times a scalar moment (tail, batch)."""
    return jnp.asarray(_I3).reshape(3, 3, *(1,) * scalar.ndim) * scalar


def _turned(vector: Array) -> Array:
    """epsilon_ijk v_k of a vector moment (3, tail, batch)."""
    tail = (1,) * (vector.ndim - 1)
    return jnp.stack([jnp.asarray(_EPS[:, :, k]).reshape(3, 3, *tail) * vector[k] for k in range(3)]).sum(0)


@partial(jax.jit, static_argnames=("points", "both"))
def integrals(b: Barrier, points: int, both: bool) -> Integrals:
    """All interface integrals with `points` quadrature points; see :func:`fermi_surface.moments`."""
    M = moments(b, points, both)
    u = {p: _times_u(M[p], b, 0) for p in (2, 3, 4)}
    uu = {p: _times_u(u[p], b, 1) for p in (2, 3)}
    uuu = _times_u(uu[2], b, 2)
    square = b.u0**2

    def transmission(p: int, r: int) -> Array:
        """int c^(p-2) T k..k, r factors of k; p = 3 with the weight of a flux, 2 without."""
        mixed = uu[p][r]
        norm = M[p + 2][r] + square * M[p][r]
        u2 = _trace(mixed)
        spin = _spread(norm - u2) + 2 * mixed - 2 * _turned(u[p + 1][r])
        across = 2 * b.u0 * u[p][r]  # moment labels
        top = jnp.concatenate([spin, across[:, None]], 1)
        return jnp.concatenate([top, jnp.concatenate([across, (norm + u2)[None]])[None]])

    def absorption(r: int) -> Array:
        mixed = uu[3][r]
        cubic = _trace(uuu[r])
        turned = cubic - square * u[2][r] - u[4][r]
        return 4 * (_spread(_trace(mixed)) - mixed) - 2 * _turned(turned)

    def lattice(r: int) -> Array:
        """(spin part of T) x (Lambda k): rows of the vector product, columns as T."""
        spin = transmission(2, r + 1)[:3]  # (3, 4, 2, ..., batch)
        axes = [b.coupling[:, a].reshape(3, 1, 1, *(1,) * r, -1) * jnp.take(spin, a, axis=2)[None] for a in range(2)]
        field = axes[0] + axes[1]
        return jnp.stack([field[2, 1] - field[1, 2], field[0, 2] - field[2, 0], field[1, 0] - field[0, 1]])

    pi = jnp.pi
    return Integrals(
        T=transmission(3, 0) / pi,
        A=absorption(0) / pi,
        T_k=transmission(3, 1) / pi,
        A_k=absorption(1) / pi,
        T_kk=transmission(3, 2) / pi,
        A_kk=absorption(2) / pi,
        S=transmission(2, 0) / (2 * pi),
        S_k=transmission(2, 1) / (2 * pi),
        L=lattice(0) / (2 * pi),
        L_k=lattice(1) / (2 * pi),
    )
