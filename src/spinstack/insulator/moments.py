"""What a face consists of: moments as they are given, and the sublattices that they are to an electron."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED

#: the numbers of magnets, arrays (..., batch)
Columns = Mapping[str, Any]


class Moments(NamedTuple):
    """The moments of one sublattice at the face; `sublattice` is empty where there is only one kind of moment.

    spin S, surface_density [1/m^2], exchange_coupling [J m^3], density_of_states [1/(J m^3)] of the metal.
    """

    sublattice: str
    spin: Any
    surface_density: Any
    exchange_coupling: Any
    density_of_states: Any

    @property
    def characteristic_conductance(self) -> Any:
        """G0 = (pi/hbar) n2D (e nu J)^2 [S/m^2]."""
        scale = math.pi / PLANCK_REDUCED * ELEMENTARY_CHARGE**2
        return scale * self.surface_density * (self.density_of_states * self.exchange_coupling) ** 2

    @property
    def exchange_conductance(self) -> Any:
        """Gi of one unit of ordered spin, (e^2/hbar) n2D nu J [S/m^2]."""
        scale = ELEMENTARY_CHARGE**2 / PLANCK_REDUCED
        return scale * self.surface_density * self.density_of_states * self.exchange_coupling


class Sublattice(NamedTuple):
    """``Q = Gs mu + Gr mu_perp + Gi mu x s`` into it: conductances (..., batch) [S/m^2], s (..., 3, batch)."""

    spin_sink: Any
    mixing_real: Any
    mixing_imag: Any
    direction: Any


def of_sublattice(p: Columns, sublattice: str = "") -> Moments:
    """The moments of a sublattice from columns whose names end in it, such as surface_density_a."""
    end = f"_{sublattice}" if sublattice else ""
    spin = p["spin"] if "spin" in p else p[f"spin{end}"]
    return Moments(sublattice, spin, p[f"surface_density{end}"], p[f"exchange_coupling{end}"], p["density_of_states"])
