"""A barrier of finite width between metals with different Fermi spheres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.scattering.electrons import Incidence, in_plane
from spinstack.scattering.model import ScatteringModel, some
from spinstack.scattering.spheres import SAME, Sphere
from spinstack.stack.directions import unit_vector
from spinstack.stack.parameters import parameter
from spinstack.text.checks import switch

if TYPE_CHECKING:
    from spinstack.scattering.barrier_electrons import Form, Found
    from spinstack.scattering.integrals import Integrals
    from spinstack.scattering.sides import SidedIntegrals


@dataclass(frozen=True, eq=False, repr=False)
class Barrier(ScatteringModel, kind="barrier"):
    """Free-electron metals with Fermi spheres of their own and a barrier between them that may have a width.

    The barrier is ``(hbar^2 kF/m) [u0 + sigma.(u_ex m + u_R z x k/kF + u_D (k_x, -k_y)/kF)]``, as that of
    :class:`spinstack.DeltaBarrier`, times delta(z) or, with a width w, 1/w for 0 < z < w: a potential that is
    2 u/(kF w) times the Fermi energy of `fermi_wavevector`, above the band bottom of that metal. kF is
    `fermi_wavevector`, `sigma` the electron's spin, opposite to its moment. A metal with a `splitting` is the magnet
    that gives the interface its m; its majority and minority have the wave vectors k (1 + splitting) and
    k (1 - splitting), k that of its side, and all electrons the same mass.

    Where nothing differs and nothing is wide this is the delta barrier; at its grazing resonances
    :class:`spinstack.DeltaBarrier` is more exact and much faster. Derived in docs/methods/scattering.md. The step of
    Fermi wave vectors is that of Slonczewski, Phys. Rev. B 39, 6995 (1989), Eq. 3.1, at zero width.

    Args:
        sharvin: as in :class:`spinstack.DeltaBarrier`.
        coherent: whether spin across m passes into a metal with a splitting and out of it, at the interface itself;
            its decay is then that of the layer (`dephasing_length`, `precession_length`). Else it ends at the interface
            as torque on m, because waves of the two spins get out of step within a few tenths of a nanometre.
    """

    symbols: ClassVar[dict[str, str]] = {
        "barrier": "u_0", "exchange": "u_{ex}", "rashba": "u_R", "dresselhaus": "u_D", "width": "w",
        "fermi_wavevector_upper": "k_F'", "splitting": r"\Delta", "splitting_upper": r"\Delta'",
    }  # fmt: skip

    barrier: float = parameter("1", "u0, the part of the potential that every electron meets", default=0.0)
    exchange: float = parameter("1", "u_ex, the exchange part along m", default=0.0)
    rashba: float = parameter("1", "u_R, the Rashba part along z x k", default=0.0)
    dresselhaus: float | None = parameter(
        "1", "u_D, the Dresselhaus part along (k_x, -k_y); default: none", default=None, otherwise=0.0
    )
    width: float | None = parameter(
        "m", "thickness over which the potential is spread, at fixed area; default: none", default=None, low=0
    )
    fermi_wavevector: float = parameter(
        "1/m", "k_F of the metal below, and the unit of strengths", low=0, open_low=True
    )
    fermi_wavevector_upper: float | None = parameter(
        "1/m", "k_F of the metal above; default: that of the metal below", default=None, low=0, open_low=True
    )
    splitting: float | None = parameter(
        "1", "(k_majority - k_minority)/(k_majority + k_minority) of the metal below; default: one sphere",
        default=None, low=-1, high=1, open_low=True, open_high=True,
    )  # fmt: skip
    splitting_upper: float | None = parameter(
        "1", "the same of the metal above; default: one sphere", default=None, low=-1, high=1, open_low=True,
        open_high=True,
    )  # fmt: skip
    sharvin: bool = False
    coherent: bool = False

    def _check_words(self) -> None:
        super()._check_words()
        switch(self.coherent, "coherent", where=self._label())

    def _check(self) -> None:
        u0, exchange, *orbit = self._strengths()
        if not self.sharvin or self.differs() or any(is_traced(v) for v in (u0, exchange, *orbit)):
            return
        free = np.abs(np.asarray(u0)) == np.abs(np.asarray(exchange))
        if (free & (np.asarray(orbit[0]) == 0) & (np.asarray(orbit[1]) == 0)).any():
            why = "but electrons of one spin meet nothing; without the Sharvin resistance they have no resistance"
            remedy = "Change one of the numbers; with nothing in the way leave the interface out (perfect contact)."
            raise self.refused("sharvin", why, remedy=remedy)

    def _strengths(self) -> list[Any]:
        """u0, u_ex, u_R, u_D; a coupling that is absent as 0."""
        return [self.barrier, self.exchange, self.rashba, 0.0 if self.dresselhaus is None else self.dresselhaus]

    def asks_for_magnet(self) -> str:
        names = ("exchange", "splitting", "splitting_upper")
        given = [(name, getattr(self, name)) for name in names]
        return next((n for n, v in given if v is not None and some(v) and not is_traced(v)), "")

    def turns(self) -> bool:
        return any(some(v) for v in self._strengths()[2:])

    def without_spin_orbit(self) -> Barrier:
        if not self.turns():
            return self
        none = np.zeros(np.shape(self.rashba))
        return self._with({"rashba": none, "dresselhaus": None if self.dresselhaus is None else np.zeros_like(none)})

    def differs(self) -> str:
        given = {
            "fermi_wavevector_upper": self.fermi_wavevector_upper, "splitting": self.splitting,
            "splitting_upper": self.splitting_upper,
        }  # fmt: skip
        return ", ".join(name for name, value in given.items() if value is not None)

    def split(self) -> tuple[bool, bool]:
        return self.splitting is not None, self.splitting_upper is not None

    def spheres(self) -> tuple[Sphere, Sphere]:
        if not self.differs():
            return SAME
        ratio = 1.0 if self.fermi_wavevector_upper is None else self.fermi_wavevector_upper / self.fermi_wavevector
        below, above = (0.0 if v is None else v for v in (self.splitting, self.splitting_upper))
        return Sphere(1 + below, 1 - below), Sphere(ratio * (1 + above), ratio * (1 - above))

    def _form(self) -> Form:
        from spinstack.scattering.barrier_electrons import Form

        differ = self.fermi_wavevector_upper is not None or (
            self.splitting is not None and self.splitting_upper is None
        )
        return Form(self.width is not None, self.turns(), self.split(), differ, self.coherent)

    def _packed(self, m: Any) -> Any:
        """The rows of :mod:`spinstack.scattering.barrier_electrons` (12, batch) for m (3, batch)."""
        width = 0.0 if self.width is None else self.width * self.fermi_wavevector
        below, above = self.spheres()
        rows = [*self._strengths(), width, *below, *above]
        xp = array_module(*rows, m)
        rows = [xp.broadcast_to(xp.asarray(v, dtype=float), m.shape[1:])[None] for v in rows]
        return xp.concatenate([*rows, xp.asarray(m)])

    def amplitudes(self, k: Any, m: Any) -> tuple[Any, Any]:
        """Amplitudes r, t (..., 2, 2) of unit flux from below, for in-plane k (..., 2) in units of kF; sigma_z basis.

        Rows and columns of spins that do not arrive are zero. Raises where k is 1 or longer.
        """
        S = self.matrix(in_plane(k), m)
        return S[..., :2, :2], S[..., 2:, :2]

    def matrix(self, k: Any, m: Any) -> Any:
        """The scattering matrix (..., 4, 4) for in-plane k (..., 2) of any length in units of kF.

        Rows: where electrons leave, below and above, each with sigma_z = +1, -1; columns: where they arrive. Unit
        fluxes; rows and columns of closed channels are zero, and it is unitary on the others (with a splitting: along
        m). Numbers of the barrier must be single ones.
        """
        from spinstack.scattering.barrier_electrons import fields, waves

        p, kx, ky, shape = self._electrons(k, m)
        kz2 = self._kz2(p, 1 - kx * kx - ky * ky)
        S = waves(p, kz2, sum(fields(p, kx, ky)), self._form())[0]
        return np.asarray(S)[0].reshape(*shape, 4, 4)

    def _electrons(self, k: Any, m: Any) -> tuple[Any, Any, Any, tuple[int, ...]]:
        """Rows (12, electrons) of the one barrier and k_x, k_y (1, electrons), and the shape of the electrons."""
        k, m = np.broadcast_arrays(*_stretched(np.asarray(k, dtype=float), np.asarray(unit_vector(m))))
        p = self._packed(m.reshape(-1, 3).T)
        k = k.reshape(-1, 3)
        return p, k[None, :, 0], k[None, :, 1], m.shape[:-1]

    def _kz2(self, p: Any, base: Any) -> Any:
        """k_z^2 of majority and minority below and above (4, ...), `base`: 1 - k^2."""
        xp = array_module(p)
        return xp.stack([base + (r - 1) * (r + 1) for r in p[5:9]])

    def incidence(self, cosine: Any, phi: Any, m: Any) -> Incidence:
        """R, T and torques of electrons from below with ``k_z/k_F = cosine`` (...) > 0 in a metal with k_F."""
        from spinstack.scattering.barrier_electrons import found

        c, phi = np.broadcast_arrays(np.asarray(cosine, dtype=float), np.asarray(phi, dtype=float))
        s = np.sqrt((1 - c) * (1 + c))
        k = np.stack([s * np.cos(phi), s * np.sin(phi), c], -1)
        m = np.asarray(unit_vector(m))
        k, m = np.broadcast_arrays(k, m)
        rows = k.reshape(-1, 3).T[:, None]
        p = self._packed(m.reshape(-1, 3).T)
        n: Found = found(p, rows[0], rows[1], self._kz2(p, rows[2] ** 2), self._form())
        xp = array_module(n.flow) if any(is_traced(v) for v in self.parameters.values()) else np

        def of(a: Any) -> Any:
            return xp.asarray(a)[0].reshape(*k.shape[:-1], *a.shape[-2:])

        return Incidence(
            of(n.modes[..., 0, :, :] - n.flow[..., 0, 0, :, :]),
            of(n.flow[..., 1, 0, :, :]),
            of(n.torque[..., 0, :, :]),
            of(n.lattice[..., 0, :, :]),
        )

    def effective_field(self, k: Any, m: Any) -> tuple[np.ndarray, np.ndarray]:
        """Exchange and spin-orbit part (..., 3) of the field of the barrier; sigma labels."""
        k, m = in_plane(k), np.asarray(unit_vector(m))
        _, exchange, R, D = (float(v) for v in self._strengths())
        x, y = k[..., 0], k[..., 1]
        orbit = np.stack([D * x - R * y, R * x - D * y, np.zeros_like(x)], -1)
        return np.broadcast_to(exchange * m, orbit.shape), orbit

    def integrals(self, m: Any, tolerance: float) -> tuple[Integrals | SidedIntegrals, Any]:
        """Averages over all electrons and their error (batch) for parameters (batch) and m (3, batch)."""
        packed, form = self._packed(m), self._form()
        if is_traced(packed):
            from spinstack.scattering.barrier_slopes import traced_averages

            n, error = traced_averages(packed, tolerance, form)
        else:
            from spinstack.scattering.barrier_electrons import refined

            n, error, _ = refined(np.asarray(packed), tolerance, form)
        return (n if self.differs() else n.alike()), error


def _stretched(k: np.ndarray, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """k (..., 2) with a third component, so that it broadcasts with m (..., 3)."""
    return np.concatenate([k, np.zeros_like(k[..., :1])], -1), m
