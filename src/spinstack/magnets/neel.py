"""The Neel vector of an antiferromagnet as one direction that a field turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.described import Described
from spinstack.stack.directions import single_direction
from spinstack.stack.parameters import parameter


@dataclass(frozen=True, eq=False, repr=False)
class NeelVector(Described):
    """The Neel vector n of an antiferromagnet of a film: it lies across a field, and is held by axes of its own.

    Its energy over the susceptibility is ``(n.B)^2/2 - B_f^2 (n.u)^2/2 + B_h^2 (n.h)^2/2``, with the spin-flop field
    B_f along the easy axis u and the field B_h that keeps it from the hard axis h; n and -n are one. It follows fields
    (:func:`equilibrium`, and observables that are given the model as m); under a current it does not move.

    Args:
        name: of the antiferromagnet in the film.
        easy_axis, hard_axis: three numbers, or "x", "y", "z"; where the strength beside it is not 0.
    """

    name: str
    spin_flop_field: float = parameter("T", "field along the easy axis at which it flops across", default=0.0, low=0)
    hard_field: float = parameter("T", "field that would turn it to the hard axis", default=0.0, low=0)
    easy_axis: Any = None
    hard_axis: Any = None

    def _label(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def _check(self) -> None:
        for axis, strength in (("easy_axis", self.spin_flop_field), ("hard_axis", self.hard_field)):
            given = getattr(self, axis)
            if given is not None:
                object.__setattr__(self, axis, tuple(map(float, single_direction(given, axis))))
            elif is_traced(strength) or np.any(strength):
                raise self.refused(
                    axis, f"beside a strength of {strength!r} T", remedy=f'Say which, such as {axis}="x".'
                )

    @property
    def quadratic(self) -> np.ndarray:
        """Q (3, 3) [T^2] of the energy ``-n.Q.n/2``."""
        easy, hard = (np.asarray(axis or (0.0, 0.0, 0.0)) for axis in (self.easy_axis, self.hard_axis))
        return np.asarray(self.spin_flop_field**2 * np.outer(easy, easy) - self.hard_field**2 * np.outer(hard, hard))
