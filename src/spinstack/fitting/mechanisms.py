"""Which of several mechanisms made the data: evidence, goodness of fit, and what excludes the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from scipy.stats import chi2

from spinstack.fitting.batch import ends
from spinstack.fitting.comparison import Comparison, Outcome, told
from spinstack.fitting.evidence import Evidence, importance, laplace
from spinstack.fitting.nested import nested
from spinstack.fitting.problem import Problem
from spinstack.fitting.samples import Sample, Unknown
from spinstack.fitting.standard import Standard
from spinstack.fitting.ties import Tie, number_at
from spinstack.numerics.progress import tell
from spinstack.stack import ParameterError
from spinstack.text import checks
from spinstack.text.errors import Problems

#: ln Z below the best from which a mechanism is out whatever its error
HOPELESS = 8.0
#: modes that a sampler starts from, and rise of chi-square above the best from which an end is none
_MODES, _RISE = 8, 30.0
#: steps of the least squares that find them; what they leave is a small part of a deviation
_STEPS = 40
#: draws of the prior that tell what a mechanism can do
_PRIOR_DRAWS = 400


@dataclass(frozen=True)
class Mechanism:
    """What a mechanism adds to the unknowns that all have in common.

    Args:
        name: what results call it.
        unknowns: parameters that are free in it.
        ties: parameters that follow from others in it.
        fixed: path -> value of parameters that it holds at something else than 0; what other mechanisms free is 0 in
            it, what none frees has the value of the films.
    """

    name: str
    unknowns: Sequence[Unknown] = ()
    ties: Sequence[Tie] = ()
    fixed: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = Problems()
        with problems:
            checks.words(self.name, "name", where="Mechanism")
        for what, kind in (("unknowns", Unknown), ("ties", Tie)):
            given = getattr(self, what)
            with problems:
                if not isinstance(given, Sequence) or not all(isinstance(one, kind) for one in given):
                    raise ParameterError(where=str(self.name), field=what, got=given, allowed=f"{kind.__name__}s")
                object.__setattr__(self, what, tuple(given))
        with problems:
            if not isinstance(self.fixed, Mapping):
                raise ParameterError(where=str(self.name), field="fixed", got=self.fixed, allowed="path -> number")
            held = {
                str(path): checks.number(value, str(path), where=str(self.name)) for path, value in self.fixed.items()
            }
            object.__setattr__(self, "fixed", MappingProxyType(held))
        problems.end()

    @property
    def paths(self) -> tuple[str, ...]:
        """Parameters of films that are free or tied in it."""
        return tuple(dict.fromkeys([*(u.path for u in self.unknowns if not u.free), *(t.path for t in self.ties)]))

    def governs(self, path: str, sample: Sample) -> bool:
        """Whether it says what that parameter is in a sample."""
        return any(u.path == path and (not u.samples or sample.name in u.samples) for u in self.unknowns) or any(
            t.path == path and t.holds(sample.name, sample.film) for t in self.ties
        )


def problems_of(problem: Problem, mechanisms: Sequence[Mechanism]) -> tuple[list[Problem], list[dict[str, float]]]:
    """The problem of each mechanism, and the values that it holds, by path; all share their compiled programs.

    Raises:
        ParameterError: no mechanisms, names twice, a path that is unknown or tied in the problem already, an effect
            that cannot be 0, all else that does not fit together.
    """
    problems = Problems()
    names = [m.name for m in mechanisms]
    with problems:
        if not names:
            raise ParameterError("got none", field="mechanisms", allowed="at least one")
    for twice in sorted({n for n in names if names.count(n) > 1}):
        with problems:
            raise ParameterError("twice", field="mechanisms", got=twice, remedy="Give each a name of its own.")
    common = {u.path for u in problem.unknowns} | {t.path for t in problem.ties}
    for m in mechanisms:
        for path in dict.fromkeys([*m.paths, *m.fixed]):
            with problems:
                if path in common:
                    why = "which is unknown, or tied, in the problem already"
                    raise ParameterError(why, where=m.name, field="path", got=path, remedy="Leave it out of one.")
                if path in m.paths and path in m.fixed:
                    why = "which is free or tied in it"
                    raise ParameterError(why, where=m.name, field="fixed", got=path, remedy="Leave it out of one.")
    problems.end()
    freed = tuple(dict.fromkeys(path for m in mechanisms for path in m.paths))
    columns = tuple(dict.fromkeys([*problem.columns, *freed, *(path for m in mechanisms for path in m.fixed)]))
    made, holds = [], []
    for m in mechanisms:
        with problems:
            samples, held = _held(problem, m, freed)
            unknowns, ties = [*problem.unknowns, *m.unknowns], [*problem.ties, *m.ties]
            made.append(Problem(samples, unknowns, problem.data, ties, columns))
            holds.append(held)
    problems.end()
    return made, holds


def _held(problem: Problem, mechanism: Mechanism, freed: Sequence[str]) -> tuple[list[Sample], dict[str, float]]:
    """The samples without the effects of other mechanisms, and what was held."""
    held: dict[str, float] = {}
    samples = []
    for sample in problem.samples:
        film = sample.film
        for path in dict.fromkeys([*freed, *mechanism.fixed]):
            if path not in film or mechanism.governs(path, sample):
                continue
            value = mechanism.fixed.get(path, 0.0)
            held[path if path not in mechanism.paths else f"{path} of {sample.name}"] = value
            if number_at(film, path) != value:
                try:
                    film = film.replace({path: value})
                except ParameterError as error:
                    why = "which another mechanism frees, and which cannot be 0"
                    remedy = f"Give it a value: fixed={{'{path}': ...}}. {error}"
                    raise ParameterError(why, where=mechanism.name, field="fixed", got=path, remedy=remedy) from None
        samples.append(Sample(sample.name, film, sample.groups))
    if missing := [path for path in mechanism.fixed if path not in held]:
        why = "which no sample has"
        raise ParameterError(why, where=mechanism.name, field="fixed", got=missing[0])
    return samples, held


def compare_mechanisms(
    problem: Problem, mechanisms: Sequence[Mechanism], *, starts: int = 24, seed: int = 0, fallback: bool = True
) -> Comparison:
    """Evidence and goodness of fit of mechanisms, all as likely as each other beforehand.

    Args:
        problem: samples, data, and the unknowns that all mechanisms have in common.
        mechanisms: each of which is a problem of its own; see :class:`Mechanism` and
            :func:`spinstack.fitting.ready_mechanisms`.
        starts: of the least squares that find the modes of each.
        seed: of all draws.
        fallback: whether nested sampling is asked where importance sampling is not reliable.

    Returns:
        Dataset over `mechanism`: probability, log_evidence, log_evidence_error, effective_samples, method, chi2,
        goodness (probability of a larger chi2), degrees_of_freedom, fits, why; over `mechanism` and `point`: best (the
        value of the best fit), out (by how many deviations the point is out of what all others tell the mechanism to
        predict), sign (-1, 0, 1 of the best value, 0 within its error), prior_low, prior_middle, prior_high (16, 50 and
        84 % of what its prior predicts); over `point` measured, error, of. Attributes: none_fits, words.
        Evidence that no sampler can be relied on for is NaN; probabilities are NaN where it could matter.

    Raises:
        ParameterError: what :func:`problems_of` and the problems themselves refuse, arguments.
    """
    starts, seed = checks.whole(starts, "starts", low=2), checks.whole(seed, "seed", low=0)
    fallback = checks.switch(fallback, "fallback")
    made, holds = problems_of(problem, mechanisms)
    targets = [Standard(one) for one in made]
    modes: list[np.ndarray] = []
    for k, (target, mechanism) in enumerate(zip(targets, mechanisms, strict=True)):
        tell(k, 2 * len(made))
        modes.append(_modes(target, mechanism.name, np.random.default_rng([seed, k]), starts))
    rough = np.array([laplace(target, at) for target, at in zip(targets, modes, strict=True)])
    outcomes: list[Outcome] = []
    for k, (target, mechanism, held) in enumerate(zip(targets, mechanisms, holds, strict=True)):
        tell(len(made) + k, 2 * len(made))
        rng = np.random.default_rng([seed, k, 1])
        evidence = importance(target, modes[k], rng, thorough=bool(rough[k] > rough.max() - 3 * HOPELESS))
        outcomes.append(_outcome(target, mechanism.name, held, modes[k], evidence, rng))
    if fallback:
        best = max((o.evidence.log for o in outcomes if o.evidence.method != "refused"), default=-np.inf)
        for k, outcome in enumerate(outcomes):
            # a rough ln Z is enough for what is out by far
            doubtful = outcome.evidence.method == "refused" and np.isfinite(outcome.evidence.log)
            if doubtful and outcome.evidence.log > best - HOPELESS:
                outcomes[k] = outcome._replace(evidence=_nested(targets[k], outcome.evidence, [seed, k, 2]))
    return told(problem, tuple(mechanisms), outcomes)


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
