"""A layer as an affine element, and what goes on inside it (docs/methods/elements.md, Layer)."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from spinstack.circuit.element import AffineElement
from spinstack.circuit.law import Law
from spinstack.numerics.hyperbolic import admittances, complex_admittances, interior
from spinstack.numerics.smallmatrix import across as across_axis
from spinstack.numerics.smallmatrix import apply, cross_matrix, dot, mul, outer

# Precession weaker than this (times thickness^2) enters through its derivative at zero, exact to rounding.
_WEAK_PRECESSION = 1e-10


def layer(law: Law, thickness: Array) -> AffineElement:
    """The element of a layer of `thickness` (layers, batch) [m]; exact at every thickness over length."""
    t2 = thickness**2
    h = _precession_rate(law, thickness)
    through_a, shunt_a = admittances(law.k2_longitudinal * t2)
    through_t, shunt_t = complex_admittances(law.k2_transverse * t2, h * t2)
    K_a, K_t = law.longitudinal / thickness, law.transverse / thickness

    def build(a: Array, t: tuple[Array, Array]) -> Array:
        return _axial(law, K_a * a, K_t * t[0], K_t * t[1] / h)

    through, shunt = build(through_a, through_t), build(shunt_a, shunt_t)
    source = jnp.concatenate([law.source, (law.polarization[:, None] * law.axis)[:, :, None]], -2)
    across_z = -law.polarization[:, None] * law.axis
    across = jnp.concatenate([law.inverse, across_z[:, None]], -3)
    resistance = (thickness / law.charge)[:, None]
    r = resistance[:, None]
    E_E = thickness[:, None, None] * law.inplane - r * outer(law.charge_inverse, law.charge_source)
    top = jnp.concatenate([E_E, (resistance * law.charge_inverse)[:, :, None]], -2)
    bottom = jnp.concatenate([-resistance * law.charge_source, resistance], -2)[:, None]
    direct = jnp.concatenate([top, bottom], -3)
    none = jnp.zeros_like(across)
    fraction = torque_fraction(law)
    torque = mul(fraction, shunt)
    return AffineElement(
        lower_through=through,
        upper_through=through,
        lower_shunt=shunt,
        upper_shunt=shunt,
        lower_source=source,
        upper_source=source,
        across=across,
        lower_response=none,
        upper_response=none,
        direct=direct,
        lower_torque=torque,
        upper_torque=torque,
        torque_source=jnp.zeros_like(torque),
        own_torque=2 * mul(fraction, torque),
    )


def bulk_damping(law: Law, thickness: Array) -> Array:
    """Torque per psi_w of uniform spin that spin flip takes inside a moving layer (layers, 3, 3, batch).

    Part of the damping of the magnet by itself (docs/methods/spin_pumping.md).
    """
    return (law.transverse * thickness * law.k2_spin_flip)[:, None, None] * torque_fraction(law)


def _precession_rate(law: Law, thickness: Array) -> Array:
    """Size of the precession vector [1/m^2], floored where too weak to matter so that ratios to it stay finite."""
    h2 = dot(law.precession, law.precession)
    floor = (_WEAK_PRECESSION / thickness**2) ** 2
    return jnp.sqrt(jnp.where(h2 < floor, floor, h2))


def _axial(law: Law, along: Array, across: Array, turning_per_rate: Array) -> Array:
    """The matrix that is `along` on the axis, `across` perpendicular to it, and turns psi into psi x w."""
    e = (slice(None), None, None)
    turning = turning_per_rate[e] * cross_matrix(law.precession)
    return along[e] * outer(law.axis, law.axis) + across[e] * across_axis(law.axis) - turning


def torque_fraction(law: Law) -> Array:
    """The part of the transverse spin loss that ends in the magnetisation: (k2 - k2_spin_flip)/k2, a complex number.

    In a metal: in the applied field.
    """
    h2 = dot(law.precession, law.precession)
    flip, real = law.k2_spin_flip, law.k2_transverse
    size = real**2 + h2
    size = jnp.where(size == 0, 1.0, size)
    # 1 - flip/(real + i h) = [real (real - flip) + h^2 + i h flip] / |k2|^2
    return _axial(law, jnp.zeros_like(flip), (real * (real - flip) + h2) / size, flip / size)


def inside(law: Law, thickness: Array, lower: Array, upper: Array, drives: Array, fraction: Array) -> dict[str, Array]:
    """Potentials and currents inside layers at `fraction` (batch,) of their thickness above the lower face.

    lower, upper: psi (layers, 3, batch) at the faces; drives (3, batch). Returns psi and Q (layers, 3, batch), the drop
    of mu_c from the lower face V (layers, batch) and the in-plane current density j (layers, 2, batch).
    """
    t2 = thickness**2
    h = _precession_rate(law, thickness)
    zero, fraction = jnp.zeros_like(law.k2_longitudinal), fraction[None]

    def matrices(f: Array) -> tuple[Array, Array]:
        va, _, sa, _ = interior(law.k2_longitudinal * t2, zero, f)
        vr, vi, sr, si = interior(law.k2_transverse * t2, h * t2, f)
        K_a, K_t = law.longitudinal / thickness, law.transverse / thickness
        return _axial(law, va, vr, vi / h), _axial(law, K_a * sa, K_t * sr, K_t * si / h)

    value_up, slope_up = matrices(fraction)
    value_down, slope_down = matrices(1 - fraction)
    psi = apply(value_down, lower) + apply(value_up, upper)
    E, j_c = jnp.broadcast_to(drives[:2][None], (*thickness.shape[:1], 2, drives.shape[-1])), drives[2][None]
    flux = apply(slope_down, lower) - apply(slope_up, upper)
    Q = flux + apply(law.source, E) + (law.polarization * j_c)[:, None] * law.axis
    along = dot(law.axis, flux)[:, None] * law.axis
    force = along / law.longitudinal[:, None] + (flux - along) / law.transverse[:, None]
    ohmic = (j_c - apply(law.charge_source[:, None], E)[:, 0]) / law.charge
    V = fraction * thickness * ohmic - law.polarization * dot(law.axis, lower - psi)
    j = apply(law.inplane, E) + law.charge_inverse * ohmic[:, None] + apply(law.inverse, force)
    return {"psi": psi, "Q": Q, "V": V, "j": j}


def mean_spin_current(law: Law, thickness: Array, lower: Array, upper: Array, drives: Array) -> Array:
    """Spin current averaged over each layer's thickness (layers, 3, batch): mean force = drop of psi over t."""
    force = (lower - upper) / thickness[:, None]
    along = dot(law.axis, force)[:, None] * law.axis
    E = jnp.broadcast_to(drives[:2][None], (*thickness.shape[:1], 2, drives.shape[-1]))
    return (
        law.longitudinal[:, None] * along
        + law.transverse[:, None] * (force - along)
        + apply(law.source, E)
        + (law.polarization * drives[2][None])[:, None] * law.axis
    )
