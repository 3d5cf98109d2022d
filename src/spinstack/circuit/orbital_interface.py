"""Interfaces and faces in a film with orbital moments: what they do to them beside spin (docs/methods/orbital.md)."""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
from jax import Array

from spinstack.circuit.element import AffineElement
from spinstack.circuit.orbital import Z_CROSS, blocks, padded
from spinstack.numerics.hyperbolic import admittances
from spinstack.numerics.smallmatrix import across as across_m
from spinstack.numerics.smallmatrix import apply, constant, cross_matrix, identity, mul, transpose


def face(element: AffineElement) -> AffineElement:
    """Elements of spin alone among orbital moments, of which they pass and take up none."""

    def wider(name: str, a: Array) -> Array:
        if name in ("direct", "own_torque"):
            return a
        kind = name.rpartition("_")[2]
        rows = kind in ("through", "shunt", "source") and name != "torque_source"
        return padded(a, rows, columns=kind != "source")

    return AffineElement(**{name: wider(name, a) for name, a in element._asdict().items()})


def interface(element: AffineElement, p: Mapping[str, Array], m: Array, R: Array) -> AffineElement:
    """Interfaces whose spin part is `element`; m (interfaces, 3, batch), R (3, 3, batch) as there.

    ``Q_l = 2 G_l (phi_L - phi_R)`` with a Valet-Fert slab for what is lost, the orbital Rashba-Edelstein effect with
    its inverse, and at the face away from the magnet ``Q += X (phi_L - phi_R)``, ``Q_l += X psi``, X = 2 G_os.
    """
    e = (slice(None), None, None)
    m = apply(R[None], m)
    through, shunt = (2 * p["orbital_conductance"] * f for f in admittances(p["orbital_memory_loss"] ** 2))
    G = 2 * p["orbital_spin_mixing_conductance_real"], 2 * p["orbital_spin_mixing_conductance_imag"]
    X = G[0][e] * across_m(m) - G[1][e] * cross_matrix(m)
    below = p["magnet_above"][e]  # where spin is absorbed: 1 at the lower face, 0 at the upper one
    lower, upper = below * X, (1 - below) * X
    turned = lower - upper
    one = identity(X)
    own_pass, own_loss = through[e] * one, shunt[e] * one
    generated = (p["orbital_rashba_edelstein"] / 2)[e] * (mul(R[None], constant(Z_CROSS, R[None])) + 0 * X[:, :, :2])
    none = jnp.zeros_like(X[:, :, :1])
    source = jnp.concatenate([generated, none], -2)
    back = p["reciprocal"][e] * transpose(generated)
    none = jnp.zeros_like(X[:, :1])
    inverse = jnp.concatenate([back, none], -3)
    return AffineElement(
        lower_through=blocks([[element.lower_through, lower], [upper, own_pass]]),
        upper_through=blocks([[element.upper_through, upper], [lower, own_pass]]),
        lower_shunt=blocks([[element.lower_shunt, 0 * X], [turned, own_loss]]),
        upper_shunt=blocks([[element.upper_shunt, 0 * X], [-turned, own_loss]]),
        lower_source=jnp.concatenate([element.lower_source, -source], -3),
        upper_source=jnp.concatenate([element.upper_source, source], -3),
        across=jnp.concatenate([element.across, -inverse], -2),
        lower_response=jnp.concatenate([element.lower_response, 2 * inverse], -2),
        upper_response=padded(element.upper_response, rows=False, columns=True),
        direct=element.direct,
        lower_torque=jnp.concatenate([element.lower_torque, turned], -2),
        upper_torque=jnp.concatenate([element.upper_torque, -turned], -2),
        torque_source=element.torque_source,
        own_torque=element.own_torque,
    )
