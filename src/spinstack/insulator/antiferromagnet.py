"""An antiferromagnetic insulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spinstack.insulator.magnet import Axis, Magnet
from spinstack.insulator.moments import Columns, Moments, Sublattice, of_sublattice
from spinstack.numerics.arrays import is_traced
from spinstack.stack.parameters import parameter


@dataclass(frozen=True, eq=False, repr=False)
class WeissAntiferromagnet(Magnet, fills="magnet", kind="antiferromagnet"):
    """Two opposite sublattices of equal moments; directions are those of the Neel vector n.

    With a spin-flop field n is held by the easy axis and flops across a field along it; without, n is free in the plane
    across the hard axis and lies across the field. The sublattices cant towards the field. A face with unequal surface
    densities or couplings is uncompensated: it has an exchange field along n.

    Args:
        easy_axis: three numbers, of any length.
        hard_axis: likewise, along another line.
    """

    axes: ClassVar[tuple[str, ...]] = ("easy_axis", "hard_axis")
    field_is_across: ClassVar[bool] = True
    order_name: ClassVar[str] = "Néel vector"

    spin: float = parameter("1", "S of a moment", low=0.5)
    neel_temperature: float = parameter("K", "temperature below which the moments order", low=0, open_low=True)
    surface_density: float = parameter("1/m^2", "moments of sublattice a per area of the face", low=0)
    surface_density_b: float | None = parameter(
        "1/m^2", "the same of sublattice b; default: as a", default=None, otherwise=lambda p: p["surface_density"],
        low=0,
    )  # fmt: skip
    exchange_coupling: float = parameter("J m^3", "J_sd between a moment of sublattice a and the metal's electrons")
    exchange_coupling_b: float | None = parameter(
        "J m^3", "the same of sublattice b; default: as a", default=None, otherwise=lambda p: p["exchange_coupling"]
    )
    density_of_states: float = parameter(
        "1/(J m^3)", "density of states per spin of the metal at the Fermi level", low=0, open_low=True
    )
    intra: float = parameter(
        "1", "coupling inside a sublattice over that between them", default=0.0, low=-1, open_low=True, high=1
    )
    g_factor: float = parameter("1", "g of the moments", default=2.0, low=0)
    spin_flop_field: float = parameter(
        "T", "field along the easy axis at which the Neel vector flops across it; 0: no easy axis", default=0.0, low=0
    )
    easy_axis: Axis = (1.0, 0.0, 0.0)
    hard_axis: Axis = (0.0, 0.0, 1.0)

    def _check(self) -> None:
        super()._check()
        if np.linalg.norm(np.cross(self.easy_axis, self.hard_axis)) < 1e-6:
            raise self.refused("hard_axis", "which is the easy axis", allowed="another direction")

    def columns(self) -> dict[str, Any]:
        p = super().columns()
        return p | {f"{name}_a": p.pop(name) for name in ("surface_density", "exchange_coupling")}

    def ordering_temperature(self) -> Any:
        return self.neel_temperature

    def moments(self) -> list[Moments]:
        return [of_sublattice(self.columns(), name) for name in "ab"]

    @property
    def held(self) -> bool:
        return is_traced(self.spin_flop_field) or bool(np.any(self.spin_flop_field))

    @property
    def saturates(self) -> bool:
        return False

    @property
    def follows_field(self) -> bool:
        return False  # across it

    def pointing(self, B: Any) -> Any:
        from spinstack.insulator.equilibrium import neel_vector
        from spinstack.insulator.evaluate import lowest

        return lowest(neel_vector, B, self.spin_flop_field, self.easy_axis, self.hard_axis)

    @staticmethod
    def pieces(p: Columns, m: Any, B: Any, T: Any) -> list[Sublattice]:
        from spinstack.insulator.sublattices import antiferromagnet

        return antiferromagnet(p, m, B, T)

    @staticmethod
    def ordered(p: Columns, B: Any, T: Any) -> Any:
        from spinstack.insulator.sublattices import antiferromagnet_order

        return antiferromagnet_order(p, B, T)
