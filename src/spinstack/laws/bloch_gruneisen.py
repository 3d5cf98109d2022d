"""The resistivity of a metal whose electrons are scattered by phonons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.laws.gruneisen_function import gruneisen
from spinstack.numerics.arrays import aligned, is_traced
from spinstack.stack.laws import Law
from spinstack.stack.parameters import parameter


@dataclass(frozen=True, eq=False, repr=False)
class BlochGruneisen(Law, kind="bloch_gruneisen"):
    """Resistivity by disorder and by phonons: ``rho = rho_0 + rho' Theta 4 (T/Theta)^5 J5(Theta/T)``.

    ``J5(x)`` is the integral of ``t^5/[(e^t - 1)(1 - e^-t)]`` from 0 to x. rho is rho_0 at T = 0, rises as T^5 and far
    above Theta as ``rho_0 + rho' T``; in the usual writing ``rho_0 + c (T/Theta)^5 J5`` the constant is ``c = 4 Theta
    rho'``. Valid for one kind of carrier and Debye phonons, without magnons, s-d scattering or saturation. Source: F.
    Bloch, Z. Phys. 59, 208 (1930); E. Grueneisen, Ann. Phys. 16, 530 (1933).
    """

    fills = ("conductivity",)

    residual_resistivity: float = parameter("ohm m", "rho_0, resistivity at T = 0, from disorder and surfaces", low=0)
    resistivity_slope: float = parameter("ohm m/K", "rho', rise of the resistivity with T far above Theta", low=0)
    debye_temperature: float = parameter(
        "K", "Theta of the phonons that scatter, the Debye temperature of transport", low=0, open_low=True
    )

    def number(self, T: Any, p: Mapping[str, Any]) -> Any:
        T, rest, slope, theta = aligned(T, self.residual_resistivity, self.resistivity_slope, self.debye_temperature)
        return 1 / (rest + slope * theta * gruneisen(T / theta))

    def _check(self) -> None:
        rest, slope = self.residual_resistivity, self.resistivity_slope
        if not (is_traced(rest) or is_traced(slope)) and np.any((np.asarray(rest) == 0) & (np.asarray(slope) == 0)):
            raise self.refused("resistivity_slope", "beside no residual_resistivity, so that nothing resists")
