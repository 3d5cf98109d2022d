"""What spin waves take from a magnet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.numerics.arrays import aligned, array_module, is_traced
from spinstack.stack.laws import Law, own
from spinstack.stack.parameters import parameter
from spinstack.text.errors import ParameterError


@dataclass(frozen=True, eq=False, repr=False)
class BlochLaw(Law, kind="bloch_law"):
    """A value that falls as the magnetisation does by spin waves: ``value_0 [1 - (T/T*)^(3/2)]``.

    For a polarisation, or whatever else is taken to follow the order of a ferromagnet. Spin waves give the power
    3/2 far below the Curie temperature; T* is where the law would end, above or below it, a number to be fitted.
    Source: F. Bloch, Z. Phys. 61, 206 (1930); for the spin polarisation of a film C. H. Shang, J. Nowak, R. Jansen,
    J. S. Moodera, Phys. Rev. B 58, R2917 (1998).
    """

    value_at_zero: float = own("value at T = 0")
    vanishing_temperature: float = parameter(
        "K", "T*, where the value would be zero", low=0, open_low=True, infinite=True
    )

    def number(self, T: Any, p: Mapping[str, Any]) -> Any:
        T, value, end = aligned(T, self.value_at_zero, self.vanishing_temperature)
        if not (is_traced(T) or is_traced(end)) and np.any(np.asarray(T) > np.asarray(end)):
            why = f"above vanishing_temperature = {np.min(end):g} K, where the law of spin waves has ended"
            raise ParameterError(
                why, field="T", unit="K", got=float(np.max(T)), remedy="Give the parameter a table there."
            )
        kept = 1 - (T / end) ** 1.5
        if is_traced(kept):  # which cannot be refused
            kept = array_module(kept).where(kept < 0, np.nan, kept)
        return value * kept
