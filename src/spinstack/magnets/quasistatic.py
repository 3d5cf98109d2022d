"""Places at rest of many magnets side by side under currents that take them nowhere else."""

from __future__ import annotations

import numpy as np

from spinstack.magnets.equilibrium import linear
from spinstack.magnets.motion import Mechanics
from spinstack.magnets.settle import frame
from spinstack.stack import ParameterError

#: steps in which a current is raised, steps of Newton's method in each, and the farthest [rad] that one goes
_RAISED, _NEWTON, _NEAR = 4, 20, 0.3
#: condition of the stiffness above which a direction is held by rounding alone
_FREE = 1e14


def under_current(on: Mechanics, degree: int, m: np.ndarray, B: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Directions at rest (points, magnets, 3) in B (points, 3) under K (points,), from those without a current.

    Raises ParameterError where a current is too strong for the place to stay.
    """
    at, n = m, m.shape[1]
    for part in np.arange(1, _RAISED + 1) / _RAISED:
        for _ in range(_NEWTON):
            value, J = linear(on, degree, at, B, part * K)
            free = np.linalg.cond(J) > _FREE
            if free.any():
                raise _refused(
                    "where nothing holds the magnets against it", "Give a field.", int(np.argmax(free)), B, K
                )
            step = -np.linalg.solve(J, value[..., None])[..., 0]
            size = np.abs(step).max(axis=1)
            # an unstable step is told below; here it only stays finite
            step = np.where(size[:, None] > _NEAR, step * _NEAR / np.maximum(size, _NEAR)[:, None], step)
            at = at + np.einsum("pia,piac->pic", step.reshape(-1, n, 2), frame(at))
            at = at / np.linalg.norm(at, axis=-1, keepdims=True)
            if size.max() < 1e-13:
                break
        rates = np.linalg.eigvals(linear(on, degree, at, B, part * K)[1]).real.max(-1)
        lost = (size > 1e-9) | (rates >= 0)
        if lost.any():
            why = "under which the magnets leave their place"
            raise _refused(why, "Make it smaller, or the field larger.", int(np.argmax(lost)), B, K)
    return at


def _refused(why: str, remedy: str, k: int, B: np.ndarray, K: np.ndarray) -> ParameterError:
    where = ", ".join(f"{c:.4g}" for c in B[k])
    return ParameterError(
        f"{why} at B = ({where}) T", field="current", unit="A/m", got=float(f"{K[k]:.6g}"), remedy=remedy
    )
