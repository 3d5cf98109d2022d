"""The delta barrier: the simplest interface with everything an interface does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.described import ScatteringModel
from spinstack.stack.parameters import parameter
from spinstack.text import checks

if TYPE_CHECKING:
    from spinstack.scattering.evaluate import Tensors


@dataclass(frozen=True, eq=False, repr=False)
class DeltaBarrier(ScatteringModel, fills="scattering", kind="delta_barrier"):
    """Two free-electron metals that meet in ``(hbar^2 kF/m) delta(z) [u0 + sigma.(u_ex m + u_R z x k/kF)]``.

    `sigma` is the electron's spin, opposite to its moment, so a positive `exchange` lets the majority pass better. All
    strengths are dimensionless. Results carry moment labels, spin along x, y, z, then charge. Directions m (..., 3)
    broadcast with array-valued parameters. Source: Amin, Haney, Stiles, J. Appl. Phys. 128, 151101 (2020), Eqs. 15, 17,
    corrected as in docs/methods/scattering.md.
    """

    barrier: float = parameter("1", "u0, the part of the potential that every electron meets")
    exchange: float = parameter("1", "u_ex, the exchange part along m", default=0.0)
    rashba: float = parameter("1", "u_R, the Rashba part along z x k", default=0.0)
    dresselhaus: float | None = parameter(
        "1", "u_D, the Dresselhaus part along (k_x, -k_y); default: none", default=None, otherwise=0.0
    )
    fermi_wavevector: float = parameter("1/m", "k_F of both metals", low=0, open_low=True)
    sharvin: bool = False

    def _check_words(self) -> None:
        checks.switch(self.sharvin, "sharvin", where=self._label())

    def _check(self) -> None:
        strengths = list(self.numbers().values())[:4]
        if not self.sharvin or any(is_traced(v) for v in strengths):
            return
        u0, exchange, rashba, dresselhaus = (np.asarray(v) for v in strengths)
        free = (np.abs(u0) == np.abs(exchange)) & (rashba == 0) & (dresselhaus == 0)
        if free.any():
            why = (
                f"but electrons of one spin meet no barrier at all (barrier {self.barrier!r}, exchange "
                f"{self.exchange!r}, no spin-orbit coupling); without the Sharvin resistance they have no resistance"
            )
            remedy = "Change one of the two; with both zero leave the interface out (perfect contact)."
            raise self.refused("sharvin", why, remedy=remedy)

    def strengths(self) -> dict[str, Any]:
        """Every parameter as a number, a coupling that is absent as 0."""
        return self.numbers()

    def amplitudes(self, k: Any, m: Any) -> tuple[Any, Any]:
        """Reflection and transmission amplitudes r, t (..., 2, 2) for in-plane k (..., 2) in units of kF.

        In the basis of sigma_z = +1, -1. Raises where k is 1 or longer: such electrons do not arrive.
        """
        from spinstack.scattering.amplitudes import amplitudes

        return amplitudes(self, k, m)

    def probabilities(self, k: Any, m: Any) -> tuple[Any, Any]:
        """R, T (..., 4, 4), ``g_out = R g_in`` for g = (spin x, y, z, charge), moment labels; k as in amplitudes."""
        from spinstack.scattering.amplitudes import probabilities

        return probabilities(self, k, m)

    def conductance(self, m: Any, tolerance: float = 1e-10) -> Any:
        """(..., 8, 8) [S/m^2]: currents x, y, z, c at 0-, then at 0+; columns mu_s x, y, z [V], mu_c at 0-, at 0+."""
        return self.tensors(m, tolerance=tolerance).conductance

    def tensors(
        self,
        m: Any,
        mean_free_path: tuple[Any, Any] = (0.0, 0.0),
        polarization: tuple[Any, Any] = (0.0, 0.0),
        tolerance: float = 1e-10,
    ) -> Tensors:
        """Every response of the interface; see :class:`spinstack.scattering.Tensors`.

        Args:
            m: direction of the magnetisation (..., 3).
            mean_free_path: of the metals below and above [m]; only in-plane fields need them.
            polarization: P of the two metals along m, mean free paths of the two spins lambda (1 +- P).
            tolerance: asked accuracy relative to the largest entry; the quadrature is refined until two refinements
                agree to it, and `error` says what was reached.
        """
        from spinstack.scattering.evaluate import tensors

        return tensors(self, m, mean_free_path, polarization, tolerance)

    def coefficients(
        self, m: Any, mean_free_path: tuple[Any, Any] = (0.0, 0.0), polarization: tuple[Any, Any] = (0.0, 0.0)
    ) -> dict[str, Any]:
        """The named numbers people quote; see :func:`spinstack.scattering.coefficients.coefficients`."""
        from spinstack.scattering.coefficients import coefficients

        return coefficients(self, m, mean_free_path, polarization)
