"""Tunnel junctions as affine elements that know two magnets (docs/methods/tunnel_junction.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from spinstack.circuit.element import AffineElement
from spinstack.numerics.smallmatrix import across, apply, constant, cross, dot, mul, outer, transpose

_E = (slice(None), None, None)


class _Geometry(NamedTuple):
    """What both sides have in common; arrays (junctions, batch), vectors (junctions, 3, batch).

    below, above: the two directions; below_across, above_across: what each has across the other, exactly zero where
    they are parallel; cos, sin2 of the angle between them; G: the mean conductance G0 [S/m^2], a: 1 + P P' cos.
    """

    below: Array
    above: Array
    below_across: Array
    above_across: Array
    cos: Array
    sin2: Array
    P: Array
    Pu: Array
    G: Array
    a: Array


def _geometry(p: Mapping[str, Array], m: Array, R: Array) -> _Geometry:
    below, above = (apply(R[None], m[:, side]) for side in (0, 1))
    P, Pu = p["polarization"], p["polarization_upper"]
    cos, normal = dot(below, above), cross(below, above)
    G = 1 / (p["resistance_area_product"] * (1 + P * Pu))
    return _Geometry(
        below, above, cross(above, normal), cross(normal, below), cos, dot(normal, normal), P, Pu, G, 1 + P * Pu * cos
    )


def junction(p: Mapping[str, Array], m: Array, R: Array) -> AffineElement:
    """Tunnel junctions between magnets along m (junctions, 2, 3, batch), the lower first; R the frame of the spin.

    Four channels ``g_ss' = G0 (1 + s P)(1 + s' P')(1 + s s' cos)/4`` between spin along the two m, solved for the drop
    of the potential (Slonczewski, Phys. Rev. B 39, 6995 (1989)); spin across the m of a side is lost to its magnet at
    the rate at which electrons leave that side. What the two magnets take stands in :func:`absorbed`.
    """
    g = _geometry(p, m, R)
    own, other = 1 - g.P**2, 1 - g.Pu**2
    through = g.G * g.cos * own * other / g.a
    leaves = (g.G * g.a)[_E]

    def shunt(m: Array, own: Array, across_m: Array, other: Array) -> Array:
        # of what enters along m the part that does not come out along the other m
        kept = g.sin2[:, None] * m - (g.cos * other)[:, None] * across_m
        return (g.G * own / g.a)[_E] * outer(m, kept) + leaves * across(m)

    sent = ((g.P + g.Pu * g.cos) / g.a)[:, None] * g.below, ((g.Pu + g.P * g.cos) / g.a)[:, None] * g.above
    none = jnp.zeros_like(outer(g.below, g.above))

    def charge(v: Array) -> Array:
        return jnp.concatenate([none[:, :, :2], v[:, :, None]], -2)

    def drop(v: Array) -> Array:
        return jnp.concatenate([none[:, :2], v[:, None]], -3)

    return AffineElement(
        lower_through=through[_E] * outer(g.below, g.above),
        upper_through=through[_E] * outer(g.above, g.below),
        lower_shunt=shunt(g.below, own, g.above_across, other),
        upper_shunt=shunt(g.above, other, g.below_across, own),
        lower_source=charge(sent[0]),
        upper_source=charge(sent[1]),
        across=drop(-sent[1]),
        lower_response=drop(sent[1] - sent[0]),
        upper_response=none,
        direct=(1 / (g.G * g.a))[_E] * constant([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]], none),
        lower_torque=none,
        upper_torque=none,
        torque_source=none,
        own_torque=none,
    )


class Absorbed(NamedTuple):
    """Spin current that ends in the magnets below and above, per psi at the two faces and per charge current.

    by_lower, by_upper (junctions, 2 magnets, 3, 3, batch) [S/m^2]; by_current (junctions, 2, 3, batch); where magnets
    move, own (junctions, 2, 3, 2, 3, batch) [S/m^2] per psi_w of either, no charge current flowing.
    """

    by_lower: Array
    by_upper: Array
    by_current: Array
    own: Array

    def currents(self, lower: Array, upper: Array, current: Array) -> Array:
        """Spin current into both magnets (junctions, 2, 3, batch) for psi (junctions, 3, batch) and j_c (batch)."""
        driven = self.by_current * current[None, None, None]
        return apply(self.by_lower, lower[:, None]) + apply(self.by_upper, upper[:, None]) + driven


def absorbed(p: Mapping[str, Array], m: Array, R: Array) -> Absorbed:
    """What tunnel junctions give to their two magnets: the parts of the spin current in the barrier across either m."""
    g = _geometry(p, m, R)
    own, other = 1 - g.P**2, 1 - g.Pu**2
    scale, leaves = (g.G / g.a)[_E], (g.G * g.a)[_E]
    to_lower, to_upper = g.above_across, g.below_across
    lower_by_lower = leaves * across(g.below) + scale * (g.Pu**2 * g.cos * own)[_E] * outer(to_lower, g.below)
    lower_by_upper = scale * other[_E] * outer(to_lower, g.above)
    upper_by_lower = scale * own[_E] * outer(to_upper, g.below)
    upper_by_upper = leaves * across(g.above) + scale * (g.P**2 * g.cos * other)[_E] * outer(to_upper, g.above)
    by_current = -(g.Pu / g.a)[:, None] * to_lower, (g.P / g.a)[:, None] * to_upper
    moved, both = (g.G * (1 - g.P * g.Pu * g.cos))[_E], g.P * g.Pu
    cross_term = scale * both[_E] * outer(to_lower, to_upper) - (g.G * both)[_E] * outer(to_lower, to_upper)
    cross_term = cross_term - moved * mul(across(g.below), across(g.above))
    diagonal = (
        (leaves + moved) * across(g.below) - scale * (g.Pu**2)[_E] * outer(to_lower, to_lower),
        (leaves + moved) * across(g.above) - scale * (g.P**2)[_E] * outer(to_upper, to_upper),
    )
    return Absorbed(
        jnp.stack([lower_by_lower, upper_by_lower], 1),
        jnp.stack([lower_by_upper, upper_by_upper], 1),
        jnp.stack(by_current, 1),
        jnp.stack([jnp.stack([diagonal[0], cross_term], 2), jnp.stack([transpose(cross_term), diagonal[1]], 2)], 1),
    )
