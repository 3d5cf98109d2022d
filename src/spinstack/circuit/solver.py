"""Drift-diffusion as a solver: what observables ask of a theory, answered by the circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.circuit import solve
from spinstack.numerics.arrays import array_module
from spinstack.stack import Film
from spinstack.stack.conditions import Conditions


@dataclass(frozen=True)
class DriftDiffusion:
    """Spin drift-diffusion with magnetoelectronic circuit theory at the interfaces; exact for any film, no settings.

    Valid where layers are thicker than a mean free path, or their parameters are understood as effective.
    """

    @property
    def name(self) -> str:
        """What results call it."""
        return "drift-diffusion"

    @property
    def traceable(self) -> bool:
        """Whether JAX can trace, and so differentiate, its answers."""
        return True

    def sheet_conductance(self, film: Film, at: Conditions) -> Any:
        """Sheet conductance tensor (..., 2, 2) [S]."""
        return solve.sheet_conductance(film, at.m, at.B, at.T)

    def elements(self, film: Film, at: Conditions, quantity: str) -> Any:
        """What every element of the film contributes, terminating ones included, (..., elements, components).

        torque: spin current [A/m^2] that ends in a magnetisation, at the element that takes it; mean_spin_current: spin
        current [A/m^2] along z averaged over the thickness of each layer, zero elsewhere; sheet_current: in-plane sheet
        current [A/m], components x, y.
        """
        faces = solve.faces(film, at.m, at.B, at.E, at.T)
        found = faces.responses[..., :2] if quantity == "sheet_current" else getattr(faces, quantity)
        missing = len(film) - found.shape[-2]  # closed faces at the top carry nothing
        return (
            array_module(found).pad(found, [(0, 0)] * (found.ndim - 2) + [(0, missing), (0, 0)]) if missing else found
        )

    def profile(self, film: Film, at: Conditions, points: int) -> dict[str, np.ndarray]:
        """Depth profiles of one film, (n,) points per layer from the bottom to the top.

        z [m] from the bottom face, element (position in the film), mu (n, 3) [V], Q (n, 3) [A/m^2], mu_c [V], j_c
        [A/m^2], j (n, 2) [A/m^2].
        """
        fractions = np.linspace(0.0, 1.0, points)
        where, inside = solve.layer_profiles(film, at.m, at.B, at.E, fractions, at.T)
        drop = _bottom_potentials(film, inside["V_element"])
        thickness = [film.elements[i].thickness for i in where]  # type: ignore[attr-defined]
        bottom = np.cumsum([0.0, *thickness[:-1]])
        mu_c = np.concatenate([drop[i] - inside["V"][k] for k, i in enumerate(where)])
        flat = {name: inside[name].reshape(-1, *inside[name].shape[2:]) for name in ("psi", "Q", "j")}
        return {
            "z": np.concatenate([b + fractions * t for b, t in zip(bottom, thickness, strict=True)]),
            "element": np.repeat(where, points),
            "mu": 2 * flat["psi"],
            "Q": flat["Q"],
            "mu_c": mu_c,
            "j_c": np.zeros_like(mu_c),
            "j": flat["j"],
        }

    def perpendicular(self, film: Film, at: Conditions) -> Any:
        """Resistance times area (...) [Ohm m^2] between two reservoirs."""
        return solve.perpendicular(film, at.m, at.B)


def _bottom_potentials(film: Film, drops: np.ndarray) -> list[float]:
    """mu_c at the lower face of every element; grounded anew above every element that carries no charge."""
    out, potential = [], 0.0
    for element, drop in zip(film.elements, np.append(drops, np.zeros(len(film) - len(drops))), strict=True):
        if not element.conducts:
            potential = 0.0
        out.append(potential)
        potential -= float(drop) if element.conducts else 0.0
    return out
