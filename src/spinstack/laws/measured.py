"""A value that holds at the temperature at which it was measured, and is not taken to hold at another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spinstack.numerics.arrays import aligned, array_module, is_traced
from spinstack.stack.laws import Law, own
from spinstack.stack.parameters import parameter
from spinstack.text.errors import ParameterError

#: how far from its temperature a value still holds: this many kelvin, or this share of it
NEAR, SHARE = 5.0, 0.1
ACCEPT = (
    "To take values of the library at any temperature on purpose, give any_temperature=True (in a sample file "
    "any_temperature = true)."
)


@dataclass(frozen=True, eq=False, repr=False)
class Measured(Law, kind="measured"):
    """A number within 5 K, or 10 %, of the temperature at which it was measured, and none elsewhere.

    The values of :mod:`spinstack.interfaces` come as such: they were measured in liquid helium, and first-principles
    calculations have the spin memory loss of a ferromagnet and a metal fall with temperature (arXiv:2207.02395).
    """

    without_temperature: ClassVar[str] = ACCEPT

    measured: Any = own("value measured", kind="either")
    temperature: float = parameter("K", "temperature at which it was measured", low=0)

    def number(self, T: Any, p: Mapping[str, Any]) -> Any:
        T, measured, own = aligned(T, self.measured, self.temperature)
        xp = array_module(T, own)
        reach = xp.maximum(NEAR, SHARE * own)
        far = abs(T - own) > reach
        if is_traced(far):  # which cannot be refused
            return xp.where(far, np.nan, measured)
        if np.any(far):
            kelvin, of = (np.broadcast_to(v, np.shape(far))[far][0] if np.ndim(far) else v for v in (T, own))
            low, high = max(of - max(NEAR, SHARE * of), 0.0), of + max(NEAR, SHARE * of)
            raise ParameterError(
                f"where the value was measured at {of:g} K", field="T", unit="K", got=float(kelvin),
                allowed=f"from {low:g} to {high:g} K", remedy=ACCEPT,
            )  # fmt: skip
        return self.measured
