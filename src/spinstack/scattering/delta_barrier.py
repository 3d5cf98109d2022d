"""The delta barrier: the simplest interface with everything an interface does."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.scattering.electrons import Incidence, in_plane, spin_matrix
from spinstack.scattering.model import ScatteringModel, some
from spinstack.stack.directions import unit_vector
from spinstack.stack.parameters import parameter

if TYPE_CHECKING:
    from spinstack.scattering.integrals import Integrals

_EPS = np.zeros((3, 3, 3))
for _i, _j, _k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
    _EPS[_i, _j, _k], _EPS[_j, _i, _k] = 1.0, -1.0


@dataclass(frozen=True, eq=False, repr=False)
class DeltaBarrier(ScatteringModel, kind="delta_barrier"):
    """Two free-electron metals that meet in ``(hbar^2 kF/m) delta(z) [u0 + sigma.(u_ex m + u_R z x k/kF)]``.

    `sigma` is the electron's spin, opposite to its moment, so a positive `exchange` lets the majority pass better. All
    strengths are dimensionless. Results carry moment labels, spin along x, y, z, then charge. Directions m (..., 3)
    broadcast with array-valued parameters. Source: Amin, Haney, Stiles, J. Appl. Phys. 128, 151101 (2020), Eqs. 15, 17,
    corrected as in docs/methods/scattering.md.

    Args:
        sharvin: whether potentials are means over all electrons, as in a diffusion equation, so that the resistance of
            ballistic contacts is taken off; else they are those of the electrons that arrive.
    """

    symbols: ClassVar[dict[str, str]] = {"barrier": "u_0", "exchange": "u_{ex}", "rashba": "u_R", "dresselhaus": "u_D"}

    barrier: float = parameter("1", "u0, the part of the potential that every electron meets")
    exchange: float = parameter("1", "u_ex, the exchange part along m", default=0.0)
    rashba: float = parameter("1", "u_R, the Rashba part along z x k", default=0.0)
    dresselhaus: float | None = parameter(
        "1", "u_D, the Dresselhaus part along (k_x, -k_y); default: none", default=None, otherwise=0.0
    )
    fermi_wavevector: float = parameter("1/m", "k_F of both metals", low=0, open_low=True)
    sharvin: bool = False

    def _check(self) -> None:
        strengths = self._strengths()
        if not self.sharvin or any(is_traced(v) for v in strengths):
            return
        u0, exchange, rashba, dresselhaus = (np.asarray(v) for v in strengths)
        if ((np.abs(u0) == np.abs(exchange)) & (rashba == 0) & (dresselhaus == 0)).any():
            why = (
                f"but electrons of one spin meet no barrier at all (barrier {self.barrier!r}, exchange "
                f"{self.exchange!r}, no spin-orbit coupling); without the Sharvin resistance they have no resistance"
            )
            remedy = "Change one of the two; with both zero leave the interface out (perfect contact)."
            raise self.refused("sharvin", why, remedy=remedy)

    def _strengths(self) -> list[Any]:
        """u0, u_ex, u_R, u_D; a coupling that is absent as 0."""
        return list(self.numbers().values())[:4]

    def asks_for_magnet(self) -> str:
        return "exchange" if some(self.exchange) and not is_traced(self.exchange) else ""

    def turns(self) -> bool:
        return any(some(v) for v in self._strengths()[2:])

    def without_spin_orbit(self) -> DeltaBarrier:
        if not self.turns():
            return self
        none = np.zeros(np.shape(self.rashba))
        return _unchecked(self, rashba=none, dresselhaus=None if self.dresselhaus is None else np.zeros_like(none))

    def field(self, kx: Any, ky: Any, m: Any) -> tuple[Any, Any]:
        """Exchange part u_ex m and spin-orbit part (..., 3) of u at in-plane k in units of kF."""
        _, exchange, R, D = self._strengths()
        xp = array_module(exchange, R, D, kx, m)
        x, y = D * kx - R * ky, R * kx - D * ky
        return xp.asarray(exchange)[..., None] * m, xp.stack([x, y, xp.zeros_like(x)], -1)

    def amplitudes(self, k: Any, m: Any) -> tuple[Any, Any]:
        """Reflection and transmission amplitudes r, t (..., 2, 2) for in-plane k (..., 2) in units of kF.

        In the basis of sigma_z = +1, -1: ``t = i c [i c - u0 - sigma.u]^-1``, ``r = t - 1`` (Eq. A18 of the source, any
        spin axis). Raises where k is 1 or longer: such electrons do not arrive.
        """
        k = in_plane(k)
        exchange, orbit = self.field(k[..., 0], k[..., 1], np.asarray(unit_vector(m)))
        u, c = exchange + orbit, np.sqrt(1 - (k**2).sum(-1))
        a, square = 1j * c - self.barrier, (u**2).sum(-1)
        D = a * a - square
        field = array_module(D).asarray(1j * c / D)[..., None] * u
        return spin_matrix((square + self.barrier * a) / D, field), spin_matrix(1j * c / D * a, field)

    def incidence(self, cosine: Any, phi: Any, m: Any) -> Incidence:
        """R, T and torques of directions with ``k_z/k_F = cosine`` (...) > 0 and azimuth phi (...), m (..., 3).

        Closed forms of docs/methods/scattering.md, "One electron": nothing is lost at grazing incidence, and the torque
        is divided as the field is.
        """
        c, phi = np.broadcast_arrays(np.asarray(cosine, dtype=float), np.asarray(phi, dtype=float))
        s = np.sqrt((1 - c) * (1 + c))
        exchange, orbit = self.field(s * np.cos(phi), s * np.sin(phi), np.asarray(unit_vector(m)))
        xp = array_module(self.barrier, exchange, orbit)
        exchange, orbit = xp.broadcast_arrays(exchange, orbit)
        u, u0 = exchange + orbit, xp.asarray(self.barrier)
        square = (u * u).sum(-1)
        weight = (square + c * c - u0 * u0) ** 2 + 4 * (c * u0) ** 2
        # one factor c is kept apart: T is c times this, the torque 2 times this x field
        x = (c / xp.where(weight == 0, 1.0, weight))[..., None, None]
        spin = (c * c + u0 * u0 - square)[..., None, None] * np.eye(3) + 2 * u[..., :, None] * u[..., None, :]
        spin = x * (spin - 2 * c[..., None, None] * xp.einsum("ijk,...k->...ij", _EPS, u))
        filtered = 2 * x * (u0[..., None] * u)[..., None]
        rows = xp.concatenate([spin, filtered], -1)
        charge = xp.concatenate([filtered.swapaxes(-1, -2), x * (c * c + u0 * u0 + square)[..., None, None]], -1)
        torque, lattice = (2 * xp.cross(rows, f[..., :, None], axis=-2) for f in (exchange, orbit))
        T = xp.concatenate([rows, charge], -2) * c[..., None, None]
        lost = (torque + lattice)[..., :3]
        none = xp.zeros_like(lost[..., :1])
        R = np.eye(4) - T - xp.concatenate([xp.concatenate([lost, none], -1), xp.zeros_like(T[..., :1, :])], -2)
        return Incidence(R, T, torque, lattice)

    def incidence_slopes(self, name: str, cosine: Any, phi: Any, m: Any) -> tuple[Any, Any]:
        step = 1e-20  # imaginary: R and T are rational in the strengths
        found = _unchecked(self, **{name: self.value(name) + 1j * step}).incidence(cosine, phi, m)
        return found.R.imag / step, found.T.imag / step

    def integrals(self, m: Any, tolerance: float) -> tuple[Integrals, Any]:
        """Fermi-surface integrals and their error (batch) for parameters (batch) and m (3, batch)."""
        from spinstack.scattering.delta_integrals import integrals

        return integrals(self._packed(m), tolerance, self._both())

    def friction(self, m: Any, tolerance: float) -> Any:
        from spinstack.scattering.delta_friction import friction

        return friction(self._packed(m), tolerance, self._both())

    def _packed(self, m: Any) -> Any:
        """The rows u0, u_ex, u_R, u_D, m_x, m_y, m_z (7, batch)."""
        strengths = self._strengths()
        xp = array_module(*strengths, m)
        rows = [xp.broadcast_to(xp.asarray(v, dtype=float), m.shape[1:])[None] for v in strengths]
        return xp.concatenate([*rows, xp.asarray(m)])

    def _both(self) -> bool:
        """Whether Rashba and Dresselhaus coupling may act together."""
        return some(self.rashba) and some(self._strengths()[3])


def _unchecked(model: DeltaBarrier, **changes: Any) -> DeltaBarrier:
    """A copy with other values, which may be arrays of a batch that is not checked."""
    copy = object.__new__(DeltaBarrier)
    for f in dataclasses.fields(model):
        object.__setattr__(copy, f.name, changes.get(f.name, getattr(model, f.name)))
    return copy
