"""The spin diffusion length that follows the resistivity of its metal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from spinstack.numerics.arrays import aligned
from spinstack.stack.described import Described
from spinstack.stack.laws import Law
from spinstack.stack.parameters import parameter


@dataclass(frozen=True, eq=False, repr=False)
class ElliottYafet(Law, kind="elliott_yafet"):
    """Spins relax by collisions, ``rho l = const``, and beside them by precession between collisions.

    ``1/l^2 = (rho/resistivity_times_length)^2 + 1/dyakonov_perel_length^2``, rho = 1/conductivity of the layer,
    whatever that follows: temperature, or a number that is swept. Elliott-Yafet: a spin flips once in so many
    collisions, so that both the diffusion coefficient and the spin lifetime are proportional to the time between
    collisions and l goes as 1/rho. Dyakonov-Perel, motional narrowing: the lifetime goes as the inverse of that time
    and l does not depend on it. Rates add. Valid for three-dimensional diffusion and weak spin-orbit coupling.
    Derivation in docs/methods/temperature.md. Source: R. J. Elliott, Phys. Rev. 96, 266 (1954); Y. Yafet, Solid State
    Phys. 14 (1963); both at once in Pt: R. Freeman et al., Phys. Rev. Lett. 120, 067204 (2018), arXiv:1707.05330.
    """

    fills: ClassVar[tuple[str, ...]] = ("spin_diffusion_length",)
    needs: ClassVar[tuple[str, ...]] = ("conductivity",)
    thermal: ClassVar[bool] = False

    resistivity_times_length: float = parameter("ohm m^2", "rho l by collisions alone", low=0, open_low=True)
    dyakonov_perel_length: float = parameter(
        "m", "l by precession between collisions alone", default=math.inf, low=0, open_low=True, infinite=True
    )

    def check_place(self, owner: Described, name: str) -> None:
        super().check_place(owner, name)
        if getattr(owner, "conductivity", None) is None:
            why = "whose resistivity would follow from a mean free path, which follows from this length"
            raise owner.refused(name, why, remedy="Give conductivity.")

    def number(self, T: Any, p: Mapping[str, Any]) -> Any:
        sigma, product, length = aligned(p["conductivity"], self.resistivity_times_length, self.dyakonov_perel_length)
        return ((product * sigma) ** -2 + length**-2.0) ** -0.5
