"""What the numbers of a layer for diffusion and its mean free paths mean for each other: free electrons of one k_F.

Derivation in docs/methods/boltzmann.md, "Parameters"; arguments and answers may be arrays, also traced ones.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from spinstack.numerics.arrays import array_module
from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED

#: what makes a mean free path
_PATHS = ({"mean_free_path"}, {"mean_free_path_up", "mean_free_path_down"})


class Collisions(NamedTuple):
    """Rates [1/m] at which electrons of either spin leave a direction, spin flips included, and at which spins flip."""

    up: Any
    down: Any
    flip: Any

    @property
    def polarization(self) -> Any:
        """P of the conductivity."""
        return (self.down - self.up) / (self.down + self.up)

    @property
    def spin_diffusion_length(self) -> Any:
        """l_sf [m], infinite where no spin flips."""
        xp = array_module(self.flip, self.up)
        relaxation = 3 * self.flip * (self.up + self.down)
        return xp.where(relaxation > 0, xp.where(relaxation > 0, relaxation, 1.0) ** -0.5, math.inf)[()]

    def conductivity(self, fermi_wavevector: Any) -> Any:
        """sigma [S/m] of free electrons with k_F [1/m]."""
        return conductance_constant(fermi_wavevector) * (1 / self.up + 1 / self.down) / 6


def conductance_constant(fermi_wavevector: Any) -> Any:
    """C = e^2 k_F^2/(pi^2 hbar) [S/m^2]: j = C <k h_c>, so that sigma = C lambda/3."""
    return ELEMENTARY_CHARGE**2 * fermi_wavevector**2 / (math.pi**2 * PLANCK_REDUCED)


def has_path(given: Collection[str]) -> bool:
    """Whether the fields `given` hold a mean free path."""
    return any(path <= set(given) for path in _PATHS)


def following(given: Collection[str]) -> set[str]:
    """Of the fields that diffusion needs, those that follow from the fields `given`."""
    path, sphere = has_path(given), "fermi_wavevector" in given
    out = {"conductivity"} if path and sphere else set()
    return out | ({"spin_diffusion_length"} if "spin_flip_length" in given and (path or sphere) else set())


def collisions(p: Mapping[str, Any], fermi_wavevector: Any) -> Collisions:
    """The rates of a layer with parameters p, absent or None where not given: mean free paths before conductivity."""
    P = p.get("polarization", 0.0)
    flip_length = p.get("spin_flip_length")
    if has_path({name for name, value in p.items() if value is not None}):
        mean = p.get("mean_free_path")
        paths = (p["mean_free_path_up"], p["mean_free_path_down"]) if mean is None else (mean * (1 + P), mean * (1 - P))
        up, down = (1 / path for path in paths)
        # 6 f (g_0 + f) = 1/l_sf^2
        flip = root((up + down) / 2, p["spin_diffusion_length"] ** -2.0 / 6) if flip_length is None else 1 / flip_length
        return Collisions(up + flip, down + flip, flip)
    total = 3 * p["conductivity"] / conductance_constant(fermi_wavevector)
    up, down = 1 / (total * (1 + P)), 1 / (total * (1 - P))
    flip = p["spin_diffusion_length"] ** -2.0 / (3 * (up + down)) if flip_length is None else 1 / flip_length
    return Collisions(up, down, flip)


def root(b: Any, c: Any) -> Any:
    """The positive x of x (b + x) = c, without cancellation."""
    return 2 * c / (b + (b * b + 4 * c) ** 0.5)
