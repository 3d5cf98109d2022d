"""Currents in time."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.stack.described import Described
from spinstack.stack.directions import vector
from spinstack.stack.parameters import parameter
from spinstack.text import checks
from spinstack.text.errors import ParameterError


class Waveform(Described):
    """A current in time: an amplitude, and a shape that is a function of time and numbers alone."""

    current: Any

    @staticmethod
    def shape(t: Any, timing: Any) -> Any:
        """The current at time t [s] over its amplitude."""
        raise NotImplementedError

    @property
    def timing(self) -> list[float]:
        """The numbers that `shape` takes."""
        raise NotImplementedError

    @property
    def quiet(self) -> float:
        """Time [s] from which it stays as it is; infinite where it never does."""
        return 0.0

    @property
    def rate(self) -> float:
        """How fast it turns [rad/s], which steps have to follow."""
        return 0.0


@dataclass(frozen=True, eq=False, repr=False)
class Constant(Waveform):
    """A current that flows all the time."""

    current: Any = parameter("A/m", "total sheet current density", default=0.0)

    @staticmethod
    def shape(t: Any, timing: Any) -> Any:
        return 1.0

    @property
    def timing(self) -> list[float]:
        return []


@dataclass(frozen=True, eq=False, repr=False)
class Pulse(Waveform):
    """A current that rises to a plateau and falls again, along straight lines."""

    current: Any = parameter("A/m", "total sheet current density of the plateau")
    plateau: float = parameter("s", "how long it stays", low=0)
    rise: float = parameter("s", "how long it rises", default=0.0, low=0)
    fall: float | None = parameter("s", "how long it falls; default: as it rises", default=None, low=0)
    delay: float = parameter("s", "when it begins to rise", default=0.0, low=0)

    @staticmethod
    def shape(t: Any, timing: Any) -> Any:
        xp = array_module(t)
        begin, top, end, over = timing
        up = xp.where(top > begin, (t - begin) / xp.where(top > begin, top - begin, 1.0), 1.0 * (t >= begin))
        down = xp.where(over > end, (over - t) / xp.where(over > end, over - end, 1.0), 1.0 * (t < over))
        return xp.clip(xp.minimum(up, down), 0.0, 1.0)

    def check_single(self, but: Container[str] = ()) -> None:
        """ParameterError where something is several numbers, but for fields that are on axes of their own."""
        for name in self.specifications():
            if name not in but and (value := getattr(self, name)) is not None and np.ndim(value):
                raise self.refused(name, "which is several numbers", remedy="Give one, or put it on an axis of a map.")

    @property
    def timing(self) -> list[float]:
        begin, top = self.delay, self.delay + self.rise
        end = top + self.plateau
        return [begin, top, end, end + (self.rise if self.fall is None else self.fall)]

    @property
    def quiet(self) -> float:
        return self.timing[-1]


@dataclass(frozen=True, eq=False, repr=False)
class Alternating(Waveform):
    """A sine: ``current sin(2 pi frequency t + phase)``."""

    current: Any = parameter("A/m", "amplitude of the total sheet current density")
    frequency: float = parameter("Hz", "frequency", low=0, open_low=True)
    phase: float = parameter("rad", "phase at t = 0", default=0.0)

    @staticmethod
    def shape(t: Any, timing: Any) -> Any:
        return array_module(t).sin(2 * np.pi * timing[0] * t + timing[1])

    @property
    def timing(self) -> list[float]:
        return [self.frequency, self.phase]

    @property
    def quiet(self) -> float:
        return float("inf")

    @property
    def rate(self) -> float:
        return 2 * np.pi * self.frequency


def waveform(current: Any) -> Waveform:
    """`current` as a waveform; numbers flow all the time."""
    return current if isinstance(current, Waveform) else Constant(current=current)


def sides(along: np.ndarray) -> np.ndarray:
    """Columns (2, 2): along a current's direction (2), and across it, z x current."""
    return np.array([[along[0], -along[1]], [along[1], along[0]]])


def direction_of(along: Any) -> np.ndarray:
    """A direction in the plane (2,) of length 1, from "x", "y" or two components."""
    if isinstance(along, str):
        return np.eye(2)["xy".index(checks.choice(along, "along", ("x", "y")))]
    found = vector(along, "along", '"x", "y" or two components', 2)
    if found.ndim != 1 or not found.any():
        raise ParameterError(field="along", got=along, allowed='"x", "y" or two components')
    return np.asarray(found / np.hypot(*found))
