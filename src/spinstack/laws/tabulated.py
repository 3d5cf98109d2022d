"""Measured or computed values at some temperatures, with straight lines between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spinstack.numerics.arrays import aligned, array_module, is_traced
from spinstack.stack.laws import Law, own
from spinstack.stack.parameters import parameter
from spinstack.text.arrays import floats
from spinstack.text.errors import ParameterError

#: temperatures [K], rising
Temperatures = tuple[float, ...]


class _Table(Law):
    """What tables have in common: temperatures and a factor; `_column` names the values."""

    _column: ClassVar[str]
    temperatures: Temperatures
    factor: float

    def _check_words(self) -> None:
        T = floats(self.temperatures)
        if T is None or T.ndim != 1 or len(T) < 2 or not np.isfinite(T).all() or T[0] < 0 or (np.diff(T) <= 0).any():
            raise self.refused("temperatures", unit="K", allowed="two or more, rising, from 0 K")
        object.__setattr__(self, "temperatures", tuple(T.tolist()))

    def _check(self) -> None:
        values = getattr(self, self._column)
        if np.shape(values)[-1] != len(self.temperatures):
            why = f"{np.shape(values)[-1]} of them beside {len(self.temperatures)} temperatures"
            raise self.refused(self._column, why, allowed="one for each")

    def _between(self, T: Any) -> Any:
        """The values at T (...), on straight lines between the temperatures."""
        knots = np.array(self.temperatures)
        if not is_traced(T) and (np.any(np.asarray(T) < knots[0]) or np.any(np.asarray(T) > knots[-1])):
            outside = np.asarray(T)[(np.asarray(T) < knots[0]) | (np.asarray(T) > knots[-1])]
            allowed = f"from {knots[0]:g} to {knots[-1]:g} K, the temperatures of the table"
            raise ParameterError(field="T", unit="K", got=float(outside.flat[0]), allowed=allowed)
        values = getattr(self, self._column)
        xp = array_module(T, values)
        T = xp.asarray(T, dtype=float)
        steps = max(T.ndim, np.ndim(values) - 1)
        T = T.reshape((*(1,) * (steps - T.ndim), *T.shape, 1))
        values = xp.asarray(values)
        values = values.reshape((*(1,) * (steps + 1 - values.ndim), *values.shape))
        left = xp.clip((knots.reshape((*(1,) * steps, -1)) <= T).sum(-1, keepdims=True) - 1, 0, len(knots) - 2)
        low, high = (xp.take_along_axis(values, at, -1) for at in _both(xp, values, left))
        start, width = xp.asarray(knots)[left], xp.asarray(np.diff(knots))[left]
        share = (T - start) / width
        if is_traced(T):  # which cannot be refused
            share = xp.where((share < 0) | (share > 1), np.nan, share)
        return ((1 - share) * low + share * high)[..., 0]


def _both(xp: Any, values: Any, left: Any) -> tuple[Any, Any]:
    """Places of the two values around, in the batch of both."""
    ahead = np.broadcast_shapes(values.shape[:-1], left.shape[:-1])
    left = xp.broadcast_to(left, (*ahead, 1))
    return left, left + 1


@dataclass(frozen=True, eq=False, repr=False)
class Tabulated(_Table, kind="tabulated"):
    """``factor`` times the values at some temperatures, straight lines between; none outside of them.

    Args:
        temperatures: rising [K], as many as `values`.
    """

    _column: ClassVar[str] = "values"

    temperatures: Temperatures
    values: Any = own("values at the temperatures", kind="table")
    factor: float = parameter("1", "by which all values are multiplied", default=1.0)

    def number(self, T: Any, p: Mapping[str, Any]) -> Any:
        value, factor = aligned(self._between(T), self.factor)
        return factor * value


@dataclass(frozen=True, eq=False, repr=False)
class TabulatedResistivity(_Table, kind="tabulated_resistivity"):
    """A conductivity whose inverse, the resistivity, is tabulated: straight lines between, none outside.

    Args:
        temperatures: rising [K], as many as `resistivities`.
    """

    _column: ClassVar[str] = "resistivities"
    fills: ClassVar[tuple[str, ...]] = ("conductivity",)

    temperatures: Temperatures
    resistivities: Any = parameter("ohm m", "at the temperatures", kind="table", low=0, open_low=True)
    factor: float = parameter("1", "by which all resistivities are multiplied", default=1.0, low=0, open_low=True)

    def number(self, T: Any, p: Mapping[str, Any]) -> Any:
        value, factor = aligned(self._between(T), self.factor)
        return 1 / (factor * value)
