"""Where the magnetisation or the Neel vector points in a field: the lowest energy over directions.

Vectors (..., 3); derivations in docs/methods/magnetic_insulator.md. First derivatives are exact wherever the minimum is
a point; where it is a circle (easy plane without a field in it) a direction is chosen and no derivative along the
circle is left.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

_HALVINGS = 60


def along_field(B: Any, otherwise: Any) -> Array:
    """B/|B|, and `otherwise` where there is no field."""
    largest = jnp.abs(B).max(-1, keepdims=True)
    none, otherwise = largest == 0, jnp.broadcast_to(otherwise, jnp.shape(B))
    scaled = B / jnp.where(none, 1.0, jax.lax.stop_gradient(largest))  # squares neither overflow nor vanish
    size2 = (scaled * scaled).sum(-1, keepdims=True)
    return jnp.where(none, otherwise, scaled / jnp.sqrt(jnp.where(none, 1.0, size2)))


def uniaxial(B: Any, anisotropy: Any, axis: Any) -> Array:
    """Minimum of ``-B.m - anisotropy (m.u)^2/2``; on the axis' own side where there is no field along it."""
    B = jnp.asarray(B)
    u, K = jnp.broadcast_to(axis, B.shape), jnp.broadcast_to(anisotropy, B.shape[:-1])
    held = jax.lax.stop_gradient((B, K))
    u = jnp.where((held[0] * u).sum(-1, keepdims=True) < 0, -u, u)
    parallel, size, e = _resolved(held[0], u, _across(u))
    angle = _minimum(parallel, size, held[1])
    m = jnp.cos(angle)[..., None] * u + jnp.sin(angle)[..., None] * e
    gradient = -B - (K * (m * u).sum(-1))[..., None] * u
    hessian = -K[..., None, None] * u[..., :, None] * u[..., None, :]
    return _polished(m, gradient, hessian)


def _minimum(parallel: Array, across: Array, K: Array) -> Array:
    """Angle from the axis, between 0 and pi/2, at which the torque turns from towards the field to away from it."""

    def torque(angle: Array) -> Array:
        return parallel * jnp.sin(angle) - across * jnp.cos(angle) + K * jnp.sin(angle) * jnp.cos(angle)

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = (low + high) / 2
        # an easy plane leaves the axis itself as a maximum: there the torque is zero and the minimum lies above
        below = (torque(middle) < 0) | ((middle == 0) & (K < 0))
        return jnp.where(below, middle, low), jnp.where(below, high, middle)

    start = jnp.zeros_like(parallel), jnp.full_like(parallel, jnp.pi / 2)
    low, high = jax.lax.fori_loop(0, _HALVINGS, halve, start)
    angle = (low + high) / 2
    on_axis = (across == 0) & (parallel + K >= 0)
    return jnp.where(on_axis, 0.0, angle)


def neel_vector(B: Any, flop: Any, hard: Any, axis: Any, hard_axis: Any) -> Array:
    """Minimum of ``(n.B)^2 + hard^2 (n.k)^2 - flop^2 (n.u)^2``: the lowest eigenvector of a symmetric matrix.

    For an infinite `hard` n stays across the hard axis k, and without an easy axis (flop = 0) it is along k x B. Where
    k and B leave it free in the plane it lies in the plane of u and k.
    """
    B = jnp.asarray(B)
    u, k = (jnp.broadcast_to(v, B.shape) for v in (axis, hard_axis))
    flop, hard = (jnp.broadcast_to(v, B.shape[:-1]) for v in (flop, hard))
    flat, bare = jnp.isinf(hard), hard == 0
    some = jnp.where(flat | bare, 1.0, hard)
    inside = jnp.where(flat[..., None], _in_the_plane(B, flop, u, k), _of_lowest_eigenvalue(B, flop, some, u, k))
    return jnp.where(bare[..., None], _without_hard_axis(B, flop, u, k), inside)


def domains(B: Any, alone: Any, weak: Any, axis: Any, hard_axis: Any) -> tuple[Array, Array, Array]:
    """Shares (..., 2) and Neel vectors (..., 3) of the two populations of domains in the plane across the hard axis.

    ``<e^(2i phi)> = -q e^(2ia)`` for the part B_p of the field in the plane, at the angle a: one population across it,
    the other one along it. Without a field in the plane both are alike. `weak`: B_D, by which the field acts on the
    weak moment; without it ``q = min(1, (B_p/alone)^2)``.
    """
    B = jnp.asarray(B)
    u, k = (jnp.broadcast_to(v, B.shape) for v in (axis, hard_axis))
    part = B - (B * k).sum(-1, keepdims=True) * k
    square = (part * part).sum(-1)
    alone, weak = (jnp.broadcast_to(v, square.shape) for v in (alone, weak))
    some = square > 0
    size = jnp.where(some, jnp.sqrt(jnp.where(some, square, 1.0)), 0.0)
    one = square + weak * size >= alone**2  # one domain, whatever the field, where `alone` is 0
    safe = jnp.where(one, 1.0, alone) ** 2
    excess = jnp.where(one, 1.0, _aligned(jnp.where(one, 0.0, square) / safe, jnp.where(one, 0.0, weak * size) / safe))
    across = along_field(jnp.cross(k, B), _in_plane(u, k))
    return jnp.stack([(1 + excess) / 2, (1 - excess) / 2], -1), across, jnp.cross(across, k)


def _aligned(square: Array, linear: Array) -> Array:
    """q = 2 c^2 - 1 of the root ``2 c^3 - (1 + square) c = linear`` between 1/sqrt(2) and 1, where square + linear < 1.

    Newton's method from c = 1 falls on it; the last step carries the derivatives.
    """
    c = jnp.ones_like(square)
    for held in (True,) * 8 + (False,):
        s, r = jax.lax.stop_gradient((square, linear)) if held else (square, linear)
        c = jax.lax.stop_gradient(c)
        c = c - (2 * c**3 - (1 + s) * c - r) / (6 * c**2 - (1 + s))
    return 2 * c * c - 1


def _in_the_plane(B: Array, flop: Array, u: Array, k: Array) -> Array:
    """Minimum over directions across k."""
    e = _in_plane(u, k)
    f = jnp.cross(k, e)
    held, rest = jax.lax.stop_gradient((B, flop))
    b, c, easy = (held * e).sum(-1), (held * f).sum(-1), rest * (u * e).sum(-1)
    # twice the angle of n from e; a free n lies across the field
    twice = jnp.arctan2(-2 * b * c, easy**2 - b**2 + c**2)
    n = jnp.cos(twice / 2)[..., None] * e + jnp.sin(twice / 2)[..., None] * f
    gradient = (n * B).sum(-1)[..., None] * B - (flop**2 * (n * u).sum(-1))[..., None] * u
    hessian = B[..., :, None] * B[..., None, :] - (flop**2)[..., None, None] * u[..., :, None] * u[..., None, :]
    # one Newton step along the circle
    t = jax.lax.stop_gradient(jnp.cross(k, n))
    stiffness = (t * (hessian @ t[..., None])[..., 0]).sum(-1) - (n * gradient).sum(-1)
    free = stiffness <= 1e-12 * jnp.abs(hessian).max((-2, -1))
    step = jnp.where(free, 0.0, (t * gradient).sum(-1) / jnp.where(free, 1.0, stiffness))
    moved = n - step[..., None] * t
    eased = moved / jnp.sqrt((moved * moved).sum(-1, keepdims=True))
    return jnp.where((flop == 0)[..., None], along_field(jnp.cross(k, B), e), eased)


def _of_lowest_eigenvalue(B: Array, flop: Array, hard: Array, u: Array, k: Array) -> Array:
    """The same with a finite hard axis field, by the matrix itself."""

    def matrix(B: Array, flop: Array, hard: Array) -> Array:
        return (
            B[..., :, None] * B[..., None, :]
            + (hard**2)[..., None, None] * k[..., :, None] * k[..., None, :]
            - (flop**2)[..., None, None] * u[..., :, None] * u[..., None, :]
        )

    held = jax.lax.stop_gradient((B, flop, hard))
    n = jnp.linalg.eigh(matrix(*held))[1][..., 0]
    for fields in (held, (B, flop, hard)):  # what the eigenvalues of a hard axis leave of the digits, and the slopes
        B, flop, hard = fields
        gradient = (
            (n * B).sum(-1)[..., None] * B
            + (hard**2 * (n * k).sum(-1))[..., None] * k
            - (flop**2 * (n * u).sum(-1))[..., None] * u
        )
        n = _polished(jax.lax.stop_gradient(n), gradient, matrix(B, flop, hard))
    toward = jnp.where((flop == 0)[..., None], jnp.cross(k, B), u)  # of n and -n the one that the limits have
    return jnp.where(((n * toward).sum(-1) < 0)[..., None], -n, n)


def _without_hard_axis(B: Array, flop: Array, u: Array, k: Array) -> Array:
    """The same without a hard axis: in the plane of u and B; without an easy axis, too, across the field."""
    held, rest = jax.lax.stop_gradient((B, flop))
    parallel, size, e = _resolved(held, u, along_field(jnp.cross(k, u), _across(u)))
    # twice the angle of n from u in the plane of u and B
    twice = jnp.arctan2(-2 * parallel * size, rest**2 - parallel**2 + size**2)
    n = jnp.cos(twice / 2)[..., None] * u + jnp.sin(twice / 2)[..., None] * e
    gradient = (n * B).sum(-1)[..., None] * B - (flop**2 * (n * u).sum(-1))[..., None] * u
    hessian = B[..., :, None] * B[..., None, :] - (flop**2)[..., None, None] * u[..., :, None] * u[..., None, :]
    return _polished(n, gradient, hessian)


def _resolved(B: Array, u: Array, otherwise: Array) -> tuple[Array, Array, Array]:
    """Components of B along u and across it, and the direction across: `otherwise` where rounding is all there is."""
    parallel = (B * u).sum(-1)
    across = B - parallel[..., None] * u
    largest = jnp.abs(across).max(-1)
    none = largest <= 1e-14 * jnp.abs(parallel)
    e = along_field(jnp.where(none[..., None], 0.0, across), otherwise)
    e = along_field(e - (e * u).sum(-1, keepdims=True) * u, otherwise)
    return parallel, jnp.where(none, 0.0, (across * e).sum(-1)), e


def _in_plane(u: Array, k: Array) -> Array:
    """The part of u across k, or anything across k."""
    return along_field(u - (u * k).sum(-1, keepdims=True) * k, _across(k))


def _across(u: Array) -> Array:
    """A unit vector across u: in the film plane where it can be."""
    z = jnp.broadcast_to(jnp.array([0.0, 0.0, 1.0]), u.shape)
    return along_field(jnp.cross(z, u), jnp.array([1.0, 0.0, 0.0]))


def _polished(n: Array, gradient: Array, hessian: Array) -> Array:
    """One Newton step on the sphere from n (held fixed): nothing but rounding in value, the derivative of the minimum.

    gradient, hessian: of the energy as a function in space, at n.
    """
    first = jax.lax.stop_gradient(_across(n))
    second = jnp.cross(n, first)
    t = jnp.stack([first, second], -2)
    slope = (t * gradient[..., None, :]).sum(-1)
    radial = (n * gradient).sum(-1)
    h = t @ hessian @ jnp.swapaxes(t, -1, -2)
    a, b, c = h[..., 0, 0] - radial, h[..., 0, 1], h[..., 1, 1] - radial
    det, trace = a * c - b * b, a + c
    scale = jnp.abs(hessian).max((-2, -1)) + jnp.abs(radial)
    definite = (det > 1e-12 * trace**2) & (trace > 1e-12 * scale)
    det = jnp.where(definite, det, 1.0)
    one = (c * slope[..., 0] - b * slope[..., 1]) / det
    two = (a * slope[..., 1] - b * slope[..., 0]) / det
    step = one[..., None] * first + two[..., None] * second
    moved = n - jnp.where(definite[..., None], step, 0.0)
    return moved / jnp.sqrt((moved * moved).sum(-1, keepdims=True))
