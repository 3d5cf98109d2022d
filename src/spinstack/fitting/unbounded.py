"""Coordinates without bounds in which the distribution near the best fit is a standard normal one."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinstack.fitting.problem import Problem
from spinstack.numerics.arrays import array_module

#: variance of a uniform distribution over 0 to 1, and least distance of the best fit from a bound, in its range
UNIFORM, INSIDE = 1 / 12, 1e-3


class Unbounded:
    """Coordinates u of a problem as functions of w: u = T(v), v = v0 + L w.

    T is the logistic function between two bounds, an exponential beside one, and the identity without. L L^T is the
    covariance of v at the best fit, to which a uniform prior adds its own curvature.
    """

    def __init__(self, problem: Problem, best: np.ndarray) -> None:
        low, high = problem.bounds
        self._low, self._high = low, high
        self._both = np.isfinite(low) & np.isfinite(high)
        self._below, self._above = np.isfinite(low) & ~self._both, np.isfinite(high) & ~self._both
        room = np.where(self._both, high - low, 1.0)
        u = np.where(self._both | self._below, np.maximum(best, low + INSIDE * room), best)
        u = np.where(self._both | self._above, np.minimum(u, high - INSIDE * room), u)
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(self._both, (u - low) / room, 0.5)
            one = np.where(self._below, np.log(u - low), np.where(self._above, -np.log(high - u), u))
        self._start = np.where(self._both, np.log(part / (1 - part)), one)
        slope = np.where(self._both, room * part * (1 - part), 1.0)
        slope = np.where(self._below, u - low, np.where(self._above, high - u, slope))
        J = problem.residuals(u)[1]
        flat = np.where(np.isin(np.arange(problem.size), problem.penalised), 0.0, 1 / (UNIFORM * room**2))
        curvature = (J.T @ J + np.diag(flat)) * np.outer(slope, slope)
        size = np.sqrt(np.diag(curvature))
        root = np.linalg.cholesky(curvature / np.outer(size, size) + 1e-12 * np.eye(problem.size))
        self._spread = np.linalg.inv(root).T / size[:, None]

    def coordinates(self, w: Any) -> tuple[Any, Any]:
        """u at w (..., size), and the logarithm of the derivative of u by v (...,)."""
        xp = array_module(w)
        v = self._start + w @ self._spread.T
        # each branch finite also where another is taken: its gradient would be NaN otherwise
        growing = xp.exp(xp.where(self._below, v, 0.0)), xp.exp(xp.where(self._above, -v, 0.0))
        part = 1 / (1 + xp.exp(-xp.where(self._both, v, 0.0)))
        low, high = np.where(np.isfinite(self._low), self._low, 0.0), np.where(np.isfinite(self._high), self._high, 0.0)
        u = xp.where(self._both, low + (high - low) * part, v)
        u = xp.where(self._below, low + growing[0], xp.where(self._above, high - growing[1], u))
        z = xp.where(self._both, v, 0.0)
        logistic = -xp.abs(z) - 2 * xp.log1p(xp.exp(-xp.abs(z)))
        one = xp.where(self._both, logistic, xp.where(self._below, v, xp.where(self._above, -v, 0.0)))
        return u, xp.sum(one, axis=-1)
