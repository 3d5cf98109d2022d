"""Drift-diffusion as a solver: what observables ask of a theory, answered by the circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.circuit import solve
from spinstack.insulator.domains import over_domains
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

    def differentiates(self, quantity: str) -> bool:
        """Whether an answer has derivatives by the parameters of a film."""
        return True

    def check(self, film: Film, at: Conditions, closed: bool = True) -> None:
        """Raise where the film has no unique solution under these conditions; computes nothing."""
        solve.check(film, at.m, at.B, at.T, closed)

    @over_domains
    def sheet_conductance(self, film: Film, at: Conditions) -> Any:
        """Sheet conductance tensor (..., 2, 2) [S]."""
        return solve.sheet_conductance(film, at.m, at.B, at.T)

    @over_domains
    def elements(self, film: Film, at: Conditions, quantity: str) -> Any:
        """What every element of the film contributes, terminating ones included, (..., elements, components).

        torque: spin current [A/m^2] that ends in a magnetisation, at the element that takes it (what a tunnel junction
        gives to its two magnets stands at these); mean_spin_current: spin
        current [A/m^2] along z averaged over the thickness of each layer, zero elsewhere; sheet_current: in-plane sheet
        current [A/m], components x, y; shares (..., elements, 3, components): spin current that is lost, and what of it
        ends in the magnetisation (of a metal: in the applied field) in the lower and the upper half, or at the faces.
        """
        if quantity == "shares":
            lost, taken = solve.shares(film, at.m, at.B, at.E, at.T, at.current)
            xp = array_module(lost)
            return _every(film, xp.concatenate([lost[..., None, :], taken], -2), 2)
        faces = solve.faces(film, at.m, at.B, at.E, at.T, at.current)
        found = faces.responses[..., :2] if quantity == "sheet_current" else getattr(faces, quantity)
        return _every(film, found, 1)

    @over_domains
    def profile(self, film: Film, at: Conditions, fractions: np.ndarray) -> dict[str, Any]:
        """Depth profiles (..., n) at fractions of each thickness, rising from 0 to 1, from the bottom to the top.

        z [m] from the bottom face, mu (..., n, 3) [V], Q (..., n, 3) [A/m^2], mu_c [V], j_c [A/m^2], j (..., n, 2)
        [A/m^2]; of a film with orbital moments also mu_orbital and Q_orbital, as mu and Q.
        """
        where, inside, drops = solve.layer_profiles(film, at.m, at.B, at.E, fractions, at.T, at.current)
        xp = array_module(*inside.values())
        flat = {k: v.reshape(*drops.shape[:-1], -1, *v.shape[drops.ndim + 1 :]) for k, v in inside.items()}
        mu_c = xp.repeat(_bottom_potentials(film, drops)[..., np.asarray(where)], len(fractions), -1) - flat["V"]
        single = drops.shape[:-1]
        thickness = xp.stack([xp.broadcast_to(film.elements[i].value("thickness"), single) for i in where], -1)
        bottom = xp.cumsum(xp.concatenate([xp.zeros((*single, 1)), thickness[..., :-1]], -1), -1)
        orbital = {"mu_orbital": 2 * flat["phi"], "Q_orbital": flat["Q_l"]} if "phi" in flat else {}
        return orbital | {
            "z": (bottom[..., None] + thickness[..., None] * fractions.reshape(*(1,) * thickness.ndim, -1)).reshape(
                mu_c.shape
            ),
            "mu": 2 * flat["psi"],
            "Q": flat["Q"],
            "mu_c": mu_c,
            "j_c": xp.zeros_like(mu_c) + (0.0 if at.current is None else at.current),
            "j": flat["j"],
        }

    def perpendicular(self, film: Film, at: Conditions) -> Any:
        """Resistance times area (...) [Ohm m^2] between two reservoirs."""
        return solve.perpendicular(film, at.m, at.B, at.T)


def _every(film: Film, found: Any, inner: int) -> Any:
    """An answer (..., elements, inner axes) for all elements: closed faces at the top carry nothing."""
    missing = len(film) - found.shape[-1 - inner]
    if not missing:
        return found
    widths = [(0, 0)] * (found.ndim - 1 - inner) + [(0, missing)] + [(0, 0)] * inner
    return array_module(found).pad(found, widths)


def _bottom_potentials(film: Film, drops: Any) -> Any:
    """mu_c (..., elements) at the lower face of every element; grounded anew above what carries no charge."""
    xp = array_module(drops)
    out, potential = [], xp.zeros(drops.shape[:-1])
    for i, element in enumerate(film.elements):
        potential = potential if element.conducts else xp.zeros(drops.shape[:-1])
        out.append(potential)
        potential = potential - drops[..., i] if element.conducts else potential
    return xp.stack(out, -1)
