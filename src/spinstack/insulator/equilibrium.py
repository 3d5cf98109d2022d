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


def neel_vector(B: Any, flop: Any, axis: Any, hard_axis: Any) -> Array:
    """Minimum of ``(n.B)^2 - flop^2 (n.u)^2``; without an easy axis (flop = 0) along hard axis x B."""
    B = jnp.asarray(B)
    u, k = (jnp.broadcast_to(v, B.shape) for v in (axis, hard_axis))
    flop = jnp.broadcast_to(flop, B.shape[:-1])
    held, rest = jax.lax.stop_gradient((B, flop))
    parallel, size, e = _resolved(held, u, along_field(jnp.cross(k, u), _across(u)))
    # twice the angle of n from u in the plane of u and B
    twice = jnp.arctan2(-2 * parallel * size, rest**2 - parallel**2 + size**2)
    n = jnp.cos(twice / 2)[..., None] * u + jnp.sin(twice / 2)[..., None] * e
    gradient = (n * B).sum(-1)[..., None] * B - (flop**2 * (n * u).sum(-1))[..., None] * u
    hessian = B[..., :, None] * B[..., None, :] - (flop**2)[..., None, None] * u[..., :, None] * u[..., None, :]
    eased = _polished(n, gradient, hessian)
    free = along_field(jnp.cross(k, B), _in_plane(u, k))
    return jnp.where((flop == 0)[..., None], free, eased)


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
