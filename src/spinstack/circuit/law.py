"""The linear law inside a layer: what fields and potential gradients drive (docs/methods/local_law.md).

Every array ends with the batch axis; parameters have shape (layers, batch), vectors (layers, 3, batch).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from spinstack.numerics.constants import BOHR_MAGNETON, PLANCK_REDUCED
from spinstack.numerics.smallmatrix import apply, constant, cross_matrix, dot, mul, outer, transpose

_Z_CROSS = np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]])  # z x E of an in-plane field


class Law(NamedTuple):
    """One layer's law with the z-charge current as a drive. Force f = -d(mu_s/2), E the in-plane field.

    ``Q = longitudinal a (a.f) + transverse (f - a (a.f)) + source E + polarization a j_c``,
    ``f_c = (j_c - charge_source E)/charge - polarization a.f``,
    ``j_p = inplane E + charge_inverse (j_c - charge_source E)/charge + inverse f``;
    relaxation ``-dQ/dz`` is `longitudinal` k2_longitudinal along a, and `transverse` (k2_transverse + x w) across it.
    """

    axis: Array  # (3) unit vector a: m, or the direction of B
    charge: Array  # Sigma_zz of the charge [S/m]
    polarization: Array  # p: spin current along a per z-charge current
    longitudinal: Array  # K_m at fixed j_c [S/m]
    transverse: Array  # K_perp [S/m]
    k2_longitudinal: Array  # 1/length^2 [1/m^2]
    k2_transverse: Array  # real part [1/m^2]
    k2_spin_flip: Array  # the part of k2_transverse that goes to the lattice [1/m^2]
    precession: Array  # (3) vector w along a, imaginary part [1/m^2]
    source: Array  # (3, 2) spin current per field at j_c = 0, f_c eliminated [S/m]
    charge_source: Array  # (2) z-charge current per field [S/m]
    inverse: Array  # (2, 3) in-plane current per spin force, f_c eliminated [S/m]
    charge_inverse: Array  # (2) in-plane current per f_c [S/m]
    inplane: Array  # (2, 2) in-plane conductivity at given f_c [S/m]

    def turned(self, R: Array) -> Law:
        """The same law with spin seen from a frame (3, 3, batch)."""
        return self._replace(
            axis=apply(R[None], self.axis),
            precession=apply(R[None], self.precession),
            source=mul(R[None], self.source),
            inverse=mul(self.inverse, transpose(R[None])),
        )


def spread(p: Mapping[str, Array]) -> Array:
    """Admittance across m over that along it, of ferromagnets, by its order."""
    along = p["spin_diffusion_length"] ** -2.0 + p["thickness"] ** -2.0
    across = along + p["dephasing_length"] ** -2.0 + p["precession_length"] ** -2.0
    return jnp.sqrt(across / along) / ((1 - p["polarization"]) * (1 + p["polarization"]))


def metal(p: Mapping[str, Array], B: Array, axis: Array) -> Law:
    """Non-magnetic metal: spin Hall tensor, spin splitter, Hanle precession, ordinary Hall effect. B (3, batch) [T].

    axis: unit vector (3, batch) that takes the place of the direction of B where there is none.
    """
    sigma = p["conductivity"]
    s = sigma[:, None, None, :]
    one = jnp.ones_like(sigma)
    axes = jnp.broadcast_to(constant([0.0, 0.0, 1.0], B[None]), (1, 3, 1))
    tensor = s * _conductivity(one, 0 * one, axes, (sigma * p["hall_coefficient"])[:, None] * B[None])
    zz = tensor[:, 2, 2]
    strength2 = dot(B, B)
    none = strength2 == 0
    axis = jnp.where(none[None], axis, B / jnp.sqrt(jnp.where(none, 1.0, strength2))[None])
    axis = jnp.broadcast_to(axis[None], (sigma.shape[0], *axis.shape))
    larmor = p["g_factor"] * BOHR_MAGNETON / PLANCK_REDUCED * p["inverse_diffusion"]
    slow = sigma / zz  # the Hall effect slows diffusion along z, not relaxation
    return Law(
        axis=axis,
        charge=zz,
        polarization=jnp.zeros_like(sigma),
        longitudinal=zz,
        transverse=zz,
        k2_longitudinal=slow * p["spin_diffusion_length"] ** -2.0,
        k2_transverse=slow * p["spin_diffusion_length"] ** -2.0,
        k2_spin_flip=slow * p["spin_diffusion_length"] ** -2.0,
        precession=(slow * larmor)[:, None] * B[None],
        source=s * (p["spin_hall_angle"] + p["spin_splitter"]),
        charge_source=tensor[:, 2, :2],
        inverse=s * transpose(p["spin_splitter"] - p["spin_hall_angle"]),
        charge_inverse=tensor[:, :2, 2],
        inplane=tensor[:, :2, :2],
    )


def _conductivity(plane: Array, ratio: Array, m: Array, turning: Array) -> Array:
    """Inverse of the resistivity diag(plane, plane, 1) + ratio m m^T + turning x, vectors (..., 3, batch).

    With S its symmetric part, (S + a x)^-1 = [adj S + a a^T - (S a) x]/(det S + a.S a): reversing m and the field
    transposes it to the last bit, however large the Hall angle of a channel is.
    """
    D = jnp.stack(jnp.broadcast_arrays(plane, plane, jnp.ones_like(plane)), -2)
    others = jnp.stack([D[..., 1, :] * D[..., 2, :], D[..., 0, :] * D[..., 2, :], D[..., 0, :] * D[..., 1, :]], -2)
    e = (..., None, slice(None))
    squares = m * m
    # adj(D + r m m^T): on the diagonal D_j D_k + r (D_j m_k^2 + D_k m_j^2), beside it - r m_i m_j D_k
    x, y, z = (m[..., i, :] for i in range(3))
    X, Y, Z = (D[..., i, :] for i in range(3))
    xy, xz, yz = -x * y * Z, -x * z * Y, -y * z * X
    mixed = ([Y * z * z + Z * y * y, xy, xz], [xy, X * z * z + Z * x * x, yz], [xz, yz, X * y * y + Y * x * x])
    adjugate = ratio[..., None, None, :] * jnp.stack([jnp.stack(row, -2) for row in mixed], -3)
    adjugate = adjugate + others[..., None, :] * constant(np.eye(3), adjugate)
    Sa = D * turning + (ratio * dot(m, turning))[e] * m
    determinant = X * Y * Z + ratio * (squares * others).sum(-2) + dot(turning, Sa)
    return (adjugate + outer(turning, turning) - cross_matrix(Sa)) / determinant[..., None, None, :]


def ferromagnet(p: Mapping[str, Array], m: Array, B: Array) -> Law:
    """Ferromagnet: two spin channels with anisotropic, Hall-active resistivity. m (layers, 3, batch), B (3, batch)."""
    sigma, P, flip = p["conductivity"], p["polarization"], p["spin_diffusion_length"] ** -2.0
    plane = 1 + p["size_effect_ratio"] * m[:, 2] ** 2
    hall = (sigma * p["hall_coefficient"])[:, None] * B[None]

    # the two spin channels in one stack
    sign = jnp.array([1.0, -1.0])[:, None, None]
    both = {n: p[n][None] for n in ("amr_ratio", "anomalous_hall_angle", "spin_anomalous_hall_angle")}
    share = (1 + sign * P[None]) / 2
    anisotropy = (1 + both["amr_ratio"]) * 2 * share / (1 + sign * p["polarization_parallel"][None]) - 1
    angle = (both["anomalous_hall_angle"] + sign * both["spin_anomalous_hall_angle"]) / (2 * share)
    turning = angle[:, :, None] * m[None] + hall[None]
    up, down = (sigma[None] * share)[:, :, None, None] * _conductivity(plane[None], anisotropy, m[None], turning)
    hall_source = sigma[:, None, None, :] * p["spin_hall_angle"]
    odd: Any = 0.0
    if "rotated_spin_hall_angle" in p:
        size = (sigma * p["rotated_spin_hall_angle"])[:, None, None, :]
        odd = size * mul(cross_matrix(m), constant(_Z_CROSS, hall_source))
    relaxation = _Transverse(sigma, flip + p["dephasing_length"] ** -2.0, flip, p["precession_length"] ** -2.0)
    return _two_channels(m, up, down, flip * sigma * (1 - P) * (1 + P), relaxation, hall_source, odd)


class _Transverse(NamedTuple):
    """What becomes of spin across the axis: conductivity, both rates of a layer, precession about the axis [1/m^2]."""

    conductivity: Array
    k2: Array
    k2_spin_flip: Array
    precession: Array


def _two_channels(
    axis: Array, up: Array, down: Array, loss: Array, across: _Transverse, hall_source: Array, odd: Any = 0.0
) -> Law:
    """The law of two spin channels along `axis` with conductivity tensors up and down (layers, 3, 3, batch).

    loss: K k2 of spin along the axis [S/m^3]; hall_source, odd (layers, 3, 2, batch): sources that are even and odd
    under reversal of time.
    """
    charge, spin = up + down, up - down
    c_zz = charge[:, 2, 2]
    p_z = spin[:, 2, 2] / c_zz
    # 1 - p_z^2 from the channels: exact for a nearly half-metallic layer
    longitudinal = 4 * up[:, 2, 2] * down[:, 2, 2] / c_zz

    def at_no_current(up_p: Array, down_p: Array) -> Array:
        """spin - p_z charge of the off-diagonal elements, which would cancel where one channel carries nearly all."""
        return 2 * (up_p * down[:, 2, 2][:, None] - down_p * up[:, 2, 2][:, None]) / c_zz[:, None]

    along = at_no_current(up[:, 2, :2], down[:, 2, :2])
    back = at_no_current(up[:, :2, 2], down[:, :2, 2])
    return Law(
        axis=axis,
        charge=c_zz,
        polarization=p_z,
        longitudinal=longitudinal,
        transverse=across.conductivity,
        k2_longitudinal=loss / longitudinal,
        k2_transverse=across.k2,
        k2_spin_flip=across.k2_spin_flip,
        precession=across.precession[:, None, :] * axis,
        source=hall_source + odd + outer(axis, along),
        charge_source=charge[:, 2, :2],
        inverse=outer(back, axis) - transpose(hall_source - odd),
        charge_inverse=charge[:, :2, 2],
        inplane=charge[:, :2, :2],
    )


#: components of tau over the splitting of an altermagnet, row by row
_TAU = [["xx", "xy", "xz"], ["xy", "yy", "yz"], ["xz", "yz", "zz"]]


def neel_vector(p: Mapping[str, Array]) -> Array:
    """The Neel vectors (layers, 3, batch) of altermagnets."""
    return jnp.stack([p[f"neel_{axis}"] for axis in "xyz"], 1)


def altermagnet_spread(p: Mapping[str, Array]) -> Array:
    """:func:`spread` of altermagnets."""
    along = p["spin_diffusion_length"] ** -2.0 + p["thickness"] ** -2.0
    share = p["splitting"] * p["tau_zz"]
    return jnp.sqrt((along + p["dephasing_length"] ** -2.0) / along) / ((1 - share) * (1 + share))


def altermagnet(p: Mapping[str, Array], B: Array) -> Law:
    """Altermagnet: two spin channels (sigma/2)(1 +- tau) along the Neel vector, with the Hall effect of B (3, batch).

    With T = 1 +- tau a channel is (T^-1 + h x)^-1 = [T + det T h h^T - (adj T h) x]/(1 + h.adj T h), h = sigma R_H B,
    and adj(1 +- tau) = 1 -+ tau + tau^2 - tau0^2 since tau^3 = tau0^2 tau (docs/methods/altermagnets.md).
    """
    sigma, tau0, flip = p["conductivity"], p["splitting"], p["spin_diffusion_length"] ** -2.0
    axis = neel_vector(p)
    tau = tau0[:, None, None] * jnp.stack([jnp.stack([p[f"tau_{ij}"] for ij in row], 1) for row in _TAU], 1)
    one, square = constant(np.eye(3), tau), mul(tau, tau)
    h = (sigma * p["hall_coefficient"])[:, None] * B[None]
    even = ((1 - tau0) * (1 + tau0))[:, None, None] * outer(h, h)

    def channel(sign: float) -> Array:
        adjugate = (1 - tau0**2)[:, None, None] * one - sign * tau + square
        turning = apply(adjugate, h)
        size = sigma / 2 / (1 + dot(h, turning))
        return size[:, None, None] * (one + sign * tau + even - cross_matrix(turning))

    up, down = channel(1.0), channel(-1.0)
    h2 = dot(h, h)
    slow = (1 + h2) / (1 + h[:, 2] ** 2)  # of spin across the axis, as in a metal
    k2 = slow * (flip + p["dephasing_length"] ** -2.0)
    relaxation = _Transverse(sigma / slow, k2, slow * flip, jnp.zeros_like(flip))
    hall_source = sigma[:, None, None, :] * p["spin_hall_angle"]
    return _two_channels(axis, up, down, flip * sigma, relaxation, hall_source)
