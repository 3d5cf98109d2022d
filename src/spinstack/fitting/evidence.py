"""Evidence of a model by adaptive importance sampling from all its modes; by nested sampling where that fails.

Derivation, checks and what is refused: docs/methods/mechanisms.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from spinstack.fitting.mixture import Mixture
from spinstack.fitting.walk import Walk, log_prior

#: effective draws that are aimed at, and below which nothing is believed
ENOUGH, LEAST = 400.0, 100.0
#: rounds from the modes, and again from walks; how many of their mixtures the result is drawn from, and at most how
#: many times the draws of a round; walkers and their steps
ROUNDS, UNITED, MOST, WALKERS, WALK = 5, 4, 4, 100, 32
#: beginnings, the first at the modes, the others at walks: each costs a tenth of nested sampling
BEGINNINGS = 8
#: part of the walks that may end where the weight is larger than that of any draw
MISSED = 0.05
#: shape of the tail of the largest weights (Vehtari et al., J. Mach. Learn. Res. 25 (2024) 1) above which they mislead
HEAVY = 0.75
#: excess, in parts of the largest weight, whose inverse is still a number
_LIGHTEST = 1e-290
#: heaviest draws that a mixture is fitted to
_FITTED = 2500
#: components that a mixture may grow to
COMPONENTS = 24


class Target(Protocol):
    """A model in coordinates V (points, size) whose prior is a normal distribution of deviation 1 in each."""

    size: int

    def log_likelihood(self, V: np.ndarray) -> np.ndarray:
        """(points,); minus infinity where there is no such model."""
        ...

    def curvature(self, V: np.ndarray) -> np.ndarray:
        """Gauss-Newton matrices (points, size, size) of minus the logarithm of likelihood times prior."""
        ...


@dataclass(frozen=True)
class Evidence:
    """ln Z with its error, and draws from the posterior.

    Attributes:
        log: natural logarithm of the evidence; NaN where no sampler is reliable.
        error: its standard error.
        effective: how many independent draws the weights are worth.
        tail: shape of the tail of the weights; below 0.7 where they can be believed.
        method: "importance sampling", "nested sampling" or "refused".
        why: of a refusal, in words.
        points: draws (draws, size), and their normalised weights (draws,).
    """

    log: float
    error: float
    effective: float
    tail: float
    method: str
    why: str
    points: np.ndarray
    weights: np.ndarray

    def drawn(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Points of the posterior, drawn by their weights."""
        # one stratified draw: the noise of picking stays below that of the weights
        steps = (rng.random() + np.arange(count)) / count
        index = np.minimum(np.searchsorted(np.cumsum(self.weights), steps), len(self.weights) - 1)
        return np.asarray(self.points[rng.permutation(index)])


class Weighted(NamedTuple):
    """What weights of draws say: ln of their mean, its error, effective number, shape of the tail, normalised."""

    log: float
    error: float
    effective: float
    tail: float
    weights: np.ndarray


def weighed(log_weights: np.ndarray) -> Weighted:
    """The mean of weights given by their logarithms."""
    top = float(np.max(log_weights, initial=-np.inf))
    n = len(log_weights)
    if not np.isfinite(top):
        return Weighted(-np.inf, np.inf, 0.0, np.inf, np.full(n, 1 / max(n, 1)))
    w = np.exp(log_weights - top)
    total = float(w.sum())
    effective = total**2 / float(w @ w)
    error = float(np.sqrt(max(1 / effective - 1 / n, 0.0)))
    return Weighted(top + np.log(total / n), error, effective, tail_shape(log_weights), w / total)


def tail_shape(log_weights: np.ndarray) -> float:
    """Shape k of the generalised Pareto distribution of the largest weights (Zhang and Stephens, Technometrics 51
    (2009) 316): their mean has a variance for k < 0.5, and converges in practice for k < 0.7."""
    n = len(log_weights)
    count = int(min(0.2 * n, 3 * np.sqrt(n)))
    if count < 10:
        return np.inf
    part = np.partition(log_weights, n - count - 1)[n - count - 1 :]
    part.sort()
    excess = np.exp(part[1:] - part[-1]) - np.exp(part[0] - part[-1])
    if excess[-1] <= _LIGHTEST:
        return -np.inf
    x = excess[excess > _LIGHTEST]
    m = len(x)
    grid = 30 + int(np.sqrt(m))
    b = 1 / x[-1] + (1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (3 * x[max(int(m / 4 + 0.5) - 1, 0)])
    k = np.log1p(-b[:, None] * x).mean(axis=1)
    # b = 0 is the exponential distribution, which the grid meets by chance only
    likelihood = m * (np.log(np.where(k == 0, 1.0, -b / np.where(k == 0, 1.0, k))) - k - 1)
    share = 1 / np.exp(np.minimum(likelihood[None] - likelihood[:, None], 700)).sum(axis=1)
    found = np.log1p(-float(b @ share) * x).mean()
    return float((found * m + 5) / (m + 10))


def importance(
    target: Target, modes: np.ndarray, rng: np.random.Generator, *, walked: np.ndarray | None = None,
    thorough: bool = True, matters: float = -np.inf,
) -> Evidence:  # fmt: skip
    """Evidence by importance sampling from a mixture of t distributions that is fitted to its own draws.

    The mixture begins at the modes (modes, size) with the curvature there, beside the prior. After every round it gets
    components where draws weigh most against it, and is fitted to all draws by their weights (Cappe et al., Stat.
    Comput. 18 (2008) 447; Raftery and Bao, Biometrics 66 (2010) 1162). The result is that of draws which no mixture was
    fitted to, from the best of all rounds together.

    Then walks go through the posterior from those draws. Where they come to places that weigh more than any draw did,
    or the weights are not to be believed, a mixture is fitted to the walks and all begins again, seven times at most;
    it begins there where points that `walked` so are given, which come before modes. Where it need not be `thorough`
    two rounds are enough; one beginning, where ln Z comes out below what `matters`.
    """
    each = 600 + 60 * target.size
    mixture = Mixture.of_points(walked, COMPONENTS, rng) if walked is not None else _at_modes(target, modes)
    history = _History(target)
    for _ in range(BEGINNINGS):
        for _ in range(ROUNDS if thorough else 2):
            own = history.round(mixture, each, rng)
            if own.effective >= ENOUGH / 2 and own.tail < HEAVY:
                break
            if not np.isfinite(history.found.log):
                why = "the data exclude every point that was drawn"
                return Evidence(-np.inf, np.inf, 0.0, np.inf, "refused", why, history.points[:0], np.zeros(0))
            mixture = _better(target, mixture, history)
        # what one round missed another may have met
        union, share = history.union()
        count = int(np.clip(1.2 * ENOUGH / share, each, (MOST if thorough else 1) * each))
        points = union.draw(count, rng)
        log_weights = target.log_likelihood(points) + log_prior(points) - union.log_density(points)
        found = weighed(log_weights)
        why = _doubts(found)
        if not thorough:
            break
        seen, heights = _walks(target, points[rng.choice(count, WALKERS, p=found.weights)], rng)
        beyond = heights - union.log_density(seen[-WALKERS:]) > log_weights.max()
        if not why and beyond.mean() > MISSED:
            why = f"{100 * beyond.mean():.0f} % of walks leave what its draws have met"
        if not why or found.log < matters:
            break
        mixture = Mixture.of_points(seen, COMPONENTS, rng)
    keep = found.weights > 0
    return Evidence(
        found.log, found.error, found.effective, found.tail, "refused" if why else "importance sampling", why,
        points[keep], found.weights[keep],
    )  # fmt: skip


class _History:
    """All draws of the rounds so far, weighed against the mixture of all of them (Cornuet et al., Scand. J. Stat. 39
    (2012) 798): good for a fit, but not for a result, as each mixture was fitted to the draws before it."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.points, self.heights, self._proposed = np.zeros((0, target.size)), np.zeros(0), np.zeros(0)
        self._rounds: list[Mixture] = []
        self._shares: list[float] = []

    def round(self, mixture: Mixture, count: int, rng: np.random.Generator) -> Weighted:
        """Draw, and say what the new draws alone tell."""
        drawn = mixture.draw(count, rng)
        own = mixture.log_density(drawn)
        before = [m.log_density(drawn) for m in self._rounds]
        earlier = np.logaddexp(self._proposed, mixture.log_density(self.points)) if before else self._proposed
        self._proposed = np.concatenate([earlier, np.logaddexp.reduce([*before, own], axis=0)])
        height = self._target.log_likelihood(drawn) + log_prior(drawn)
        self.points, self.heights = np.concatenate([self.points, drawn]), np.concatenate([self.heights, height])
        self._rounds.append(mixture)
        self.found = weighed(self.heights - (self._proposed - np.log(len(self._rounds))))
        alone = weighed(height - own)
        self._shares.append(alone.effective / count)
        return alone

    def union(self) -> tuple[Mixture, float]:
        """The mixtures of the best rounds together, and what part of its draws is effective, as far as is known."""
        best = np.argsort(self._shares)[-UNITED:]
        shares = np.array(self._shares)[best]
        useful = max(shares.max(), 0.5 * self.found.effective / len(self.points))
        return Mixture.union([self._rounds[i] for i in best], np.maximum(shares, 1e-9).tolist()), float(useful)

    def picked(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Indices of draws by their weights."""
        return rng.choice(len(self.points), count, p=self.found.weights)


def _walks(target: Target, at: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points of walks through the posterior from the points (walkers, size), the ends last; heights of the ends."""
    walk = Walk(target, rng)
    heights = target.log_likelihood(at)
    seen = []
    for k in range(WALK):
        at, heights, _ = walk.step(at, heights, at, k)
        if k >= WALK // 3 and k % 4 == 3:
            seen.append(at)
    return np.concatenate([*seen, at]), heights + log_prior(at)


def _doubts(found: Weighted) -> str:
    """Why weights are not to be believed; nothing where they are."""
    if found.effective < LEAST:
        return f"its draws are worth {found.effective:.0f} independent ones"
    if found.tail >= HEAVY:
        return f"a few of its draws carry the sum (tail of shape {found.tail:.2f})"
    return ""


def laplace(target: Target, modes: np.ndarray) -> float:
    """Estimate of ln Z from the heights and curvatures at the modes (modes, size)."""
    height = target.log_likelihood(modes) + log_prior(modes)
    volume = 0.5 * (modes.shape[1] * np.log(2 * np.pi) - np.linalg.slogdet(target.curvature(modes))[1])
    return float(np.logaddexp.reduce(height + volume))


def _at_modes(target: Target, modes: np.ndarray) -> Mixture:
    """A mixture at the modes by their heights and widths, with the prior beside them."""
    height = target.log_likelihood(modes) + log_prior(modes)
    covariances = np.linalg.inv(target.curvature(modes))
    volume = 0.5 * np.linalg.slogdet(covariances)[1]
    share = np.exp(np.maximum(height + volume - np.max(height + volume), np.log(0.02)))
    return Mixture.beside_prior(share, modes, 1.2 * covariances)


def _better(target: Target, mixture: Mixture, history: _History) -> Mixture:
    """The mixture with components where draws weigh most against it, fitted to all draws."""
    points, weights = history.points, history.found.weights
    ratio = history.heights - mixture.log_density(points)
    ratio[weights <= 0] = -np.inf
    order = np.argsort(ratio)[::-1][:200]
    chosen: list[int] = []
    while order.size and len(chosen) < 4 and mixture.size + len(chosen) < COMPONENTS:
        chosen.append(int(order[0]))
        precision = target.curvature(points[order[:1]])[0]
        away = points[order] - points[order[0]]
        order = order[np.einsum("ni,ij,nj->n", away, precision, away) > points.shape[1]]
    if chosen:
        covariances = np.linalg.inv(target.curvature(points[chosen]))
        mixture = mixture.with_components(points[chosen], covariances)
    heavy = np.argsort(weights)[-_FITTED:]
    for _ in range(4):
        mixture = mixture.fitted(points[heavy], weights[heavy])
    return mixture
