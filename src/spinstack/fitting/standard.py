"""A problem in coordinates whose priors are all normal distributions of deviation 1: what samplers move in."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from spinstack.fitting.problem import Problem

#: deviations beyond which a bound of a normal prior cuts nothing off
_FAR = 8.0
#: deviations within which walks begin
_INSIDE = 3.0
#: where the ends of a range are, in deviations: ndtr is 1 to rounding beyond
_EDGE = 7.5


class Standard:
    """Coordinates V of a problem: u = Phi^-1[Phi(low) + Phi(v) (Phi(high) - Phi(low))] of a normal prior with bounds,
    low + Phi(v) (high - low) of one between two ends, and u itself otherwise.

    Attributes:
        problem: the problem.
        size: how many coordinates.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem, self.size = problem, problem.size
        low, high = problem.bounds
        normal = np.zeros(problem.size, bool)
        normal[problem.penalised] = True
        self._cut = np.flatnonzero(normal & ((low > -_FAR) | (high < _FAR)))
        self._flat = np.flatnonzero(~normal)
        self._low, self._high = low, high
        logs = [np.linalg.slogdet(one.whitening)[1] for one in problem.data]
        self._constant = float(np.sum(logs)) - 0.5 * problem.points * np.log(2 * np.pi)

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Of V (size,): beyond them nothing changes but rounding."""
        inside = np.zeros(self.size, bool)
        inside[self._cut] = inside[self._flat] = True
        edge = np.where(inside, _EDGE, np.inf)
        return -edge, edge

    def coordinates(self, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of the problem, U (points, size), and their derivatives by V."""
        U, slopes = V.copy(), np.ones_like(V)
        density = np.exp(-0.5 * V**2) / np.sqrt(2 * np.pi)
        for k in self._flat:
            width = self._high[k] - self._low[k]
            U[:, k], slopes[:, k] = self._low[k] + width * ndtr(V[:, k]), width * density[:, k]
        for k in self._cut:
            a, b = ndtr(self._low[k]), ndtr(self._high[k])
            u = np.clip(ndtri(a + (b - a) * ndtr(V[:, k])), self._low[k], self._high[k])
            U[:, k], slopes[:, k] = u, (b - a) * np.exp(0.5 * (u**2 - V[:, k] ** 2))
        return U, slopes

    def traced(self, v: Any) -> Any:
        """The coordinates u of one point v (size,), which JAX traces."""
        from jax.scipy.special import ndtr as phi
        from jax.scipy.special import ndtri as quantile

        part = phi(v)
        for k in self._flat:
            v = v.at[k].set(self._low[k] + (self._high[k] - self._low[k]) * part[k])
        for k in self._cut:
            a, b = ndtr(self._low[k]), ndtr(self._high[k])
            v = v.at[k].set(quantile(a + (b - a) * part[k]))
        return v

    def standard(self, u: np.ndarray) -> np.ndarray:
        """The point v whose coordinates are u (size,), a little inside of their bounds."""
        v = u.copy()
        for k in self._flat:
            v[k] = ndtri((u[k] - self._low[k]) / (self._high[k] - self._low[k]))
        for k in self._cut:
            a, b = ndtr(self._low[k]), ndtr(self._high[k])
            v[k] = ndtri((ndtr(u[k]) - a) / (b - a))
        edge = np.full(self.size, np.inf)
        edge[self._flat] = edge[self._cut] = _INSIDE
        return np.clip(v, -edge, edge)

    def log_likelihood(self, V: np.ndarray) -> np.ndarray:
        """ln of the probability density of the data (points,); minus infinity where there are no such films."""
        R = self.problem.batch_residuals(self.coordinates(V)[0])[:, : self.problem.points]
        return np.asarray(self._constant - 0.5 * np.sum(R**2, axis=1))

    def batch(self, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Residuals of the data, then V itself, and their derivatives by V."""
        U, slopes = self.coordinates(V)
        R, J = self.problem.batch(U)
        n = self.problem.points
        every = np.broadcast_to(np.eye(self.size), (len(V), self.size, self.size))
        residuals = np.concatenate([R[:, :n], np.where(np.isinf(R[:, :1]), np.inf, V)], axis=1)
        return residuals, np.concatenate([J[:, :n] * slopes[:, None], every], axis=1)

    def curvature(self, V: np.ndarray) -> np.ndarray:
        """Gauss-Newton matrices (points, size, size) of minus ln of likelihood times prior."""
        J = self.batch(V)[1]
        # where there are no films, or derivatives, the prior alone says how wide it is
        J[~np.isfinite(J)] = 0.0
        return np.asarray(np.einsum("pri,prj->pij", J, J))
