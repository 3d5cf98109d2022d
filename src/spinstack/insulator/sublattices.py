"""From a magnet in its field to the pieces of its face: conductances and direction of every sublattice.

Columns `p` are a magnet's parameters, arrays of one shape (..., batch); vectors have their components on the axis
before the batch. Sublattices do not interfere in mean field, so their conductance tensors add.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from spinstack.insulator.brillouin import order, response
from spinstack.insulator.equilibrium import along_field
from spinstack.insulator.mean_field import SATURATED, critical_temperature, one_sublattice, two_sublattices
from spinstack.insulator.moments import Columns, Moments, Sublattice, of_sublattice
from spinstack.numerics.constants import BOHR_MAGNETON, BOLTZMANN


def zeeman(p: Columns, B: Array) -> Array:
    """g mu_B B/k_B [K]."""
    return p["g_factor"] * (BOHR_MAGNETON / BOLTZMANN) * B


def _face(moments: Moments, x: Array, direction: Array) -> Sublattice:
    """Gs, Gr, Gi [S/m^2] of moments in the state x that are ordered along `direction`."""
    r = response(x, moments.spin)
    G0 = moments.characteristic_conductance
    return Sublattice(2 * G0 * r.flips, G0 * r.dephasing, moments.exchange_conductance * r.order, direction)


def weiss_states(p: Columns, h: Array, T: Array) -> tuple[Array, Array]:
    """x of a moment inside the magnet and at its surface; h along the order [K]."""
    S, bulk = p["spin"], 3 * p["curie_temperature"] / (p["spin"] * (p["spin"] + 1))
    T, h, bulk, S = jnp.broadcast_arrays(T, h, bulk, S)
    x = one_sublattice(T, h, bulk, S)
    neighbours = p["surface_coordination"] / p["coordination"]
    finite = jnp.abs(h) < SATURATED * T
    alone = jnp.where(finite, h / jnp.where(finite, T, 1.0), SATURATED * jnp.sign(h))
    return x, neighbours * x + (1 - neighbours) * alone


def weiss(p: Columns, m: Array, B: Array, T: Array) -> list[Sublattice]:
    """The ferromagnet or paramagnet, ordered along m."""
    _, x = weiss_states(p, zeeman(p, _dot(B, m)), T)
    return [_face(of_sublattice(p), x, m)]


def weiss_order(p: Columns, B: Array, T: Array) -> Array:
    """Ordered spin at the surface in a field along the order."""
    return order(weiss_states(p, zeeman(p, B), T)[1], p["spin"])[0]


def free_energy(T: Array, h: Array, mean: Array, x: Array, S: Array) -> Array:
    """Mean-field free energy of one moment [K] in the field h and the mean field of the others."""
    size = jnp.maximum(jnp.abs(x), 1e-8)  # ln(2S + 1) to rounding there
    states = jnp.log(-jnp.expm1(-(2 * S + 1) * size) / -jnp.expm1(-size))
    return -S * jnp.abs(h + mean) - T * states + order(x, S)[0] * mean / 2


def ferrimagnet_states(p: Columns, h: Array, T: Array) -> tuple[tuple[Array, Array], Array]:
    """x of the two sublattices, each along its own direction, and the sign of sublattice a along the magnetisation."""
    spins = p["spin_a"], p["spin_b"]
    fa = p["density_ratio"] / (1 + p["density_ratio"])
    fb = 1 - fa
    shape = ((p["intra_a"] * fa, fb), (fa, p["intra_b"] * fb))
    scale = p["curie_temperature"] / critical_temperature(shape, spins)
    coupling = jax.tree.map(lambda c: scale * c, shape)
    T, h, Sa, Sb = jnp.broadcast_arrays(T, h, *spins)
    # in the field, against it, and without field
    fields = jnp.stack([jnp.abs(h), -jnp.abs(h), jnp.zeros_like(h)])
    three, coupling, spins, (fa, fb) = jax.tree.map(
        lambda v: jnp.broadcast_to(v, fields.shape), (T, coupling, (Sa, Sb), (fa, fb))
    )
    x = two_sublattices(three, (fields, -fields), coupling, spins)
    sigma = [order(v, S)[0] for v, S in zip(x, spins, strict=True)]
    mean = [row[0] * sigma[0] + row[1] * sigma[1] for row in coupling]
    energy = fa * free_energy(three, fields, mean[0], x[0], spins[0])
    energy += fb * free_energy(three, -fields, mean[1], x[1], spins[1])
    gain = energy[1] - energy[0]
    # a field too weak for a difference of free energies: by its derivative
    weak = jnp.abs(gain) <= 1e-12 * jnp.abs(energy[0])
    sign = jnp.where(jnp.where(weak, (fa * sigma[0] - fb * sigma[1])[2], gain) < 0, -1.0, 1.0)
    forward = sign * h >= 0
    return (jnp.where(forward, x[0][0], x[0][1]), jnp.where(forward, x[1][0], x[1][1])), sign


def ferrimagnet(p: Columns, m: Array, B: Array, T: Array) -> list[Sublattice]:
    """Two opposite sublattices with the magnetisation along m."""
    (xa, xb), sign = ferrimagnet_states(p, zeeman(p, _dot(B, m)), T)
    along = sign[..., None, :] * m
    return [_face(of_sublattice(p, "a"), xa, along), _face(of_sublattice(p, "b"), xb, -along)]


def ferrimagnet_order(p: Columns, B: Array, T: Array) -> Array:
    """Ordered spins (2, batch) in a field along the magnetisation."""
    x, _ = ferrimagnet_states(p, zeeman(p, B), T)
    return jnp.stack([order(x[0], p["spin_a"])[0], order(x[1], p["spin_b"])[0]])


def antiferromagnet_states(p: Columns, along: Array, T: Array) -> tuple[tuple[Array, Array], Array]:
    """x of the two sublattices in a field `along` the Neel vector [K], and the coupling between them [K]."""
    S = p["spin"]
    between = 3 * p["neel_temperature"] / (S * (S + 1) * (1 + p["intra"]))
    T, along, between, S = jnp.broadcast_arrays(T, along, between, S)
    inside = p["intra"] * between
    coupling = ((inside, between), (between, inside))
    return two_sublattices(T, (along, -along), coupling, (S, S)), between


def antiferromagnet(p: Columns, n: Array, B: Array, T: Array) -> list[Sublattice]:
    """Two sublattices along +n and -n, canted towards the field across n; parallel to the field where it wins."""
    along = _dot(B, n)
    x, between = antiferromagnet_states(p, zeeman(p, along), T)
    S = p["spin"]
    total = order(x[0], S)[0] + order(x[1], S)[0]
    across = (zeeman(p, jnp.ones_like(along)))[..., None, :] * (B - along[..., None, :] * n)
    h2 = _dot(across, across)
    stiffness = between * total
    ordered = (p["neel_temperature"] > T) & (h2 < stiffness**2)
    canting = across / jnp.where(ordered, stiffness, 1.0)[..., None, :]
    canting = jnp.where(ordered[..., None, :], canting, 0.0)
    cosine = jnp.sqrt(1 - _dot(canting, canting))[..., None, :] * n

    along_B = jnp.moveaxis(along_field(jnp.moveaxis(B, -2, -1), jnp.moveaxis(n, -2, -1)), -1, -2)
    h = zeeman(p, _dot(B, along_B))
    T, h, opposing, S = jnp.broadcast_arrays(T, h, -between * (1 - p["intra"]), S)
    aligned = one_sublattice(T, h, opposing, S)
    out = []
    for name, state, sign in (("a", x[0], 1.0), ("b", x[1], -1.0)):
        direction = jnp.where(ordered[..., None, :], sign * cosine + canting, along_B)
        out.append(_face(of_sublattice(p, name), jnp.where(ordered, state, aligned), direction))
    return out


def given_antiferromagnet(p: Columns, n: Array, B: Array) -> list[Sublattice]:
    """Half of the given conductances for each sublattice, canted towards the field across n."""
    across = B - _dot(B, n)[..., None, :] * n
    canting = across / (2 * p["exchange_field"])[..., None, :]
    sine2 = _dot(canting, canting)
    flipped = sine2 >= 1
    size = jnp.sqrt(jnp.where(flipped, sine2, 1.0))[..., None, :]
    cosine = jnp.where(flipped, 0.0, jnp.sqrt(jnp.where(flipped, 1.0, 1 - sine2)))
    names = "spin_sink_conductance", "mixing_conductance_real", "mixing_conductance_imag"
    sink, real, imag = (jnp.broadcast_to(p[name] / 2, sine2.shape) for name in names)
    directions = (sign * cosine[..., None, :] * n + canting / size for sign in (1.0, -1.0))
    return [Sublattice(sink, real, imag, direction) for direction in directions]


def antiferromagnet_order(p: Columns, B: Array, T: Array) -> Array:
    """Ordered spins (2, batch) in a field along the Neel vector."""
    x, _ = antiferromagnet_states(p, zeeman(p, B), T)
    return jnp.stack([order(v, p["spin"])[0] for v in x])


def _dot(u: Any, v: Any) -> Array:
    return (u * v).sum(-2)
