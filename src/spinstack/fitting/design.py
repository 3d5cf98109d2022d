"""What to measure next: how much a candidate is expected to tell, of mechanisms or of parameters."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.fitting.comparison import Comparison, Outcome
from spinstack.fitting.data import Data
from spinstack.fitting.problem import Problem
from spinstack.fitting.samples import Sample
from spinstack.numerics.keeping import Block, blocks
from spinstack.numerics.progress import tell
from spinstack.stack import ParameterError
from spinstack.text import checks
from spinstack.text.errors import Problems
from spinstack.text.version import __version__

#: probability below which a mechanism is left out, and draws that each of the others has at least
NEGLIGIBLE, FEWEST = 1e-3, 100
#: draws that must be as near to each other as the noise reaches, for one to speak for what another gives
NEAREST = 10
#: what is kept of the draws of a mechanism
_KEPT = ("predicted", "noise")
#: what may be learnt
OF = {"mechanisms": "mechanisms", "parameters": "parameters"}


@dataclass(frozen=True, eq=False)
class Candidate:
    """A measurement that could be made.

    Args:
        name: what results call it.
        sample: name of a sample of the problem: the candidate is this one, or with `set` a new one that is made alike.
        observable: as of :class:`spinstack.fitting.Data`.
        errors: standard errors (outputs,) that the measurement would have; NaN for outputs that it would not tell.
        arguments: of the observable, by name.
        variables: of an observable that gives several, those that would be measured.
        set: path -> value in which a new sample differs.
        systematic: relative error that all of its values would have in common.
        cost: of making and measuring it, in any unit.
    """

    name: str
    sample: str
    observable: Callable[..., Any]
    errors: Any
    arguments: Mapping[str, Any] = field(default_factory=dict)
    variables: str | Sequence[str] | None = None
    set: Mapping[str, float] = field(default_factory=dict)
    systematic: float = 0.0
    cost: float = 1.0

    def __post_init__(self) -> None:
        problems = Problems()
        with problems:
            checks.words(self.name, "name", where="Candidate")
        with problems:
            checks.number(self.cost, "cost", low=0, open_low=True, where=str(self.name))
        with problems:
            checks.number(self.systematic, "systematic", low=0, where=str(self.name))
        problems.end()

    def data(self, sample: str) -> Data:
        """Data of that sample with its errors; the values do not matter."""
        errors = np.asarray(self.errors, dtype=float)
        values = np.where(np.isfinite(errors), 0.0, np.nan)
        return Data(
            sample, self.observable, values, errors, self.arguments, self.variables, 0.0, f"candidate {self.name}"
        )


class _Draws(NamedTuple):
    """Of one mechanism: probability, predictions (draws, measured) of every candidate, and their noise."""

    probability: float
    predicted: list[np.ndarray]
    noise: list[np.ndarray]


def next_measurement(
    comparison: Comparison, candidates: Sequence[Candidate], *, of: str = "mechanisms", draws: int = 1500, seed: int = 0
) -> xr.Dataset:
    """Expected information of candidate measurements [nat], the most for its cost first.

    Of "mechanisms": by how much the entropy of their probabilities is expected to fall. Of "parameters": by how much
    that of mechanism and parameters together. Both are mutual informations of what would be measured, by nested Monte
    Carlo over draws from the posterior in which no draw explains its own data (Ryan, J. Comput. Graph. Stat. 12 (2003)
    585). Parameters that a new sample has for itself, its thickness, are noise.

    Args:
        comparison: what :func:`compare_mechanisms` returned.
        candidates: what could be measured.
        of: "mechanisms" or "parameters".
        draws: from the posteriors of all mechanisms together.
        seed: of the draws.

    Returns:
        Dataset over `candidate`: gain [nat], gain_error (of the draws, and for parameters half of what the estimate
        falls where draws explain their own data), cost, gain_per_cost, sorted by the last.

    Raises:
        ParameterError: a comparison without probabilities or read from a file, candidates that do not fit its problem.
    """
    of = checks.choice(of, "of", OF)
    draws, seed = checks.whole(draws, "draws", low=200), checks.whole(seed, "seed", low=0)
    outcomes = getattr(comparison, "outcomes", None)
    if outcomes is None:
        why = "which has no posteriors: only what compare_mechanisms returned in this session has"
        raise ParameterError(why, field="comparison", got=type(comparison).__name__)
    _check(candidates)
    probability = comparison["probability"].values
    if not np.isfinite(probability).all():
        why = "of which no sampler was reliable for all that could matter"
        raise ParameterError(why, field="comparison", got="probabilities that are not known")
    if comparison.none_fits:
        warnings.warn("no mechanism describes the data: what tells them apart may tell nothing else", stacklevel=2)
    kept = [k for k, p in enumerate(probability) if p > NEGLIGIBLE]
    shares = probability[kept] / probability[kept].sum()
    steps = len(kept) + len(candidates)
    counts = [max(FEWEST, round(draws * p)) for p in shares]
    drawn = blocks(
        [partial(_kept_draws, outcomes[k], candidates, n, [seed, k]) for k, n in zip(kept, counts, strict=True)],
        said=lambda n: tell(n, steps, "what mechanisms predict"),
    )
    made = [
        _Draws(float(p), *([found[f"{what} {i}"] for i in range(len(candidates))] for what in _KEPT))
        for p, found in zip(shares, drawn, strict=True)
    ]
    gains = blocks(
        [partial(_kept_gain, made, i, of, [seed, i]) for i in range(len(candidates))],
        said=lambda n: tell(len(kept) + n, steps, "gains of candidates"),
    )
    gain, error = np.array([one["gain"] for one in gains]).T
    cost = np.array([one.cost for one in candidates], dtype=float)
    order = np.argsort(-gain / cost, kind="stable")
    return xr.Dataset(
        {
            "gain": ("candidate", gain[order], {"long_name": f"expected information on {of}", "units": "nat"}),
            "gain_error": ("candidate", error[order], {"long_name": "its error", "units": "nat"}),
            "cost": ("candidate", cost[order]),
            "gain_per_cost": ("candidate", (gain / cost)[order]),
        },
        {"candidate": [candidates[i].name for i in order]},
        {"of": of, "draws": sum(len(one.predicted[0]) for one in made), "spinstack_version": __version__},
    )


def _check(candidates: Sequence[Candidate]) -> None:
    problems = Problems()
    with problems:
        if not candidates or not all(isinstance(one, Candidate) for one in candidates):
            raise ParameterError(field="candidates", got=candidates, allowed="Candidates, at least one")
    problems.end()
    names = [one.name for one in candidates]
    for twice in sorted({n for n in names if names.count(n) > 1}):
        with problems:
            raise ParameterError("twice", field="candidates", got=twice, remedy="Give each a name of its own.")
    problems.end()


def _with_candidates(problem: Problem, candidates: Sequence[Candidate]) -> Problem:
    """The problem with the candidates as further samples and data."""
    by_name = {s.name: s for s in problem.samples}
    samples, data = list(problem.samples), list(problem.data)
    like: dict[str, list[str]] = {}
    problems = Problems()
    for one in candidates:
        with problems:
            checks.choice(one.sample, "sample", by_name, where=one.name)
            name = one.sample
            if one.set:
                old, name = by_name[one.sample], f"candidate {one.name}"
                samples.append(Sample(name, old.film.replace(dict(one.set)), old.groups))
                like.setdefault(one.sample, []).append(name)
            data.append(one.data(name))
    problems.end()

    def widened(names: Sequence[str]) -> tuple[str, ...]:
        return (*names, *(new for name in names for new in like.get(name, ())))

    unknowns = [replace(u, samples=widened(u.samples)) for u in problem.unknowns]
    ties = [replace(t, samples=widened(t.samples)) for t in problem.ties]
    columns = [*problem.columns, *(path for one in candidates for path in one.set)]
    return Problem(samples, unknowns, data, ties, list(dict.fromkeys(columns)))


def _kept_draws(outcome: Outcome, candidates: Sequence[Candidate], count: int, seed: Sequence[int]) -> Block:
    found = _draws(outcome, candidates, count, np.random.default_rng(seed))
    return {f"{what} {i}": value for what, of in zip(_KEPT, found, strict=True) for i, value in enumerate(of)}


def _kept_gain(made: Sequence[_Draws], candidate: int, of: str, seed: Sequence[int]) -> Block:
    return {"gain": np.array(_gain(made, candidate, of, np.random.default_rng(seed)))}


def _draws(
    outcome: Outcome, candidates: Sequence[Candidate], count: int, rng: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Predictions (draws, measured) of every candidate, and their noise."""
    whole = _with_candidates(outcome.problem, candidates)
    first = len(outcome.problem.data)
    U = outcome.target.coordinates(outcome.evidence.drawn(count, rng))[0]
    names = [c.name for c in whole.coordinates]
    at = [names.index(c.name) for c in outcome.problem.coordinates]
    new = np.setdiff1d(np.arange(len(names)), at)
    # one that is flat between its ends has the middle, and the deviation of a uniform distribution
    flat = np.setdiff1d(new, whole.penalised)
    low, high = whole.bounds
    every, deviation = np.zeros((count, len(names))), np.ones(len(names))
    every[:, flat], deviation[flat] = (low[flat] + high[flat]) / 2, (high[flat] - low[flat]) / np.sqrt(12)
    every[:, at] = U
    values = whole.computed(every)
    best = every[0].copy()
    best[at] = outcome.u
    rows = whole.predicted(best)[1]
    predicted, noise = [], []
    for i, one in enumerate(candidates):
        own = values[:, whole.rows[first + i]]
        usable = np.isfinite(own).all(axis=1)
        if not usable.any():
            why = "which no draw of the posterior has a film for"
            raise ParameterError(why, where=one.name, field="candidates", got=outcome.name)
        # a film that is not allowed for a draw counts as that of another
        own = own[np.where(usable, np.arange(count), np.flatnonzero(usable)[np.arange(count) % usable.sum()])]
        J = rows[first + i][:, new] * deviation[new]
        C = whole.data[first + i].covariance + J @ J.T
        predicted.append(own)
        noise.append(C + np.outer(m := one.systematic * own.mean(axis=0), m))
    return predicted, noise


def _gain(made: Sequence[_Draws], candidate: int, of: str, rng: np.random.Generator) -> tuple[float, float]:
    """Expected information and its error."""
    told, lower, weights = [], [], []
    for k, one in enumerate(made):
        F, C = one.predicted[candidate], one.noise[candidate]
        y = F + rng.standard_normal(F.shape) @ np.linalg.cholesky(C).T
        squares = [_squares(y, other.predicted[candidate], other.noise[candidate]) for other in made]
        wide = _widened(F, C)
        without, with_own = [], []
        for j, other in enumerate(made):
            log = _log_density(squares[j], other.noise[candidate], wide)
            if j == k:
                own = np.diag(_log_density(squares[j], other.noise[candidate]))
                with_own.append(np.log(other.probability) + _log_mean(log))
                np.fill_diagonal(log, -np.inf)
                scale = log.shape[1] / (log.shape[1] - 1)
                apart = np.log(scale) + _log_mean(log)
                without.append(np.log(other.probability) + apart)
            else:
                without.append(np.log(other.probability) + _log_mean(log))
                with_own.append(without[-1])
        whole = np.logaddexp.reduce(without, axis=0)
        known = apart if of == "mechanisms" else own
        told.append(known - whole)
        lower.append(known - np.logaddexp.reduce(with_own, axis=0) if of == "parameters" else told[-1])
        weights.append(np.full(len(y), one.probability / len(y)))
    gain, w = np.concatenate(told), np.concatenate(weights)
    # data that no draw explains: as far out as the draws can tell
    gain = np.minimum(gain, np.log(len(gain)) if of == "parameters" else -np.log(min(m.probability for m in made)))
    mean = float(w @ gain)
    noise = float(np.sqrt(np.sum(w**2 * (gain - mean) ** 2)))
    return max(mean, 0.0), float(np.hypot(noise, 0.5 * (mean - float(w @ np.concatenate(lower)))))


def _squares(y: np.ndarray, F: np.ndarray, C: np.ndarray) -> np.ndarray:
    """Squared distances (points, draws) of y (points, rows) from F (draws, rows), in deviations of C."""
    L = np.linalg.inv(np.linalg.cholesky(C))
    a, b = y @ L.T, F @ L.T
    return np.maximum(np.sum(a**2, axis=1)[:, None] + np.sum(b**2, axis=1)[None] - 2 * a @ b.T, 0.0)


def _widened(F: np.ndarray, C: np.ndarray) -> np.ndarray:
    """Factors (draws,) of the noise at which others of the draws F (draws, rows) are near to each: 1 where they are.

    Where a candidate is far sharper than what the draws predict, none would explain what another gives.
    """
    squares = _squares(F, F, C) + np.diag(np.full(len(F), np.inf))
    return np.sqrt(np.maximum(np.partition(squares, NEAREST - 1, axis=1)[:, NEAREST - 1] / F.shape[1], 1.0))


def _log_density(squares: np.ndarray, C: np.ndarray, wide: np.ndarray | float = 1.0) -> np.ndarray:
    """ln of the normal density (points, draws) with noise C, `wide` times as wide."""
    rows = len(C)
    size = 0.5 * np.linalg.slogdet(C)[1] + 0.5 * rows * np.log(2 * np.pi) + rows * np.log(wide)
    return np.asarray(-0.5 * squares / np.square(wide)[..., None] - np.asarray(size)[..., None])


def _log_mean(log: np.ndarray) -> np.ndarray:
    """ln of the mean over the second axis."""
    top = log.max(axis=1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(top[:, 0] + np.log(np.mean(np.exp(log - top), axis=1)))
