"""A ferrimagnetic insulator of two sublattices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.insulator.magnet import Axis, Uniaxial
from spinstack.insulator.moments import Columns, Moments, Sublattice, of_sublattice
from spinstack.numerics.arrays import is_traced
from spinstack.stack.parameters import parameter


@dataclass(frozen=True, eq=False, repr=False)
class WeissFerrimagnet(Uniaxial, fills="magnet", kind="ferrimagnet"):
    """Two species of moments, opposite to each other, with densities and couplings of their own.

    m is the direction of the magnetisation, that of the sublattice that is stronger at this temperature. Collinear: no
    spin flop near compensation.
    """

    spin_a: float = parameter("1", "S of a moment of sublattice a", low=0.5)
    spin_b: float = parameter("1", "S of a moment of sublattice b", low=0.5)
    surface_density_a: float = parameter("1/m^2", "moments a per area of the face", low=0)
    surface_density_b: float = parameter("1/m^2", "moments b per area of the face", low=0)
    exchange_coupling_a: float = parameter("J m^3", "J_sd between a moment a and the metal's electrons")
    exchange_coupling_b: float = parameter("J m^3", "J_sd between a moment b and the metal's electrons")
    density_of_states: float = parameter(
        "1/(J m^3)", "density of states per spin of the metal at the Fermi level", low=0, open_low=True
    )
    curie_temperature: float = parameter("K", "temperature below which the moments order", low=0, open_low=True)
    density_ratio: float = parameter("1", "moments a per moment b inside", default=1.0, low=0, open_low=True)
    intra_a: float = parameter("1", "coupling inside a over that between a and b; negative opposes order", default=0.0)
    intra_b: float = parameter("1", "coupling inside b over that between a and b; negative opposes order", default=0.0)
    g_factor: float = parameter("1", "g of the moments", default=2.0, low=0)
    anisotropy_field: float = parameter(
        "T", "field that holds the magnetisation along the easy axis; negative: in the plane across it", default=0.0
    )
    easy_axis: Axis = (0.0, 0.0, 1.0)

    def _check(self) -> None:
        super()._check()
        values = (self.spin_a, self.spin_b, self.density_ratio, self.intra_a, self.intra_b)
        if any(is_traced(v) for v in values):
            return
        Sa, Sb, ratio, ra, rb = (np.asarray(v) for v in values)
        for name, field in (("intra_a", Sb + ra * ratio * Sa), ("intra_b", ratio * Sa + rb * Sb)):
            if (field <= 0).any():
                why = "which turns that sublattice against its own order at low temperature: the moments would not be "
                raise self.refused(name, f"{why}collinear", allowed="a weaker coupling inside it")

    def ordering_temperature(self) -> Any:
        return self.curie_temperature

    def moments(self) -> list[Moments]:
        return [of_sublattice(self.columns(), name) for name in "ab"]

    @staticmethod
    def pieces(p: Columns, m: Any, B: Any, T: Any) -> list[Sublattice]:
        from spinstack.insulator.sublattices import ferrimagnet

        return ferrimagnet(p, m, B, T)

    @staticmethod
    def ordered(p: Columns, B: Any, T: Any) -> Any:
        from spinstack.insulator.sublattices import ferrimagnet_order

        return ferrimagnet_order(p, B, T)
