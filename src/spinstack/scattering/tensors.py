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
    """Moments with one more factor u_i = u_ex m_i + Lambda_ia k_a, behind `prefix` spin indices.

    Members have axes (powers of c, spin indices, in-plane indices, batch), one in-plane index more from one to the
    next.
    """

    def at(array: Array, tail: int) -> Array:
        """`array` (spin, [in-plane,] batch) where its axes belong."""
        return array.reshape(*(1,) * (1 + prefix), *array.shape[:-1], *(1,) * tail, -1)

    return [
        at(b.exchange[None] * b.m, rank) * jnp.expand_dims(low, 1 + prefix)
        + (at(b.coupling, rank) * jnp.expand_dims(high, 1 + prefix)).sum(2 + prefix)
        for rank, (low, high) in enumerate(pairwise(family))
    ]


def _trace(x: Array) -> Array:
    """Over the first two spin indices."""
    return x[:, 0, 0] + x[:, 1, 1] + x[:, 2, 2]


def _spread(scalar: Array) -> Array:
    """delta_ij times a scalar moment (powers, tail, batch)."""
    return jnp.asarray(np.eye(3)).reshape(1, 3, 3, *(1,) * (scalar.ndim - 1)) * scalar[:, None, None]


def _turned(vector: Array) -> Array:
    """epsilon_ijk v_k of a vector moment (powers, 3, tail, batch)."""
    return jnp.einsum("ijk,pk...->pij...", _EPS, vector)


@partial(jax.jit, static_argnames=("points", "both"))
def integrals(b: Barrier, points: int, both: bool) -> Integrals:
    """All interface integrals with `points` quadrature points; see :func:`fermi_surface.moments`."""
    M = moments(b, points, both)  # c^2, c^3, c^4, c^5
    u = _times_u([m[:3] for m in M], b, 0)  # c^2, c^3, c^4
    uu = _times_u([v[:2] for v in u], b, 1)  # c^2, c^3
    uuu = _times_u([v[:1] for v in uu], b, 2)  # c^2
    square = b.u0**2

    def transmission(r: int) -> Array:
        """int c^0 T k..k and int c^1 T k..k, r factors of k; the second has the weight of a flux."""
        norm = M[r][2:] + square.reshape(*(1,) * (r + 1), -1) * M[r][:2]
        u2 = _trace(uu[r])
        spin = _spread(norm - u2) + 2 * uu[r] - 2 * _turned(u[r][1:])
        across = 2 * b.u0.reshape(*(1,) * (r + 2), -1) * u[r][:2]  # moment labels
        top = jnp.concatenate([spin, across[:, :, None]], 2)
        bottom = jnp.concatenate([across, (norm + u2)[:, None]], 1)
        return jnp.concatenate([top, bottom[:, None]], 1)

    def absorption(r: int) -> Array:
        mixed = uu[r][1:]
        turned = _trace(uuu[r]) - square.reshape(*(1,) * (r + 2), -1) * u[r][:1] - u[r][2:]
        return (4 * (_spread(_trace(mixed)) - mixed) - 2 * _turned(turned))[0]

    def lattice(spin: Array, r: int) -> Array:
        """(spin part of T) (3, 4, 2, ..) x (Lambda k): rows of the vector product, columns as T."""
        coupling = b.coupling[:, None, None].reshape(3, 1, 1, 2, *(1,) * r, -1)
        field = (coupling * spin[None]).sum(3)
        return jnp.stack([field[2, 1] - field[1, 2], field[0, 2] - field[2, 0], field[1, 0] - field[0, 1]])

    (S, T), (S_k, T_k), (S_kk, T_kk) = (transmission(r) for r in range(3))
    pi = jnp.pi
    return Integrals(
        T=T / pi,
        A=absorption(0) / pi,
        T_k=T_k / pi,
        A_k=absorption(1) / pi,
        T_kk=T_kk / pi,
        A_kk=absorption(2) / pi,
        S=S / (2 * pi),
        S_k=S_k / (2 * pi),
        L=lattice(S_k[:3], 0) / (2 * pi),
        L_k=lattice(S_kk[:3], 1) / (2 * pi),
    )
