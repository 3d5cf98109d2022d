"""Walks of many points at once with a normal prior: through a posterior, or within a likelihood."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from spinstack.fitting.mixture import factors_of


class Likelihood(Protocol):
    """Of points V (points, size), each number with a normal prior of deviation 1."""

    def log_likelihood(self, V: np.ndarray) -> np.ndarray:
        """(points,); minus infinity where there is no such model."""
        ...


def log_prior(V: np.ndarray) -> np.ndarray:
    """Of the standard normal distribution (points,)."""
    return np.asarray(-0.5 * np.sum(V * V, axis=1) - 0.5 * V.shape[1] * np.log(2 * np.pi))


class Walk:
    """Metropolis steps along differences of two other points (ter Braak, Stat. Comput. 16 (2006) 239), and in their
    covariance, by turns; their length follows from how many are accepted.

    Attributes:
        evaluations: of the likelihood so far.
    """

    def __init__(self, target: Likelihood, rng: np.random.Generator) -> None:
        self._target, self._rng, self._scale = target, rng, [1.0, 1.0]
        self.evaluations = 0

    def step(
        self, at: np.ndarray, heights: np.ndarray, others: np.ndarray, k: int, floor: float | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Step k of points (points, size) with ln of their likelihoods: points, likelihoods, which moved.

        Their stationary distribution is the posterior; with a `floor`, the prior where the likelihood is higher.
        """
        rng, (count, size) = self._rng, at.shape
        kind = k % 2
        long = k % 10 == 1  # the whole difference: from one mode to another
        factor = factors_of(np.cov(others.T).reshape(size, size) + 1e-10 * np.eye(size))
        noise = rng.standard_normal((count, size)) @ factor.T
        if kind:
            first = rng.integers(len(others), size=count)
            second = (first + rng.integers(1, len(others), size=count)) % len(others)
            length = 1.0 if long else self._scale[1] * 2.38 / np.sqrt(2 * size) * rng.uniform(0.5, 1.2, (count, 1))
            step = length * (others[first] - others[second]) + 1e-4 * noise
        else:
            step = self._scale[0] * 2.38 / np.sqrt(size) * rng.uniform(0.2, 1.2, (count, 1)) * noise
        there = at + step
        gain = log_prior(there) - log_prior(at)
        chance = np.log(rng.random(count))
        # within a likelihood the prior alone decides; what it refuses need not be computed
        asked = np.ones(count, bool) if floor is None else chance < gain
        height = np.full(count, -np.inf)
        if asked.any():
            height[asked] = self._target.log_likelihood(there[asked])
        self.evaluations += int(asked.sum())
        with np.errstate(invalid="ignore"):  # from nowhere to nowhere
            moves = chance < gain + height - heights if floor is None else asked & (height > floor)
        if not long:
            self._scale[kind] = float(np.clip(self._scale[kind] * np.exp(0.5 * (moves.mean() - 0.25)), 0.01, 3.0))
        return np.where(moves[:, None], there, at), np.where(moves, height, heights), moves
