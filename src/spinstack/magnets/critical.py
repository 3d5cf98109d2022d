"""The current at which a place at rest is no more, or no longer stable."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq

from spinstack.magnets.branch import Branch, corrected, follow, growth, null_vector, stepped, torque_balance
from spinstack.magnets.motion import Mechanics


def fold(on: Mechanics, degree: int, branch: Branch, B: np.ndarray, scale: float) -> tuple[np.ndarray, float]:
    """Directions and current at the turning point between the last points of a branch, to rounding."""
    start = max(len(branch.K) - 3, 0)
    m, K = branch.m[start], float(branch.K[start])
    _, J, by_K, across = torque_balance(on, degree, m, B, K)
    away = np.append(np.einsum("iac,ic->ia", across, branch.m[-1] - m), (branch.K[-1] - K) / scale)
    null = null_vector(J, by_K, scale)
    null = null if null @ away > 0 else -null
    ahead = np.einsum("ia,iac->ic", null[:-1].reshape(len(m), 2), across)

    def point(length: float) -> tuple[np.ndarray, float]:
        found = corrected(
            on, degree, stepped(m, across, length * null[:-1]), B, K + length * null[-1] * scale, null[-1], ahead, scale
        )
        if found is None:
            raise ArithmeticError
        return found

    def slope(length: float) -> float:
        """How the current changes along the branch, in the sense of the branch."""
        at, current = point(length)
        _, J, by_K, frame = torque_balance(on, degree, at, B, current)
        own = null_vector(J, by_K, scale)
        moved = np.einsum("ia,iac->ic", own[:-1].reshape(len(m), 2), frame)
        return float(own[-1] * np.sign(np.sum(moved * ahead) + own[-1] * null[-1]))

    return point(brentq(slope, 0.0, float(np.linalg.norm(away)), xtol=1e-14, rtol=1e-15))


def instability(on: Mechanics, degree: int, branch: Branch, B: np.ndarray, scale: float) -> tuple[np.ndarray, float]:
    """Directions and current at which the largest rate first comes to zero on a branch."""
    k = int(np.argmax(branch.growth > 0))
    m, K = branch.m[k - 1], float(branch.K[k - 1])
    _, J, by_K, across = torque_balance(on, degree, m, B, K)
    null = null_vector(J, by_K, scale)
    away = np.append(np.einsum("iac,ic->ia", across, branch.m[k] - m), (branch.K[k] - K) / scale)
    null = null if null @ away > 0 else -null
    ahead = np.einsum("ia,iac->ic", null[:-1].reshape(len(m), 2), across)

    def point(length: float) -> tuple[np.ndarray, float]:
        found = corrected(
            on, degree, stepped(m, across, length * null[:-1]), B, K + length * null[-1] * scale, null[-1], ahead, scale
        )
        if found is None:
            raise ArithmeticError
        return found

    def above(length: float) -> float:
        at, current = point(length)
        return growth(on, degree, at, B, current)

    top = float(np.linalg.norm(away))
    while above(top) < 0:
        top *= 1.2
    return point(brentq(above, 0.0, top, xtol=1e-14, rtol=1e-15))
