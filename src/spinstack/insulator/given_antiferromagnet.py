"""An antiferromagnetic insulator whose face is given by conductances."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from spinstack.insulator.moments import Columns, Moments, Sublattice
from spinstack.insulator.neel import Antiferromagnetic
from spinstack.stack.parameters import parameter


@dataclass(frozen=True, eq=False, repr=False)
class Antiferromagnet(Antiferromagnetic, kind="neel"):
    """A compensated antiferromagnet with the conductances of its face as numbers; needs no temperature.

    Its Neel vector n finds its place in the field: the lowest eigenvector of
    ``B B^T + B_hard^2 k k^T - B_flop^2 u u^T`` with the easy axis u and the hard axis k, across the field as far as the
    axes let it. Without a spin-flop field n is free in the plane across the hard axis; a field along the hard axis, or
    none, does not say where it points and is refused, unless a `monodomain_field` B_MD makes domains: then the film is
    the mean over domains with ``<e^(2i phi)> = -min(1, (B_p/B_MD)^2) e^(2ia)``, B_p and a size and angle of the field
    in the plane (beside a `dzyaloshinskii_field` by another law, linear in weak fields); :meth:`equilibrium` is the
    direction of their larger part. The two sublattices are along n and -n, and cant towards the field by the angle of
    sine ``B_perp/2 B_E``. docs/methods/antiferromagnets.md has the derivation and its limits.

    Args:
        easy_axis: three numbers, of any length.
        hard_axis: likewise, along another line.
    """

    thermal: ClassVar[bool] = False

    mixing_conductance: complex = parameter(
        "S/m^2", "Gr + i Gi of both sublattices together, Gi as if their moments were parallel", kind="complex", low=0
    )
    spin_sink_conductance: float = parameter("S/m^2", "Gs, the part of all of mu that flows in", default=0.0, low=0)
    exchange_field: float = parameter(
        "T", "B_E of one sublattice on the other, parallel at 2 B_E; inf: no canting", default=math.inf, low=0,
        open_low=True, infinite=True,
    )  # fmt: skip

    def columns(self) -> dict[str, Any]:
        p = super().columns()
        G = p.pop("mixing_conductance")
        return p | {"mixing_conductance_real": G.real, "mixing_conductance_imag": G.imag}

    def ordering_temperature(self) -> Any:
        return math.inf

    def moments(self) -> list[Moments]:
        return []

    @staticmethod
    def pieces(p: Columns, m: Any, B: Any, T: Any) -> list[Sublattice]:
        from spinstack.insulator.sublattices import given_antiferromagnet

        return given_antiferromagnet(p, m, B)
