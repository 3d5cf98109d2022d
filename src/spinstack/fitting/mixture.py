"""Mixtures of multivariate t distributions, one of them the prior, fitted to weighted draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

#: degrees of freedom of the components: tails that hold those of most posteriors
FREEDOM = 5.0
#: what the prior keeps of a mixture, so that no region of it is out of reach; share below which a component is dropped
_PRIOR, _SMALL = 0.05, 2e-3


def factors_of(covariances: np.ndarray) -> np.ndarray:
    """Lower factors (..., size, size), also of what is a covariance but for rounding."""
    size = np.sqrt(np.diagonal(covariances, axis1=-2, axis2=-1))
    scale = size[..., :, None] * size[..., None, :]
    correlation = covariances / scale + 1e-9 * np.eye(covariances.shape[-1])
    return np.asarray(np.linalg.cholesky(correlation) * size[..., :, None])


@dataclass(frozen=True)
class Mixture:
    """Components with shares (k,), centres (k, size) and lower factors (k, size, size); the first is the prior."""

    shares: np.ndarray
    centres: np.ndarray
    factors: np.ndarray

    @classmethod
    def beside_prior(cls, shares: np.ndarray, centres: np.ndarray, covariances: np.ndarray) -> Mixture:
        """Components with relative shares beside the prior, N(0, 1) in every direction."""
        size = centres.shape[1]
        own = (1 - 2 * _PRIOR) * shares / shares.sum()
        return cls(
            np.concatenate([[2 * _PRIOR], own]),
            np.concatenate([np.zeros((1, size)), centres]),
            np.concatenate([np.eye(size)[None], factors_of(covariances)]),
        )

    @classmethod
    def of_points(cls, points: np.ndarray, count: int, rng: np.random.Generator) -> Mixture:
        """At most `count` components that cover equally weighted points (points, size)."""
        size = points.shape[1]
        whole = np.cov(points.T).reshape(size, size) + 1e-12 * np.eye(size)
        white = np.linalg.solve(factors_of(whole), points.T).T
        near = max(4 * size, 2 * len(points) // count)
        centres, covariances = [], []
        for i in rng.choice(len(points), count, replace=False):
            own = points[np.argsort(np.sum((white - white[i]) ** 2, axis=1))[:near]]
            centres.append(own.mean(axis=0))
            covariances.append(np.cov(own.T).reshape(size, size) + 1e-4 * whole)
        mixture = cls.beside_prior(np.ones(count), np.array(centres), np.array(covariances))
        for _ in range(15):
            mixture = mixture.fitted(points, np.full(len(points), 1 / len(points)))
        return mixture

    @classmethod
    def union(cls, mixtures: Sequence[Mixture], weights: Sequence[float]) -> Mixture:
        """All components of several mixtures, each mixture with its weight."""
        share = np.asarray(weights, dtype=float) / np.sum(weights)
        parts = [w * m.shares for w, m in zip(share, mixtures, strict=True)]
        return cls(
            np.concatenate([[sum(p[0] for p in parts)], *(p[1:] for p in parts)]),
            np.concatenate([mixtures[0].centres[:1], *(m.centres[1:] for m in mixtures)]),
            np.concatenate([mixtures[0].factors[:1], *(m.factors[1:] for m in mixtures)]),
        )

    @property
    def size(self) -> int:
        """How many components."""
        return len(self.shares)

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Points (count, size)."""
        which = rng.choice(self.size, count, p=self.shares)
        normal = rng.standard_normal((count, self.centres.shape[1]))
        stretch = np.sqrt(FREEDOM / rng.chisquare(FREEDOM, count))
        stretch[which == 0] = 1.0  # the prior has no tails
        out = np.empty_like(normal)
        for k in range(self.size):
            own = which == k
            out[own] = self.centres[k] + stretch[own, None] * (normal[own] @ self.factors[k].T)
        return out

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """(points,)."""
        return np.asarray(np.logaddexp.reduce(self._parts(points)[0], axis=0))

    def with_components(self, centres: np.ndarray, covariances: np.ndarray) -> Mixture:
        """The same with further components, each of an equal share of a third."""
        n = len(centres)
        return Mixture(
            np.concatenate([self.shares * 2 / 3, np.full(n, 1 / (3 * n))]),
            np.concatenate([self.centres, centres]),
            np.concatenate([self.factors, factors_of(covariances)]),
        )

    def fitted(self, points: np.ndarray, weights: np.ndarray) -> Mixture:
        """One step of expectation maximisation towards weighted points; the prior keeps its place."""
        used = weights > 1e-12
        points, weights = points[used], weights[used] / weights[used].sum()
        log_parts, distance = self._parts(points)
        belongs = weights * np.exp(log_parts - np.logaddexp.reduce(log_parts, axis=0))
        size = points.shape[1]
        near = (FREEDOM + size) / (FREEDOM + distance)
        shares, centres, factors = [max(belongs[0].sum(), _PRIOR)], [self.centres[0]], [self.factors[0]]
        for k in range(1, self.size):
            share = belongs[k].sum()
            if share < _SMALL:
                continue
            count = share**2 / float(belongs[k] @ belongs[k])
            pull = belongs[k] * near[k]
            # few points say little: they move a component by as much as they outnumber its dimensions
            trust = count / (count + size)
            centre = trust * (pull @ points) / pull.sum() + (1 - trust) * self.centres[k]
            away = points - centre
            own = (away * pull[:, None]).T @ away / share
            old = self.factors[k] @ self.factors[k].T
            trust = count / (count + 3 * size)
            factors.append(factors_of(trust * own + (1 - trust) * old))
            shares.append(share)
            centres.append(centre)
        total = np.array(shares)
        total[1:] *= (1 - total[0]) / total[1:].sum() if total[1:].sum() > 0 else 1.0
        return Mixture(total / total.sum(), np.array(centres), np.array(factors))

    def _parts(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """ln of share times density of each component, and squared distances (k, points)."""
        size = points.shape[1]
        inverse = np.linalg.inv(self.factors)
        distance = np.array(
            [np.sum(((points - c) @ L.T) ** 2, axis=1) for c, L in zip(self.centres, inverse, strict=True)]
        )
        volume = np.log(np.diagonal(self.factors, axis1=1, axis2=2)).sum(axis=1)
        norm = gammaln((FREEDOM + size) / 2) - gammaln(FREEDOM / 2) - 0.5 * size * np.log(FREEDOM * np.pi)
        log = norm - 0.5 * (FREEDOM + size) * np.log1p(distance / FREEDOM)
        log[0] = -0.5 * distance[0] - 0.5 * size * np.log(2 * np.pi)
        return log - volume[:, None] + np.log(np.maximum(self.shares, 1e-300))[:, None], distance
