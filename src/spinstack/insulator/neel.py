"""Where the Neel vector of an antiferromagnet points: easy and hard axis, and domains in an easy plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spinstack.insulator.magnet import Axis, Magnet
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.stack.directions import vector
from spinstack.stack.parameters import parameter
from spinstack.text.errors import ParameterError


def _usual_hard_field(p: dict[str, Any]) -> Any:
    """Without an easy axis n never leaves the plane; beside one nothing else holds it."""
    flop = p["spin_flop_field"]
    if not is_traced(flop) and np.ndim(flop) == 0:
        return 0.0 if flop else np.inf
    return array_module(flop).where(flop == 0, np.inf, 0.0)


_FIELDS = ("spin_flop_field", "hard_field", "monodomain_field", "dzyaloshinskii_field")


@dataclass(frozen=True, eq=False, repr=False)
class Antiferromagnetic(Magnet):
    """What every antiferromagnet has: its Neel vector n is the lowest eigenvector of
    ``B B^T + B_hard^2 k k^T - B_flop^2 u u^T``, with the easy axis u and the hard axis k.
    """

    axes: ClassVar[tuple[str, ...]] = ("easy_axis", "hard_axis")
    field_is_across: ClassVar[bool] = True
    order_name: ClassVar[str] = "Néel vector"

    spin_flop_field: float = parameter(
        "T", "field along the easy axis at which the Neel vector flops across it; 0: no easy axis", default=0.0, low=0
    )
    hard_field: float | None = parameter(
        "T", "field across which the Neel vector would leave the plane across the hard axis; default: inf (it never "
        "does) without a spin_flop_field, 0 with one", default=None, otherwise=_usual_hard_field, low=0, infinite=True,
    )  # fmt: skip
    monodomain_field: float | None = parameter(
        "T", "field in the easy plane from which one domain is left, below it several share the film so that strain is "
        "released; default: always one", default=None, otherwise=0.0, low=0,
    )  # fmt: skip
    dzyaloshinskii_field: float = parameter(
        "T", "B_D, by which the field acts on the weak moment of domains; acts beside a monodomain_field", default=0.0,
        low=0,
    )  # fmt: skip
    easy_axis: Axis = (1.0, 0.0, 0.0)
    hard_axis: Axis = (0.0, 0.0, 1.0)

    def _check(self) -> None:
        super()._check()
        if np.linalg.norm(np.cross(self.easy_axis, self.hard_axis)) < 1e-6:
            raise self.refused("hard_axis", "which is the easy axis", allowed="another direction")
        flop, hard, alone, weak = (getattr(self, name) for name in _FIELDS)
        if any(is_traced(v) for v in (flop, hard, alone, weak)):
            return
        if alone is None and np.any(weak):
            why = "without domains, on which alone it acts here"
            raise self.refused("dzyaloshinskii_field", why, remedy="Give a monodomain_field, or leave it out.")
        free = np.asarray(flop) == 0
        if hard is not None and (free & (np.asarray(hard) == 0)).any():
            why = "beside no spin_flop_field: no direction across the field is better than another"
            raise self.refused("hard_field", why, allowed="greater than 0, or left out")
        bound = ~free | ~np.isinf(np.inf if hard is None else np.asarray(hard))
        if alone is not None and (bound & (np.asarray(alone) > 0)).any():
            why = "beside a spin_flop_field or a finite hard_field"
            allowed = "domains of an easy plane, which is left by nothing and has no easy axis in it"
            raise self.refused("monodomain_field", why, allowed=allowed)

    @property
    def held(self) -> bool:
        return is_traced(self.spin_flop_field) or bool(np.any(self.spin_flop_field))

    @property
    def acting_axes(self) -> tuple[str, ...]:
        return self.axes if self.held else ("hard_axis",)

    @property
    def saturates(self) -> bool:
        return False

    @property
    def follows_field(self) -> bool:
        return False  # across it

    def undecided(self, B: Any) -> Any:
        B = np.asarray(B)
        part = np.cross(B, self.hard_axis)
        nowhere = (np.abs(part) <= 1e-14 * np.abs(B).max(-1, keepdims=True)).all(-1)
        alone = self.monodomain_field
        if is_traced(alone) or is_traced(self.spin_flop_field):
            return np.zeros_like(nowhere)
        divided = False if alone is None else np.asarray(alone) > 0
        return nowhere & (np.asarray(self.spin_flop_field) == 0) & np.logical_not(divided)

    def no_direction(self) -> ParameterError:
        return ParameterError(
            "zero or along the hard axis, where the Neel vector is free in the plane across it",
            field="B",
            remedy="Give m (the direction that it keeps), a field with a part in the plane, or the magnet a "
            "spin_flop_field (an easy axis) or a monodomain_field (domains).",
        )

    def pointing(self, B: Any) -> Any:
        from spinstack.insulator.equilibrium import neel_vector
        from spinstack.insulator.evaluate import lowest

        p = self.numbers()
        strengths = {name: p[name] for name in ("spin_flop_field", "hard_field")}
        return lowest(neel_vector, B, strengths, self.easy_axis, self.hard_axis)

    @property
    def has_domains(self) -> bool:
        return self.monodomain_field is not None

    def domains(self, B: Any) -> list[tuple[Any, Any]]:
        from spinstack.insulator.equilibrium import domains
        from spinstack.insulator.evaluate import lowest

        B = vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)")
        self.check_direction(B, None)
        strengths = {name: getattr(self, name) for name in ("monodomain_field", "dzyaloshinskii_field")}
        share, *directions = lowest(domains, B, strengths, self.easy_axis, self.hard_axis)
        return [(share[..., i], n) for i, n in enumerate(directions)]
