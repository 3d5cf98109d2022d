"""The current at which a place at rest is no more, or no longer stable, and how it moves with the film."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from spinstack.magnets.branch import Branch, corrected, growth, null_vector, stepped, torque_balance
from spinstack.magnets.motion import Mechanics


class Place(NamedTuple):
    """Directions (magnets, 3) at rest, and the current [A/m]."""

    m: np.ndarray
    K: float


class _Stretch:
    """A short part of a branch, by the distance from its first point."""

    def __init__(
        self, on: Mechanics, degree: int, branch: Branch, first: int, last: int, B: np.ndarray, scale: float
    ) -> None:
        self._on, self._degree, self._B, self._scale = on, degree, B, scale
        self._m, self._K = branch.m[first], float(branch.K[first])
        _, J, by_K, self._across = torque_balance(on, degree, self._m, B, self._K)
        away = np.einsum("iac,ic->ia", self._across, branch.m[last] - self._m)
        chord = np.append(away, (branch.K[last] - self._K) / scale)
        null = null_vector(J, by_K, scale)
        self._null = null if null @ chord > 0 else -null
        self._ahead = self._moved(self._null, self._across)
        self.length = float(np.linalg.norm(chord))

    def _moved(self, null: np.ndarray, across: np.ndarray) -> np.ndarray:
        return np.einsum("ia,iac->ic", null[:-1].reshape(len(self._m), 2), across)

    def point(self, length: float) -> Place:
        m = stepped(self._m, self._across, length * self._null[:-1])
        K = self._K + length * self._null[-1] * self._scale
        found = corrected(self._on, self._degree, m, self._B, K, self._null[-1], self._ahead, self._scale)
        if found is None:
            raise ArithmeticError("Newton's method left the branch")
        return Place(*found)

    def climb(self, length: float) -> float:
        """How the current changes along the branch."""
        m, K = self.point(length)
        _, J, by_K, across = torque_balance(self._on, self._degree, m, self._B, K)
        own = null_vector(J, by_K, self._scale)
        return float(own[-1] * np.sign(np.sum(self._moved(own, across) * self._ahead) + own[-1] * self._null[-1]))

    def growth(self, length: float) -> float:
        """The largest rate [1/s]."""
        m, K = self.point(length)
        return growth(self._on, self._degree, m, self._B, K)

    def zero(self, of: Callable[[float], float]) -> Place:
        """Where a function of the distance changes its sign."""
        top = self.length
        while of(top) * of(0.0) > 0 and top < 4 * self.length:
            top *= 1.2
        return self.point(brentq(of, 0.0, top, xtol=1e-15, rtol=1e-15))


def fold(on: Mechanics, degree: int, branch: Branch, B: np.ndarray, scale: float) -> Place:
    """The turning point between the last points of a branch, to rounding."""
    stretch = _Stretch(on, degree, branch, max(len(branch.K) - 3, 0), len(branch.K) - 1, B, scale)
    return stretch.zero(stretch.climb)


def instability(on: Mechanics, degree: int, branch: Branch, B: np.ndarray, scale: float) -> Place:
    """Where the largest rate first comes to zero on a branch, to rounding."""
    k = int(np.argmax(branch.growth > 0))
    stretch = _Stretch(on, degree, branch, k - 1, k, B, scale)
    return stretch.zero(stretch.growth)
