"""Layers that carry orbital moments beside spin: six potentials psi = mu_s/2, phi = mu_l/2 (docs/methods/orbital.md).

Spin and orbital parts are blocks of three; what is written for a layer with spin alone is the first block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from spinstack.circuit.element import AffineElement
from spinstack.circuit.law import Law
from spinstack.numerics.constants import BOHR_MAGNETON, PLANCK_REDUCED
from spinstack.numerics.pairs import Pair, pair_admittances
from spinstack.numerics.smallmatrix import across, apply, constant, cross_matrix, dot, mul, outer, solve, transpose

#: z x E of an in-plane field
Z_CROSS = [[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]]
#: precession weaker than this (times thickness^2) enters through its derivative at zero, exact to rounding
_WEAK_PRECESSION = 1e-10


class OrbitalLaw(NamedTuple):
    """The law of a layer with orbital moments.

    ``(Q, Q_l) = K (f, f_l) + (source, orbital_source) E + polarization a j_c``, ``-d(Q, Q_l) = Gamma (psi, phi)``, both
    symmetric 2x2 matrices of spin and orbital moments, along the axis a and, complex, across it, where i turns psi into
    psi x a.
    """

    spin: Law
    conductivity: Array  # K of orbital moments [S/m], in every direction
    correlation: Array  # chi: K_sl = chi sqrt(K_ss K_ll)
    conversion: Array  # c: Gamma_sl = -c sqrt(Gamma_ss Gamma_ll) of what goes to the lattice
    k2: Array  # Gamma_ll/K_ll [1/m^2]
    field: Array  # (3) vector along the axis about which both precess
    spin_rate: Array  # precession of spin per field [1/m^2]
    orbital_rate: Array  # of orbital moments
    source: Array  # (3, 2) orbital current per in-plane field [S/m]

    def turned(self, R: Array) -> OrbitalLaw:
        """The same law with spin and orbital moments seen from a frame (3, 3, batch)."""
        return self._replace(
            spin=self.spin.turned(R), field=apply(R[None], self.field), source=mul(R[None], self.source)
        )


def metal(p: Mapping[str, Array], B: Array, law: Law) -> OrbitalLaw:
    """A metal with the law `law` of spin alone; B (3, batch) [T]."""
    slow = law.longitudinal / p["conductivity"]  # the Hall effect slows whatever electrons carry along z
    larmor = BOHR_MAGNETON / PLANCK_REDUCED / slow
    return _orbital(
        p,
        law,
        slow,
        field=jnp.broadcast_to(B[None], law.axis.shape),
        spin_rate=larmor * p["g_factor"] * p["inverse_diffusion"],
        orbital_rate=larmor * p["orbital_g_factor"] * p["inverse_orbital_diffusion"],
    )


def ferromagnet(p: Mapping[str, Array], law: Law) -> OrbitalLaw:
    """A ferromagnet with the law `law` of spin alone: orbital moments know of m only through spin."""
    rate = p["precession_length"] ** -2.0
    return _orbital(p, law, jnp.ones_like(rate), field=law.axis, spin_rate=rate, orbital_rate=jnp.zeros_like(rate))


def altermagnet(p: Mapping[str, Array], law: Law) -> OrbitalLaw:
    """An altermagnet with the law `law` of spin alone: orbital moments know of its Neel vector only through spin."""
    none = jnp.zeros_like(law.transverse)
    return _orbital(p, law, law.transverse / p["conductivity"], field=law.axis, spin_rate=none, orbital_rate=none)


def _orbital(p: Mapping[str, Array], law: Law, slow: Array, **precession: Array) -> OrbitalLaw:
    sources = (p["conductivity"] * p["orbital_hall_angle"])[:, None, None]
    return OrbitalLaw(
        spin=law,
        conductivity=slow * p["orbital_conductivity"],
        correlation=p["spin_orbital_polarization"],
        conversion=p["spin_orbital_conversion"],
        k2=p["orbital_diffusion_length"] ** -2.0 / slow,
        source=sources * constant(Z_CROSS, sources),
        **precession,
    )


def blocks(rows: Sequence[Sequence[Array]]) -> Array:
    """Blocks (..., i, j, batch) as one matrix."""
    return jnp.concatenate([jnp.concatenate(jnp.broadcast_arrays(*row), -2) for row in rows], -3)


def padded(a: Array, rows: bool, columns: bool) -> Array:
    """A matrix of spin alone with zeros for orbital moments below and beside it."""
    width = [(0, 0)] * a.ndim
    width[-3], width[-2] = (0, 3 * rows), (0, 3 * columns)
    return jnp.pad(a, width)


def _root(x: Array) -> Array:
    """Square root whose derivative at zero is none."""
    return jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1.0)), 0.0)


class _Matrices(NamedTuple):
    """The two pairs of a thickness: what stands before them, and functions of them as 6x6 matrices."""

    law: OrbitalLaw
    along: Pair
    across: Pair
    size: Array  # of the field, floored where precession is too weak to matter
    axes: tuple[Array, Array, Array]  # the projectors along and across the axis, and psi -> psi x field over its size

    @classmethod
    def of(cls, law: OrbitalLaw, thickness: Array) -> _Matrices:
        t2, spin, c = thickness**2, law.spin, law.conversion
        r, lost = law.k2 * t2, spin.k2_spin_flip * t2
        rates = (jnp.abs(law.spin_rate) + jnp.abs(law.orbital_rate)) * t2
        floor = (_WEAK_PRECESSION / jnp.where(rates > 0, rates, 1.0)) ** 2
        strength = (law.field**2).sum(1)
        size = jnp.sqrt(jnp.where(strength < floor, floor, strength))
        hs, hl = law.spin_rate * t2 * size, law.orbital_rate * t2 * size
        left = (1 - c) * (1 + c)

        p = spin.k2_longitudinal * t2
        along = Pair(law.correlation, p, -c * _root(p) * _root(r), r, p * r * left)
        exchange = (spin.k2_transverse - spin.k2_spin_flip) * t2 + 1j * hs
        over = Pair(
            law.correlation + 0j,
            lost + exchange,
            -c * _root(lost) * _root(r) + 0j,
            r + 1j * hl,
            lost * r * left + exchange * (r + 1j * hl) + 1j * lost * hl,
        )
        axis = spin.axis
        turn = -cross_matrix(law.field / size[:, None])
        return cls(law, along, over, size, (outer(axis, axis), across(axis), turn))

    def block(self, along: Array, over: Array) -> Array:
        """The matrix (layers, 3, 3, batch) with real `along` on the axis and complex `over` across it."""
        e = (slice(None), None, None)
        along_axis, across_axis, turn = self.axes
        return along[e] * along_axis + jnp.real(over)[e] * across_axis + jnp.imag(over)[e] * turn

    def currents(self, along: tuple[Array, Array], over: tuple[Array, Array], thickness: Array) -> Array:
        """K f(A)/t (layers, 6, 6, batch) of the functions alpha + beta A along and across the axis."""
        spin = self.law.spin
        K_a, K_t, K_l = (_root(K / thickness) for K in (spin.longitudinal, spin.transverse, self.law.conductivity))
        a, t = self.along.times(along), self.across.times(over)
        mixed = self.block(K_a * K_l * a[1], K_t * K_l * t[1])
        return blocks(
            [
                [self.block(K_a * K_a * a[0], K_t * K_t * t[0]), mixed],
                [mixed, self.block(K_l * K_l * a[2], K_l * K_l * t[2])],
            ]
        )

    def admittances(self, thickness: Array) -> tuple[Array, Array]:
        """What passes and what is lost (layers, 6, 6, batch) [S/m^2]."""
        (through_a, shunt_a), (through_t, shunt_t) = pair_admittances(self.along), pair_admittances(self.across)
        return self.currents(through_a, through_t, thickness), self.currents(shunt_a, shunt_t, thickness)


def layer(law: OrbitalLaw, thickness: Array) -> AffineElement:
    """The element of a layer of `thickness` (layers, batch) [m], see :func:`spinstack.circuit.layer.layer`."""
    spin, matrices = law.spin, _Matrices.of(law, thickness)
    through, shunt = matrices.admittances(thickness)
    charge = spin.polarization[:, None] * spin.axis
    source = _source(law)
    inverse = jnp.concatenate([spin.inverse, -transpose(law.source)], -2)
    across_z = padded(-charge[:, None], rows=False, columns=True)
    resistance = (thickness / spin.charge)[:, None]
    E_E = thickness[:, None, None] * spin.inplane - resistance[:, None] * outer(spin.charge_inverse, spin.charge_source)
    top = jnp.concatenate([E_E, (resistance * spin.charge_inverse)[:, :, None]], -2)
    bottom = jnp.concatenate([-resistance * spin.charge_source, resistance], -2)[:, None]
    across_all = jnp.concatenate([inverse, across_z], -3)
    fraction, back = _torque_fraction(matrices)
    torque = mul(fraction, shunt)
    return AffineElement(
        lower_through=through,
        upper_through=through,
        lower_shunt=shunt,
        upper_shunt=shunt,
        lower_source=source,
        upper_source=source,
        across=across_all,
        lower_response=jnp.zeros_like(across_all),
        upper_response=jnp.zeros_like(across_all),
        direct=jnp.concatenate([top, bottom], -3),
        lower_torque=torque,
        upper_torque=torque,
        torque_source=jnp.zeros_like(source[:, :3]),
        own_torque=2 * mul(torque, back),
    )


def _source(law: OrbitalLaw) -> Array:
    """Currents of spin and orbital moments per drive (layers, 6, 3, batch)."""
    spin = law.spin
    charge = (spin.polarization[:, None] * spin.axis)[:, :, None]
    fields = jnp.concatenate([spin.source, law.source], -3)
    return jnp.concatenate([fields, padded(charge, rows=True, columns=False)], -2)


def _torque_fraction(m: _Matrices) -> tuple[Array, Array]:
    """Gamma_exchange Gamma^-1 (layers, 3, 6, batch), what of the loss ends in the magnetisation, and Gamma^-1
    Gamma_exchange (layers, 6, 3, batch).

    With e = k2 - k2_spin_flip + i h the spin entry is e/(k2 - c^2 k2_spin_flip + i h), the orbital one c (l_l/l_s)
    sqrt(K_s/K_l) of it.
    """
    law, spin = m.law, m.law.spin
    flip, c = spin.k2_spin_flip, law.conversion
    exchange = spin.k2_transverse - flip + 1j * law.spin_rate * m.size
    whole = flip * (1 - c) * (1 + c) + exchange
    none = whole == 0
    own = jnp.where(none, 0.0, exchange / jnp.where(none, 1.0, whole))
    ratio = c * _root(spin.transverse * flip) / _root(law.conductivity * law.k2)
    along = jnp.zeros_like(flip)
    parts = [m.block(along, own), m.block(along, ratio * own)]
    return jnp.concatenate(parts, -2), jnp.concatenate(parts, -3)


def bulk_damping(law: OrbitalLaw, thickness: Array) -> Array:
    """Torque per psi_w of uniform spin that the lattice takes inside a moving layer (layers, 3, 3, batch).

    See :func:`spinstack.circuit.layer.bulk_damping`.
    """
    lost = law.spin.k2_spin_flip * (1 - law.conversion) * (1 + law.conversion)
    fraction, _ = _torque_fraction(_Matrices.of(law, thickness))
    return (law.spin.transverse * thickness * lost)[:, None, None] * fraction[..., :3, :]


def inside(
    law: OrbitalLaw, thickness: Array, lower: Array, upper: Array, drives: Array, fraction: Array
) -> dict[str, Array]:
    """As :func:`spinstack.circuit.layer.inside`, with potentials (layers, 6, batch) at the faces.

    Beside psi, Q, V and j it gives phi and Q_l (layers, 3, batch). The potentials at a height are those between the two
    layers into which it cuts the layer.
    """
    near, far = fraction[None], 1 - fraction[None]
    (pass_low, lose_low), (pass_up, lose_up) = (
        _Matrices.of(law, share * thickness).admittances(thickness) for share in (near, far)
    )  # times their share of the thickness, so that they are finite where there is none
    e = (slice(None), None, None)
    kept = far[e] * (pass_low + lose_low) + near[e] * (pass_up + lose_up)
    sides = far[:, None] * apply(pass_low, lower) + near[:, None] * apply(pass_up, upper)
    psi = solve(kept, sides[:, :, None])[:, :, 0]
    from_below = apply(pass_low, lower - psi) - apply(lose_low, psi)
    from_above = apply(pass_up, psi - upper) + apply(lose_up, psi)
    above = near > 0.5
    flux = jnp.where(above[:, None], from_below, from_above) / jnp.where(above, near, far)[:, None]
    d = jnp.broadcast_to(drives[None], (*thickness.shape[:1], *drives.shape))
    Q, E, spin = flux + apply(_source(law), d), d[:, :2], law.spin
    ohmic = (d[:, 2] - apply(spin.charge_source[:, None], E)[:, 0]) / spin.charge
    V = near * thickness * ohmic - spin.polarization * dot(spin.axis, lower[:, :3] - psi[:, :3])
    force = _force(law, flux)
    back = apply(spin.inverse, force[:, :3]) - apply(transpose(law.source), force[:, 3:])
    j = apply(spin.inplane, E) + spin.charge_inverse * ohmic[:, None] + back
    return {"psi": psi[:, :3], "Q": Q[:, :3], "V": V, "j": j, "phi": psi[:, 3:], "Q_l": Q[:, 3:]}


def _split(law: OrbitalLaw, v: Array) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Spin and orbital parts of (layers, 6, batch), each along the axis and across it."""

    def parts(u: Array) -> tuple[Array, Array]:
        along = dot(law.spin.axis, u)[:, None] * law.spin.axis
        return along, u - along

    return parts(v[:, :3]), parts(v[:, 3:])


def _force(law: OrbitalLaw, flux: Array) -> Array:
    """K^-1 flux (layers, 6, batch)."""
    spin, chi = law.spin, law.correlation[:, None]
    K_l = jnp.sqrt(law.conductivity)[:, None]
    found = []
    for K, Q, Q_l in zip((spin.longitudinal, spin.transverse), *_split(law, flux), strict=True):
        K_s = jnp.sqrt(K)[:, None]
        a, b = Q / K_s, Q_l / K_l
        found.append(jnp.concatenate([(a - chi * b) / K_s, (b - chi * a) / K_l], 1) / ((1 - chi) * (1 + chi)))
    return found[0] + found[1]


def mean_spin_current(law: OrbitalLaw, thickness: Array, lower: Array, upper: Array, drives: Array) -> Array:
    """Spin current averaged over each layer's thickness (layers, 3, batch): mean force = drop of potential over t."""
    force = (lower - upper) / thickness[:, None]
    spin = law.spin
    d = jnp.broadcast_to(drives[None], (*thickness.shape[:1], *drives.shape))
    flux = apply(_source(law), d)[:, :3]
    for K, f, f_l in zip((spin.longitudinal, spin.transverse), *_split(law, force), strict=True):
        mixed = law.correlation * jnp.sqrt(K * law.conductivity)
        flux = flux + K[:, None] * f + mixed[:, None] * f_l
    return flux
