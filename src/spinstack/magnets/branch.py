"""A place at rest while the current grows: followed through turning points, with what is stable on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.magnets.equilibrium import linear
from spinstack.magnets.motion import Mechanics, turnings
from spinstack.magnets.settle import frame

#: longest step along a branch [rad, with currents in units of their scale], and how close to rest it is held
LONGEST, CLOSE, NEWTON = 0.05, 1e-12, 12


class Branch(NamedTuple):
    """Points along a branch: directions (points, magnets, 3) and currents (points,) [A/m]; `turns`: whether it came to
    a turning point of the current; `growth`: largest real part of the rates (points,) [1/s]."""

    m: np.ndarray
    K: np.ndarray
    growth: np.ndarray
    turns: bool


def torque_balance(on: Mechanics, degree: int, m: np.ndarray, B: np.ndarray, K: float) -> tuple[np.ndarray, ...]:
    """L across m (2 magnets,) [T], its derivatives across m and by K, and the frame, at m (magnets, 3) in B (3,).

    Damping does not enter: it is at rest where L is zero.
    """
    n = len(m)
    across = frame(m)
    value = np.einsum("ic,iac->ia", np.array(turnings(on, degree, m, B, K), float), across).reshape(2 * n)
    J = np.empty((2 * n, 2 * n + 1))
    for j in range(2 * n + 1):
        moved, current = m.astype(complex), complex(K)
        if j < 2 * n:
            moved[j // 2] += 1e-30j * across[j // 2, j % 2]
        else:
            current += 1e-30j * max(abs(K), 1.0)
        change = np.array(turnings(on, degree, moved, B, current)).imag / 1e-30
        J[:, j] = np.einsum("ic,iac->ia", change, across).reshape(2 * n)
    J[:, -1] /= max(abs(K), 1.0)
    return value, J[:, :-1], J[:, -1], across
