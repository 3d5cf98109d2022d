"""Exchange between two magnets of a film."""

from __future__ import annotations

from dataclasses import dataclass

from spinstack.stack.described import Described
from spinstack.stack.parameters import parameter


@dataclass(frozen=True, eq=False, repr=False)
class InterlayerExchange(Described):
    """Energy per area ``-J_1 m.m' - J_2 (m.m')^2`` of two magnets.

    Args:
        first, second: names of the magnets.
    """

    first: str
    second: str
    bilinear: float = parameter("J/m^2", "J_1; positive: parallel", default=0.0)
    biquadratic: float = parameter("J/m^2", "J_2; negative: across each other", default=0.0)

    def _label(self) -> str:
        return f"{type(self).__name__}({self.first!r}, {self.second!r})"
