"""From what perpendicular transport prints of an interface to the conductances of its two channels.

Specific resistances are areas times resistances. Of a magnetic interface the channels have
``AR_up,down = 2AR* (1 -+ gamma)``: 2AR* is the number printed as such, twice the enhanced resistance, so that
``AR* = (AR_up + AR_down)/4`` is r_b of Valet and Fert; gamma > 0 is a majority that passes better. Of a non-magnetic
one AR is the resistance that is measured, of both channels side by side, so that each has ``2AR``. Derivation in
docs/interfaces.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

#: quantities that a file may hold -> SI unit and meaning
QUANTITIES: dict[str, tuple[str, str]] = {
    "spin_memory_loss": ("1", "delta; a spin flips with the probability 1 - exp(-delta)"),
    "AR*": ("ohm m^2", "enhanced specific resistance (AR_up + AR_down)/4"),
    "2AR*": ("ohm m^2", "twice the enhanced specific resistance"),
    "gamma": ("1", "asymmetry (AR_down - AR_up)/(AR_down + AR_up)"),
    "AR_up": ("ohm m^2", "specific resistance of the majority channel"),
    "AR_down": ("ohm m^2", "specific resistance of the minority channel"),
    "2AR": ("ohm m^2", "twice the specific resistance of a non-magnetic interface"),
    "mixing_conductance": ("S/m^2", "spin-mixing conductance Gr + i Gi"),
}


class Value(NamedTuple):
    """A number in SI and how far it may be off upwards and downwards; None where that is not known."""

    value: float
    plus: float | None = None
    minus: float | None = None


Formula = Callable[..., float]


def _magnetic(sign: int, twice: float) -> Formula:
    return lambda resistance, gamma: _inverse(twice * resistance * (1 + sign * gamma))


def _inverse(resistance: float) -> float:
    return 1 / resistance if resistance > 0 else math.inf


#: field -> the ways to it: the quantities that are needed, and the formula
WAYS: dict[str, tuple[tuple[tuple[str, ...], Formula], ...]] = {
    "conductance_up": (
        (("AR_up",), _inverse),
        (("2AR*", "gamma"), _magnetic(-1, 1.0)),
        (("AR*", "gamma"), _magnetic(-1, 2.0)),
        (("2AR",), _inverse),
    ),
    "conductance_down": (
        (("AR_down",), _inverse),
        (("2AR*", "gamma"), _magnetic(+1, 1.0)),
        (("AR*", "gamma"), _magnetic(+1, 2.0)),
        (("2AR",), _inverse),
    ),
    "spin_memory_loss": ((("spin_memory_loss",), float),),
}


def derived(known: Mapping[str, Value]) -> dict[str, tuple[Value, tuple[str, ...]]]:
    """The fields of an interface element that follow from quantities in SI, each with those that it follows from."""
    out = {}
    for field, ways in WAYS.items():
        for needed, formula in ways:
            if all(name in known for name in needed):
                out[field] = (_with_errors(formula, [known[name] for name in needed]), needed)
                break
    return out


def _with_errors(formula: Formula, given: list[Value]) -> Value:
    """A formula of independent quantities: its value, and the changes by the ends of each added in squares."""
    middle = [one.value for one in given]
    value = formula(*middle)
    if any(one.plus is None or one.minus is None for one in given):
        return Value(value)
    plus = minus = 0.0
    for i, one in enumerate(given):
        ends = [
            formula(*middle[:i], end, *middle[i + 1 :]) - value
            for end in (one.value - (one.minus or 0.0), one.value + (one.plus or 0.0))
        ]
        plus, minus = math.hypot(plus, max(*ends, 0.0)), math.hypot(minus, min(*ends, 0.0))
    return Value(value, plus, minus)
