"""Which of several mechanisms made the data: evidence, goodness of fit, and what excludes the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy.stats import chi2

from spinstack.fitting.batch import ends
from spinstack.fitting.comparison import (
    HOPELESS,
    Comparison,
    Outcome,
    evidence_of,
    kept_evidence,
    kept_outcome,
    outcome_of,
    told,
)
from spinstack.fitting.evidence import Evidence, importance, laplace
from spinstack.fitting.masks import Mechanism, problems_of
from spinstack.fitting.nested import nested
from spinstack.fitting.problem import Problem
from spinstack.fitting.standard import Standard
from spinstack.numerics.keeping import Block, blocks
from spinstack.numerics.progress import tell
from spinstack.numerics.workers import chosen_client
from spinstack.stack import ParameterError
from spinstack.text import checks

#: modes that a sampler starts from, and rise of chi-square above the best from which an end is none
_MODES, _RISE = 8, 30.0
#: steps of the least squares that find them; what they leave is a small part of a deviation
_STEPS = 40
#: draws of the prior that tell what a mechanism can do
_PRIOR_DRAWS = 400


def compare_mechanisms(
    problem: Problem,
    mechanisms: Sequence[Mechanism],
    *,
    starts: int = 16,
    seed: int = 0,
    fallback: bool = True,
    client: Any = None,
) -> Comparison:
    """Evidence and goodness of fit of mechanisms, all as likely as each other beforehand.

    Args:
        problem: samples, data, and the unknowns that all mechanisms have in common.
        mechanisms: each of which is a problem of its own; see :class:`Mechanism` and
            :func:`spinstack.fitting.ready_mechanisms`.
        starts: of the least squares that find the modes of each.
        seed: of all draws.
        fallback: whether nested sampling is asked where importance sampling is not reliable.
        client: a ``distributed.Client`` or a ``concurrent.futures.Executor`` whose workers take a mechanism each.

    Returns:
        Dataset over `mechanism`: probability, log_evidence, log_evidence_error, effective_samples, method, chi2,
        goodness (probability of a larger chi2), degrees_of_freedom, fits, why; over `mechanism` and `point`: best (the
        value of the best fit), out (by how many deviations the point is out of what all others tell the mechanism to
        predict), sign (-1 or 1 where its prior predicts that sign in 95 % of what is beyond the error, else 0),
        prior_low, prior_middle, prior_high (16, 50 and 84 % of what its prior predicts); over `point` measured, error,
        of. Attributes: none_fits, words.
        Evidence that no sampler can be relied on for is NaN; probabilities are NaN where it could matter.

    Raises:
        ParameterError: what :func:`problems_of` and the problems themselves refuse, arguments.
    """
    starts, seed = checks.whole(starts, "starts", low=2), checks.whole(seed, "seed", low=0)
    fallback = checks.switch(fallback, "fallback")
    made, holds = problems_of(problem, mechanisms)
    targets = [Standard(one) for one in made]
    names = [m.name for m in mechanisms]
    client = chosen_client(client)

    def said(what: str, of: Sequence[int], done: int, n: int) -> None:
        which = f" of {names[of[n]]}" if client is None and n < len(of) else ""
        tell(done + n, 2 * len(made), what + which)

    every = range(len(made))
    searches = [partial(_kept_modes, targets[k], names[k], [seed, k], starts) for k in every]
    found = blocks(searches, client=client, said=partial(said, "modes", every, 0))
    modes, rough = [one["modes"] for one in found], np.array([float(one["rough"]) for one in found])
    order = np.argsort(-rough).tolist()
    thorough = (rough > rough.max() - 3 * HOPELESS).tolist()
    known: dict[int, Outcome] = {}
    for some in (order[:1], order[1:]):  # what is out by far is known where the best comes first
        matters = max((one.evidence.log for one in known.values()), default=-np.inf) - 2 * HOPELESS
        samplers = [
            partial(_kept, targets[k], names[k], holds[k], modes[k], [seed, k, 1], thorough[k], matters) for k in some
        ]
        parts = blocks(samplers, client=client, said=partial(said, "evidence", some, len(made) + len(known)))
        known |= {k: outcome_of(part, names[k], targets[k], holds[k]) for k, part in zip(some, parts, strict=True)}
    outcomes = [known[k] for k in every]
    if fallback:
        best = max((o.evidence.log for o in outcomes if o.evidence.method != "refused"), default=-np.inf)
        # a rough ln Z is enough for what is out by far
        doubtful = [
            k
            for k, o in enumerate(outcomes)
            if o.evidence.method == "refused" and np.isfinite(o.evidence.log) and o.evidence.log > best - HOPELESS
        ]
        again = [partial(_kept_nested, targets[k], outcomes[k].evidence, [seed, k, 2]) for k in doubtful]
        parts = blocks(
            again, client=client, said=partial(said, "nested sampling", doubtful, 2 * len(made) - len(again))
        )
        for k, part in zip(doubtful, parts, strict=True):
            outcomes[k] = outcomes[k]._replace(evidence=evidence_of(part))
    return told(problem, tuple(mechanisms), outcomes)


def _kept_modes(target: Standard, name: str, seed: Sequence[int], starts: int) -> Block:
    modes = _modes(target, name, np.random.default_rng(seed), starts)
    return {"modes": modes, "rough": np.asarray(laplace(target, modes))}


def _kept(
    target: Standard, name: str, held: Mapping[str, float], modes: np.ndarray, seed: Sequence[int], thorough: bool,
    matters: float,
) -> Block:  # fmt: skip
    rng = np.random.default_rng(seed)
    evidence = importance(target, modes, rng, thorough=thorough, matters=matters)
    return kept_outcome(_outcome(target, name, held, modes, evidence, rng))


def _kept_nested(target: Standard, rough: Evidence, seed: Sequence[int]) -> Block:
    return kept_evidence(_nested(target, rough, seed))


def _nested(target: Standard, rough: Evidence, seed: Sequence[int]) -> Evidence:
    """Nested sampling, and importance sampling from what it has found."""
    rng = np.random.default_rng(seed)
    found = nested(target, rng)
    if not np.isfinite(found.log):
        return rough
    better = importance(target, drawn := found.drawn(2000, rng), rng, walked=drawn)
    agree = abs(better.log - found.log) < 3 * np.hypot(better.error, found.error)
    return better if better.method != "refused" and agree else found


def _modes(target: Standard, name: str, rng: np.random.Generator, starts: int) -> np.ndarray:
    """Where likelihood times prior has its maxima, the highest first (modes, size)."""
    half = rng.standard_normal((starts // 2, target.size))
    # in pairs: an effect that enters squared has a mode of either sign
    at = np.concatenate([np.zeros((1, target.size)), half, -half])
    found = ends(target.batch, at, *target.bounds, most=_STEPS, small=1e-3)
    if not np.isfinite(found.square).any():
        why = "no start ended at finite numbers: do the priors allow films that nobody grows?"
        raise ParameterError(why, where=name, field="mechanisms")
    return _apart(target, found.u, found.square)


def _outcome(
    target: Standard, name: str, held: Mapping[str, float], modes: np.ndarray, evidence: Evidence,
    rng: np.random.Generator,
) -> Outcome:  # fmt: skip
    problem = target.problem
    low, high = problem.bounds
    best = ends(problem.batch, np.clip(target.coordinates(modes)[0], low, high), low, high, small=1e-8)
    k = int(np.argmin(best.square))
    square, u = float(best.square[k]), best.u[k]
    freedom = problem.points + len(problem.penalised) - problem.size
    goodness = float(chi2.sf(square, freedom)) if freedom > 0 else float("nan")
    draws = target.coordinates(rng.standard_normal((_PRIOR_DRAWS, target.size)))[0]
    return Outcome(name, problem, target, dict(held), evidence, u, square, freedom, goodness, problem.computed(draws))


def _apart(target: Standard, at: np.ndarray, square: np.ndarray) -> np.ndarray:
    """Ends that are modes of their own, the best first."""
    order = [int(i) for i in np.argsort(square) if square[i] < np.min(square) + _RISE]
    precision = target.curvature(at[order])
    chosen: list[int] = []
    for n, i in enumerate(order):
        away = at[order][chosen] - at[i]
        near = np.einsum("ki,kij,kj->k", away, precision[chosen], away) < 0.5 * target.size
        if len(chosen) < _MODES and not near.any():
            chosen.append(n)
    return at[order][chosen]
