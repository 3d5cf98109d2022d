"""Hall angles by their mechanisms, which follow the resistivity of the layer each in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from spinstack.numerics.arrays import aligned
from spinstack.stack.described import Described
from spinstack.stack.laws import Law
from spinstack.stack.parameters import parameter
from spinstack.text.errors import ParameterError

_REST = "conductivity.residual_resistivity"


@dataclass(frozen=True, eq=False, repr=False)
class AnomalousHallScaling(Law, kind="anomalous_hall_scaling"):
    """``angle = intrinsic rho + skew rho_0/rho + phonon_skew (rho - rho_0)/rho + side_jump rho_0^2/rho``.

    That is the Hall resistivity ``rho angle`` by Berry curvature and by what does not depend on the scatterer
    (``rho^2``), by skew scattering at disorder (``rho_0``) and at phonons (``rho - rho_0``), and by the part of the
    side jump that belongs to disorder (``rho_0^2``). rho = 1/conductivity of the layer, whatever that follows; rho_0 is
    the residual resistivity of its Bloch-Grueneisen law unless it is given here. Numbers that are left out are zero.
    Source: Y. Tian, L. Ye, X. Jin, Phys. Rev. Lett. 103, 087206 (2009); several scatterers: D. Hou et al., Phys. Rev.
    Lett. 114, 217203 (2015).
    """

    fills: ClassVar[tuple[str, ...]] = ("anomalous_hall_angle", "spin_anomalous_hall_angle")
    needs: ClassVar[tuple[str, ...]] = ("conductivity",)
    thermal: ClassVar[bool] = False

    intrinsic: float = parameter("S/m", "intrinsic Hall conductivity, angle/rho", default=0.0)
    skew: float = parameter("1", "angle by skew scattering where disorder alone scatters", default=0.0)
    phonon_skew: float = parameter("1", "angle by skew scattering where phonons alone scatter", default=0.0)
    side_jump: float = parameter("S/m", "Hall conductivity by disorder alone, beside the intrinsic one", default=0.0)
    residual_resistivity: float | None = parameter(
        "ohm m", "rho_0; default: that of the law of the conductivity", default=None, low=0
    )

    def number(self, T: Any, p: Mapping[str, Any]) -> Any:
        rest = self._rest(p)
        sigma, rest, own, skew, phonons, jump = aligned(
            p["conductivity"], rest, self.intrinsic, self.skew, self.phonon_skew, self.side_jump
        )
        share = rest * sigma
        return own / sigma + skew * share + phonons * (1 - share) + jump * rest * share

    def _rest(self, p: Mapping[str, Any]) -> Any:
        if self.residual_resistivity is not None:
            return self.residual_resistivity
        if _REST in p:
            return p[_REST]
        if all(type(v) is float and v == 0 for v in (self.skew, self.phonon_skew, self.side_jump)):
            return 0.0  # nothing asks for it
        why = "missing, and the conductivity follows no law that has one"
        raise ParameterError(why, field="residual_resistivity", unit="ohm m", remedy="Give it.")

    def check_place(self, owner: Described, name: str) -> None:
        super().check_place(owner, name)
        conductivity = owner.laws().get("conductivity")
        try:
            self._rest(dict.fromkeys(f"conductivity.{n}" for n in getattr(conductivity, "declared", dict)()))
        except ParameterError as error:
            raise error.with_fields(where=f"{owner._label()}.{name}", path=(name, *error.path)) from None


@dataclass(frozen=True, eq=False, repr=False)
class SpinHallScaling(AnomalousHallScaling, kind="spin_hall_scaling"):
    """The same of a spin Hall angle; its conductivities count spin in units of hbar/2e, as `spin_hall_conductivity`.

    The intrinsic part alone is what `spin_hall_conductivity` says, too. Source: as of :class:`AnomalousHallScaling`;
    that the angle of Pt rises as its resistivity: L. Wang et al., Phys. Rev. Lett. 116, 196602 (2016),
    arXiv:1512.07418; that that of Au is extrinsic, with skew scattering at phonons: M. Isasa et al., Phys. Rev. B 91,
    024402 (2015), arXiv:1407.4770.
    """

    fills: ClassVar[tuple[str, ...]] = ("spin_hall_angle",)

    intrinsic: float = parameter("(hbar/2e) S/m", "intrinsic spin Hall conductivity, angle/rho", default=0.0)
    side_jump: float = parameter(
        "(hbar/2e) S/m", "spin Hall conductivity by disorder alone, beside the intrinsic one", default=0.0
    )
