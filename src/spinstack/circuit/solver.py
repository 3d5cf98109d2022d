"""Drift-diffusion as a solver: what observables ask of a theory, answered by the circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.circuit import solve
from spinstack.stack import Film


@dataclass(frozen=True)
class DriftDiffusion:
    """Spin drift-diffusion with magnetoelectronic circuit theory at the interfaces; exact for any film, no settings.

    Valid where layers are thicker than a mean free path, or their parameters are understood as effective.
    """

    @property
    def name(self) -> str:
        """What results call it."""
        return "drift-diffusion"

    def sheet_conductance(self, film: Film, m: Any, B: Any, T: Any) -> Any:
        """Sheet conductance tensor (..., 2, 2) [S]."""
        return solve.sheet_conductance(film, m, B, T)

    def torque(self, film: Film, m: Any, B: Any, E: Any, T: Any) -> Any:
        """Spin current (..., elements, 3) [A/m^2] that ends in a magnetisation, at the element that takes it."""
        return solve.faces(film, m, B, E, T).torque

    def mean_spin_current(self, film: Film, m: Any, B: Any, E: Any, T: Any) -> Any:
        """Spin current along z averaged over the thickness of each layer (..., elements, 3) [A/m^2]."""
        return solve.faces(film, m, B, E, T).mean_spin_current

    def layer_profiles(
        self, film: Film, m: Any, B: Any, E: Any, fractions: np.ndarray, T: Any
    ) -> tuple[list[int], dict[str, np.ndarray]]:
        """Positions of the layers and what goes on inside them; see :func:`spinstack.circuit.layer_profiles`."""
        return solve.layer_profiles(film, m, B, E, fractions, T)

    def perpendicular(self, film: Film, m: Any, B: Any) -> Any:
        """Resistance times area (...) [Ohm m^2] between two reservoirs."""
        return solve.perpendicular(film, m, B)
