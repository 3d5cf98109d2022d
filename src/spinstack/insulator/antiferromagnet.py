"""An antiferromagnetic insulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spinstack.insulator.moments import Columns, Moments, Sublattice, of_sublattice
from spinstack.insulator.neel import Antiferromagnetic
from spinstack.stack.parameters import parameter


@dataclass(frozen=True, eq=False, repr=False)
class WeissAntiferromagnet(Antiferromagnetic, kind="antiferromagnet"):
    """Two opposite sublattices of equal moments; directions are those of the Neel vector n.

    What holds n, domains: :class:`Antiferromagnet`. The sublattices cant towards the field. A face with unequal surface
    densities or couplings is uncompensated: it has an exchange field along n.

    Args:
        easy_axis: three numbers, of any length.
        hard_axis: likewise, along another line.
    """

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

    def columns(self) -> dict[str, Any]:
        p = super().columns()
        return p | {f"{name}_a": p.pop(name) for name in ("surface_density", "exchange_coupling")}

    def ordering_temperature(self) -> Any:
        return self.neel_temperature

    def moments(self) -> list[Moments]:
        return [of_sublattice(self.columns(), name) for name in "ab"]

    @staticmethod
    def pieces(p: Columns, m: Any, B: Any, T: Any) -> list[Sublattice]:
        from spinstack.insulator.sublattices import antiferromagnet

        return antiferromagnet(p, m, B, T)

    @staticmethod
    def ordered(p: Columns, B: Any, T: Any) -> Any:
        from spinstack.insulator.sublattices import antiferromagnet_order

        return antiferromagnet_order(p, B, T)
