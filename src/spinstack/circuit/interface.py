"""Interfaces and terminating insulators as affine elements (docs/methods/elements.md)."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jax import Array

from spinstack.circuit.element import AffineElement
from spinstack.numerics.hyperbolic import admittances
from spinstack.numerics.smallmatrix import across as across_m
from spinstack.numerics.smallmatrix import apply, constant, cross_matrix, identity, mul, outer, transpose

_Z_CROSS = np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]])  # z x E of an in-plane field


def interface(p: Mapping[str, Array], m: Array, R: Array) -> AffineElement:
    """Interfaces with magnetisation direction m (interfaces, 3, batch), spin seen from a frame R (3, 3, batch).

    Boundary conditions of magnetoelectronic circuit theory (Brataas, Nazarov, Bauer, Eur. Phys. J. B 22, 99 (2001)),
    with the sign and the factor 2 of the longitudinal block as derived in docs/methods/elements.md, memory loss as a
    Valet-Fert slab (Phys. Rev. B 48, 7099 (1993)), and interface-generated spin currents (Amin, Stiles, Phys. Rev. B
    94, 104419 (2016)) with their Onsager inverse weighted by `reciprocal`.
    """
    e = (slice(None), None, None)
    up, down = p["conductance_up"], p["conductance_down"]
    total = up + down
    gamma = (up - down) / total
    through, shunt = admittances(p["spin_memory_loss"] ** 2)
    through, shunt = (4 * up * down / total * f for f in (through, shunt))  # 4 G_par: psi is half of mu_s
    m = apply(R[None], m)
    mm, perp, turn = outer(m, m), across_m(m), -cross_matrix(m)  # turn: psi -> psi x m
    magnetic = p["magnetic"]  # 0 where spins of every direction pass alike

    def transverse(real: Array, imaginary: Array, isotropic: Array) -> Array:
        real = magnetic * 2 * real + (1 - magnetic) * isotropic
        return real[e] * perp + (magnetic * 2 * imaginary)[e] * turn

    Gt = p["transmitted_mixing_conductance_real"], p["transmitted_mixing_conductance_imag"]
    G = p["mixing_conductance_real"], p["mixing_conductance_imag"]
    Gu = p["mixing_conductance_upper_real"], p["mixing_conductance_upper_imag"]
    passes = through[e] * mm + transverse(*Gt, through)

    def losses(g: tuple[Array, Array]) -> tuple[Array, Array]:
        lost = transverse(g[0] - Gt[0], g[1] - Gt[1], shunt)
        return shunt[e] * mm + lost, magnetic[e] * lost

    (lower_shunt, lower_torque), (upper_shunt, upper_torque) = losses(G), losses(Gu)

    filtering, precession, edelstein = (p["filtering"], p["precession"], p["rashba_edelstein"])
    upper = p["filtering_upper"], p["precession_upper"]
    Z = mul(R[None], constant(_Z_CROSS, R[None])) + jnp.zeros_like(mm)[:, :, :2]
    mZ = mul(cross_matrix(m), Z)
    polarized = (gamma[:, None] * m)[:, :, None]

    def source(f: Array, pr: Array, side: int) -> tuple[Array, Array]:
        generated, turned = (f + side * edelstein / 2)[e] * Z, pr[e] * mZ
        reversed_m = transpose(generated - turned)
        return jnp.concatenate([generated + turned, polarized], -2), p["reciprocal"][e] * reversed_m

    lower_source, lower_inverse = source(filtering, precession, -1)
    upper_source, upper_inverse = source(*upper, +1)
    none = jnp.zeros_like(polarized).swapaxes(-3, -2)
    # -c_L psi_L + c_R psi_R = -c_R (psi_L - psi_R) - (c_L - c_R) psi_L keeps a transparent interface exact
    across = jnp.concatenate([-upper_inverse, -(gamma[:, None] * m)[:, None]], -3)
    lower_response = jnp.concatenate([upper_inverse - lower_inverse, none], -3)
    sheet = p["sheet_conductance"][e] * constant(np.diag([1.0, 1.0, 0.0]), mm)
    direct = sheet + (1 / total)[e] * constant(np.diag([0.0, 0.0, 1.0]), mm)
    return AffineElement(
        lower_through=passes,
        upper_through=passes,
        lower_shunt=lower_shunt,
        upper_shunt=upper_shunt,
        lower_source=lower_source,
        upper_source=upper_source,
        across=across,
        lower_response=lower_response,
        upper_response=jnp.zeros_like(lower_response),
        direct=direct,
        lower_torque=lower_torque,
        upper_torque=upper_torque,
        torque_source=jnp.zeros_like(lower_source),
        own_torque=lower_torque + upper_torque,
    )


def interface_spread(p: Mapping[str, Array]) -> Array:
    """Conductance across m over that along it, of interfaces."""
    up, down = p["conductance_up"], p["conductance_down"]
    mixing = jnp.abs(p["mixing_conductance_real"]) + jnp.abs(p["mixing_conductance_imag"])
    return jnp.where(p["magnetic"] > 0, mixing, up) / up * (up + down) / (2 * down)


def sink_spread(p: Mapping[str, Array]) -> Array:
    """Conductance across m over that along it, of insulators."""
    mixing = jnp.abs(p["mixing_conductance_real"]) + jnp.abs(p["mixing_conductance_imag"])
    return 1 + mixing / (p["spin_sink_conductance"] + sys.float_info.min)


def insulator(p: Mapping[str, Array], m: Array, R: Array) -> AffineElement:
    """Magnetic insulators with direction m (insulators, 3, batch): both faces absorb spin, nothing passes. R as above.

    ``Q into it = Gs mu + Gr mu_perp + Gi mu x m`` (Chen et al., Phys. Rev. B 87, 144411 (2013), Eq. 7; Zhang, Bergeret,
    Golovach, Nano Lett. 19, 6330 (2019), whose Gs is the negative of this one).
    """
    e = (slice(None), None, None)
    sink = p["spin_sink_conductance"]
    m = apply(R[None], m)
    perp, turn = across_m(m), -cross_matrix(m)
    torque = 2 * (p["mixing_conductance_real"][e] * perp + p["mixing_conductance_imag"][e] * turn)
    shunt = 2 * sink[e] * identity(perp) + torque
    none = jnp.zeros_like(shunt)
    return AffineElement(none, none, shunt, shunt, none, none, none, none, none, none, torque, torque, none, 2 * torque)
