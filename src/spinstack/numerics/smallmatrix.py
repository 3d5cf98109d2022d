"""3x3 algebra with the batch on the last axis.

Arrays have shape (..., rows, columns, batch) and vectors (..., 3, batch): the long axis is contiguous, so a matrix
product is a handful of elementwise operations that vectorise over films. Nothing here knows any physics.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from spinstack.numerics.stage import stage


@stage
def mul(a: Array, b: Array) -> Array:
    """Matrix product (..., i, k, batch) (..., k, j, batch) -> (..., i, j, batch)."""
    terms = [a[..., :, k, None, :] * b[..., None, k, :, :] for k in range(a.shape[-2])]
    return sum(terms[1:], terms[0])


def apply(a: Array, v: Array) -> Array:
    """Matrix times vector (..., i, k, batch) (..., k, batch) -> (..., i, batch)."""
    terms = [a[..., :, k, :] * v[..., k, None, :] for k in range(a.shape[-2])]
    return sum(terms[1:], terms[0])


def dot(u: Array, v: Array) -> Array:
    """Scalar product of two vectors (..., 3, batch) -> (..., batch)."""
    return u[..., 0, :] * v[..., 0, :] + u[..., 1, :] * v[..., 1, :] + u[..., 2, :] * v[..., 2, :]


def cross(u: Array, v: Array) -> Array:
    """Vector product of two vectors (..., 3, batch)."""
    x, y, z = (u[..., i, :] for i in range(3))
    a, b, c = (v[..., i, :] for i in range(3))
    return jnp.stack([y * c - z * b, z * a - x * c, x * b - y * a], -2)


def transpose(a: Array) -> Array:
    """Transpose of the two matrix axes."""
    return jnp.swapaxes(a, -3, -2)


@stage
def outer(u: Array, v: Array) -> Array:
    """u v^T of two vectors (..., i, batch), (..., j, batch)."""
    return u[..., :, None, :] * v[..., None, :, :]


@stage
def across(u: Array) -> Array:
    """|u|^2 - u u^T, the projector across a unit vector; exact for what points along it, as 1 - u u^T is not."""
    x, y, z = (u[..., i, :] for i in range(3))
    xx, yy, zz, xy, xz, yz = x * x, y * y, z * z, -x * y, -x * z, -y * z
    return jnp.stack([jnp.stack(r, -2) for r in ([yy + zz, xy, xz], [xy, xx + zz, yz], [xz, yz, xx + yy])], -3)


def frame(axis: Array) -> Array:
    """A rotation (3, 3, batch) whose third row is the unit vector `axis` (3, batch); the unit matrix for z itself.

    Duff et al., J. Comput. Graph. Tech. 6, 1 (2017).
    """
    x, y, z = axis
    sign = jnp.where(z < 0, -1.0, 1.0)
    a = -1 / (sign + z)
    b = x * y * a
    rows = ([1 + sign * x * x * a, sign * b, -sign * x], [b, sign + y * y * a, -y], [x, y, z])
    return jnp.stack([jnp.stack(r) for r in rows])


@stage
def cross_matrix(a: Array) -> Array:
    """The matrix of v -> a x v."""
    x, y, z = (a[..., i, :] for i in range(3))
    o = jnp.zeros_like(x)
    return jnp.stack([jnp.stack(r, -2) for r in ([o, -z, y], [z, o, -x], [-y, x, o])], -3)


def constant(values: Any, like: Array) -> Array:
    """Numbers (3,) or (rows, columns), the same for every film, with as many axes as the vectors or matrices `like`."""
    array = np.asarray(values)
    return jnp.asarray(array.reshape(*(1,) * (like.ndim - 1 - array.ndim), *array.shape, 1))


def identity(like: Array) -> Array:
    """The unit matrix, broadcastable against matrices `like` (..., 3, 3, batch)."""
    return constant(np.eye(3), like)


@stage
def solve(a: Array, b: Array) -> Array:
    """a^-1 b for (..., n, n, batch) and (..., n, columns, batch), n = 3 or 6, by elimination without pivoting.

    For matrices whose symmetric part is positive, as admittances and resistivities have; cofactors would lose the small
    eigenvalues of a matrix that also has very large ones.
    """
    if a.shape[-2] != 3:
        return _solve_blocks(a, b)
    rows = jnp.concatenate([a, b], -2)
    r0, r1, r2 = (rows[..., i, :, :] for i in range(3))
    r0 = r0 / r0[..., :1, :]
    r1 = r1 - r1[..., :1, :] * r0
    r2 = r2 - r2[..., :1, :] * r0
    r1 = r1 / r1[..., 1:2, :]
    r2 = r2 - r2[..., 1:2, :] * r1
    r2 = r2 / r2[..., 2:3, :]
    r1 = r1 - r1[..., 2:3, :] * r2
    r0 = r0 - r0[..., 1:2, :] * r1 - r0[..., 2:3, :] * r2
    return jnp.stack([r0, r1, r2], -3)[..., 3:, :]


def _solve_blocks(a: Array, b: Array) -> Array:
    """The same for two blocks of three: the Schur complement of the first."""
    first = solve(a[..., :3, :3, :], jnp.concatenate([a[..., :3, 3:, :], b[..., :3, :, :]], -2))
    left = mul(a[..., 3:, :3, :], first)
    second = solve(a[..., 3:, 3:, :] - left[..., :3, :], b[..., 3:, :, :] - left[..., 3:, :])
    return jnp.concatenate([first[..., 3:, :] - mul(first[..., :3, :], second), second], -3)
