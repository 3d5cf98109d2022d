"""One magnet as a single moment: what holds it, and what slows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.described import Described
from spinstack.stack.directions import single_direction
from spinstack.stack.parameters import parameter
from spinstack.text.errors import ParameterError, Problems

#: fields that hold an axis, and the strengths that need them
_AXES = {"easy_axis": "anisotropy_field", "bias_direction": "exchange_bias", "cubic_axis": "cubic_field"}
#: statements about what holds m in the plane or out of it
_PERPENDICULAR = ("surface_anisotropy", "volume_anisotropy", "demagnetizing_factor")


@dataclass(frozen=True, eq=False, repr=False)
class Macrospin(Described):
    """A magnet of a film whose moments all point along one m.

    Its energy per moment is
    ``-m.(B + B_b b) - B_A (m.u)^2/2 + mu0 M_eff m_z^2/2 + B_c (a^2 b^2 + b^2 c^2 + c^2 a^2)/2`` with the anisotropy
    field B_A along the easy axis u, the exchange bias B_b along b, and the components a, b, c of m along cubic axes:
    [100] is `cubic_axis`, [001] the film normal.

    What holds m in the plane is said once: by `effective_magnetization`, as a resonance measures it; or by
    `demagnetizing_factor` (1 of an extended film) with the anisotropies of faces and volume,
    ``mu0 M_eff = mu0 M_s N - 2 K_s/(M_s t) - 2 K_v/M_s``; or by an `anisotropy_field` along z, which is then all there
    is: the field that a perpendicular magnet is held with, its shape included.

    Args:
        name: of the magnet in the film.
        easy_axis, bias_direction, cubic_axis: three numbers, or "x", "y", "z"; where the strength beside it is not 0.
    """

    name: str
    magnetization: float = parameter("A/m", "saturation magnetisation M_s", low=0, open_low=True)
    damping: float | None = parameter("1", "Gilbert damping; needed by everything that moves", default=None, low=0)
    g_factor: float = parameter("1", "g; the gyromagnetic ratio is g mu_B/hbar", default=2.0, low=0, open_low=True)
    thickness: float | None = parameter(
        "m", "thickness of the magnet; default: that of the layer; needed for an insulator", default=None, low=0,
        open_low=True,
    )  # fmt: skip
    volume: float | None = parameter(
        "m^3", "volume that fluctuates as one; needed at a temperature", default=None, low=0, open_low=True
    )
    anisotropy_field: float = parameter(
        "T", "field 2K/M_s that holds m along the easy axis; negative: across it", default=0.0
    )
    effective_magnetization: float | None = parameter(
        "T", "mu0 M_eff, which holds m in the plane; negative: along the normal", default=None
    )
    demagnetizing_factor: float | None = parameter(
        "1", "of the normal less that of the plane; 1 of an extended film", default=None, low=-1, high=1
    )
    surface_anisotropy: float = parameter(
        "J/m^2", "K_s of both faces together; positive: m along the normal", default=0.0
    )
    volume_anisotropy: float = parameter("J/m^3", "K_v; positive: m along the normal", default=0.0)
    cubic_field: float = parameter("T", "2 K_1/M_s; positive: m along the cubic axes", default=0.0)
    exchange_bias: float = parameter("T", "field of a pinning layer", default=0.0)
    easy_axis: Any = None
    bias_direction: Any = None
    cubic_axis: Any = None

    def _label(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def _check(self) -> None:
        problems = Problems()
        for axis, strength in _AXES.items():
            with problems:
                self._check_axis(axis, strength)
        # what else has to be said depends on whether the easy axis is the normal
        if "easy_axis" not in [one.field for one in problems.errors]:
            with problems:
                self._check_perpendicular()
        problems.end()

    def _check_axis(self, axis: str, strength: str) -> None:
        given, size = getattr(self, axis), getattr(self, strength)
        if given is not None:
            try:
                unit = single_direction(given, axis)
            except ParameterError as error:
                raise error.with_fields(where=self._label()) from None
            # a unit vector stays as it is, so that a copy has the same bits
            object.__setattr__(self, axis, tuple(map(float, unit)))
            if axis == "cubic_axis" and abs(unit[2]) > 1e-9:
                raise self.refused(axis, "which is not in the plane", allowed="a direction in the plane of the film")
        elif is_traced(size) or np.any(size):
            why = f"beside a {strength} of {size!r}"
            raise self.refused(axis, why, remedy=f'Say along what, such as {axis}="x".')

    def _check_perpendicular(self) -> None:
        said = [n for n in _PERPENDICULAR if (v := getattr(self, n)) is not None and (is_traced(v) or np.any(v))]
        if said and self.demagnetizing_factor is None:
            why = "beside an anisotropy along the normal"
            remedy = "Give it (1 in an extended film), or effective_magnetization alone, which holds both."
            raise self.refused("demagnetizing_factor", why, remedy=remedy)
        if self.effective_magnetization is not None and self.demagnetizing_factor is not None:
            remedy = "Give what was measured, or what it follows from."
            raise self.refused("effective_magnetization", "beside a demagnetizing_factor, from which it follows",
                               remedy=remedy)  # fmt: skip
        perpendicular = self.easy_axis is not None and abs(self.easy_axis[2]) == 1 and np.any(self.anisotropy_field)
        stated = self.effective_magnetization is not None or self.demagnetizing_factor is not None
        if perpendicular and stated:
            why = "along z, which is all that holds m there, beside a second statement about it"
            remedy = "Leave it out, or effective_magnetization and demagnetizing_factor."
            raise self.refused("anisotropy_field", why, remedy=remedy)
        if not perpendicular and not stated:
            why = "and nothing else says what holds m in the plane"
            remedy = (
                "Give it as measured, or demagnetizing_factor=1 of an extended film, or an anisotropy_field along z, "
                "or 0 where nothing does."
            )
            raise self.refused("effective_magnetization", why, remedy=remedy)
