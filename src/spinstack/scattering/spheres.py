"""The Fermi spheres on the two sides of an interface, and what an in-plane field makes of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from spinstack.numerics.arrays import array_module


class Sphere(NamedTuple):
    """Fermi wave vectors of majority and minority in units of the model's k_F; one where they are the same metal."""

    majority: Any = 1.0
    minority: Any = 1.0

    def drive(self, mean_free_path: Any, polarization: Any, m: Any) -> Any:
        """gamma (4, batch) [m]: deep inside, g = k.E gamma for in-plane k in units of the model's k_F."""
        up = mean_free_path * (1 + polarization) / self.majority
        down = mean_free_path * (1 - polarization) / self.minority
        return array_module(up, down, m).concatenate([(up - down)[None] * m, (up + down)[None]])

    def paths(self, mean_free_path: Any, polarization: Any) -> tuple[Any, Any]:
        """Mean free path and polarisation of a layer whose conductivity and its polarisation give these for k_F.

        The conductivity of each spin is proportional to its k^2 times its mean free path.
        """
        if isinstance(self.majority, float) and self == (1.0, 1.0):
            return mean_free_path, polarization
        up = mean_free_path * (1 + polarization) / self.majority**2
        down = mean_free_path * (1 - polarization) / self.minority**2
        return (up + down) / 2, (up - down) / (up + down)


SAME = Sphere(), Sphere()
