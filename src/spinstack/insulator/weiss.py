"""A ferromagnetic or paramagnetic insulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.insulator.magnet import Axis, Uniaxial
from spinstack.insulator.moments import Columns, Moments, Sublattice, of_sublattice
from spinstack.numerics.arrays import is_traced
from spinstack.stack.parameters import parameter


@dataclass(frozen=True, eq=False, repr=False)
class WeissMagnet(Uniaxial, fills="magnet", kind="weiss"):
    """Equal moments in the mean field of their neighbours; a paramagnet for ``curie_temperature=0``.

    Without an anisotropy field the magnetisation is along B.
    """

    spin: float = parameter("1", "S of a moment", low=0.5)
    surface_density: float = parameter("1/m^2", "moments per area of the face", low=0)
    exchange_coupling: float = parameter(
        "J m^3", "J_sd between a moment and the metal's electrons, an energy times a volume; positive for Gi > 0"
    )
    density_of_states: float = parameter(
        "1/(J m^3)", "density of states per spin of the metal at the Fermi level", low=0, open_low=True
    )
    curie_temperature: float = parameter("K", "temperature below which the moments order", default=0.0, low=0)
    g_factor: float = parameter("1", "g of the moments", default=2.0, low=0)
    coordination: float = parameter("1", "neighbours of a moment inside", default=6.0, low=0, open_low=True)
    surface_coordination: float | None = parameter(
        "1", "neighbours of a moment at the face; default: as inside", default=None,
        otherwise=lambda p: p["coordination"], low=0,
    )  # fmt: skip
    anisotropy_field: float = parameter(
        "T", "field that holds the magnetisation along the easy axis; negative: in the plane across it", default=0.0
    )
    easy_axis: Axis = (0.0, 0.0, 1.0)

    def _check(self) -> None:
        super()._check()
        surface, bulk = self.surface_coordination, self.coordination
        if surface is None or is_traced(surface) or is_traced(bulk):
            return
        if (np.asarray(surface) > np.asarray(bulk)).any():
            why = f"more than the coordination {bulk!r} inside"
            raise self.refused("surface_coordination", why, allowed="up to that")

    def ordering_temperature(self) -> Any:
        return self.curie_temperature

    def moments(self) -> list[Moments]:
        return [of_sublattice(self.columns())]

    @staticmethod
    def pieces(p: Columns, m: Any, B: Any, T: Any) -> list[Sublattice]:
        from spinstack.insulator.sublattices import weiss

        return weiss(p, m, B, T)

    @staticmethod
    def ordered(p: Columns, B: Any, T: Any) -> Any:
        from spinstack.insulator.sublattices import weiss_order

        return weiss_order(p, B, T)
