"""Least squares of a problem from many starts, and what the best of them says."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.fitting.batch import Ends, ends
from spinstack.fitting.marginal import Objective, objective
from spinstack.fitting.outcome import outcome
from spinstack.fitting.priors import NEAR
from spinstack.fitting.problem import Problem
from spinstack.fitting.robust import robust_objective
from spinstack.numerics.keeping import Block, blocks
from spinstack.numerics.progress import tell
from spinstack.numerics.workers import chosen_client, threads
from spinstack.stack import ParameterError
from spinstack.text import checks

#: draws of a start of which none may be allowed by the ties before it counts as failed
TRIES = 100
#: draws of which the best becomes a start
SCREENED = 4
#: starts that go together, and are kept together where a later run may go on; of one task of a worker
BLOCK, TOGETHER = 64, (8, 16, 32)


class Found(NamedTuple):
    """Where one start ended: coordinates, sum of squared residuals, whether it converged."""

    u: np.ndarray
    square: float
    converged: bool


class _Cached:
    """Residuals and derivatives, computed together and asked for one after the other."""

    def __init__(self, objective: Objective) -> None:
        self._objective, self._at = objective, np.zeros(0)

    def _compute(self, u: np.ndarray) -> None:
        if not np.array_equal(u, self._at):
            self._at = u.copy()
            R, J = self._objective(u[None])
            self._found = R[0], J[0]

    def residual(self, u: np.ndarray) -> np.ndarray:
        self._compute(u)
        return self._found[0]

    def jacobian(self, u: np.ndarray) -> np.ndarray:
        self._compute(u)
        return self._found[1]


def fit_film(
    problem: Problem, *, starts: int = 20, seed: int = 0, robust: bool = False, client: Any = None
) -> xr.Dataset:
    """The unknowns of a problem by least squares, from several starts drawn from their priors.

    All starts go together by bounded Levenberg-Marquardt steps with exact derivatives in the coordinates of the priors;
    the best end, refined by a bounded trust region (scipy, Branch et al., SIAM J. Sci. Comput. 21 (1999) 1), counts,
    and `agreeing` tells how many others came to it. Errors are those of
    the linear model there, from the errors of the data and the priors: they are not widened where the fit is bad, which
    `p_value`, the probability of a larger chi-square by chance, tells instead. A normal prior counts as one datum.

    Where a parameter scatters between samples their deviations are integrated out (:mod:`spinstack.fitting.marginal`),
    and values are the middle of what that leaves, not its highest place, which is `coordinate`. Where the two are more
    than one error apart, with or without scatter, the distribution is no normal one: `skewed` names the parameters, of
    which a profile or a posterior says more than value and error.

    Ties may give a parameter a value that it may not have. Starts are drawn again where they do, and steps that lead
    there are refused as if chi-square were infinite, so that a fit that is drawn beyond ends close to the limit.

    Args:
        problem: samples, unknowns and data.
        starts: how many; the first starts from the middle of the priors.
        seed: of the draws.
        robust: readings far off count by their distance, not by its square (pseudo-Huber, from 1.5 errors on), and
            errors are of what is left; `p_value` is still that of all squares.
        client: a ``distributed.Client`` or a ``concurrent.futures.Executor`` whose workers follow the starts.

    Returns:
        Dataset over `parameter`: value, error, prior_middle, path, unit, at_bound, told (by how much the data narrow
        the prior, 0 to 1; 1 without one); covariance over two parameters; over `point` measured, fitted, error,
        residual (whitened) and of, the name of its data; over `data` chi_square, count, influence (by how many of its
        errors each parameter moves without them, to first order) and runs (probability of so few changes of sign);
        over `start` end_chi_square; over `tied_parameter`, where there are ties, tied_value, tied_error and tied_unit.
        Attributes: chi_square, degrees_of_freedom, p_value, agreeing, starts.

    Raises:
        ParameterError: arguments, or no start that ends where all derivatives are finite.
    """
    starts, seed = checks.whole(starts, "starts", low=1), checks.whole(seed, "seed", low=0)
    checks.switch(robust, "robust")
    client = chosen_client(client)
    rng = np.random.default_rng(seed)
    first = _starts(problem, rng, starts)
    found = _ends(problem, first, robust, client)
    best = min(found, key=lambda end: end.square)
    if np.isfinite(best.square):
        refined = end_of(problem, best.u, robust=robust)
        best = refined if refined.square <= best.square else best._replace(converged=best.converged)
    if not np.isfinite(best.square):
        why, remedy = f"none of {starts} starts ended at finite numbers", "Do the priors allow films that nobody grows?"
        try:
            problem.predicted(best.u)
        except ParameterError as error:
            remedy = f"One of them met: {error}"
        raise ParameterError(why, field="problem", remedy=remedy)
    if not best.converged:
        warnings.warn("the best fit had not converged when it was stopped: its numbers are on the way", stacklevel=2)
    return outcome(problem, best.u, np.array([end.square for end in found]), best.square, robust)


def _ends(problem: Problem, first: np.ndarray, robust: bool, client: Any = None) -> list[Found]:
    """Where starts (starts, size) end."""
    out: list[Found] = []
    size = _together(len(first), client) if problem.compiled else 1
    some = np.array_split(first, -(-len(first) // size))
    before = np.cumsum([0, *map(len, some)])
    found = blocks(
        [partial(_block, problem, robust, start) for start in some], client=client,
        said=lambda n: tell(int(before[n]), len(first)), fits=lambda n, part: np.array_equal(part["start"], some[n]),
    )  # fmt: skip
    for part in found:
        columns = (part[name] for name in Ends._fields)
        out += [Found(u, float(s), bool(c)) for u, s, c in zip(*columns, strict=True)]
    return out


def _together(starts: int, client: Any) -> int:
    """How many starts go together: the fewer, the more their programs cost, but no worker is to wait for another."""
    if client is None:
        return BLOCK
    share = -(-starts // max(1, threads(client)))
    return next((size for size in TOGETHER if share <= size), TOGETHER[-1])


def _block(problem: Problem, robust: bool, start: np.ndarray) -> Block:
    """Where some starts end."""
    return {"start": start, **ends(minimised(problem, robust), start, *problem.bounds)._asdict()}


def minimised(problem: Problem, robust: bool) -> Objective:
    """Residuals whose sum of squares fits minimise."""
    function = objective(problem)
    return robust_objective(function, problem.points) if robust else function


def _starts(problem: Problem, rng: np.random.Generator, starts: int) -> np.ndarray:
    """Coordinates to start from (starts, size): the middle of the priors, then the best of some draws each."""
    middle = _start(problem, rng, first=True)
    count = SCREENED if problem.compiled else 1
    drawn = np.array([_start(problem, rng, first=False) for _ in range((starts - 1) * count)])
    if starts == 1:
        return middle[None]
    # with derivatives, though none are needed: one program does for all that follows
    squares = np.sum(problem.batch(drawn)[0] ** 2, axis=1) if count > 1 else np.zeros(len(drawn))
    best = np.argmin(squares.reshape(starts - 1, count), axis=1) + count * np.arange(starts - 1)
    return np.concatenate([middle[None], drawn[best]])


def _start(problem: Problem, rng: np.random.Generator, first: bool) -> np.ndarray:
    """Coordinates to start from: the middle of every prior, or drawn until the ties allow them."""
    low, high = problem.bounds
    penalty = np.array([c.prior.penalty for c in problem.coordinates])
    a, b = np.where(penalty, np.clip(-NEAR, low, high), low), np.where(penalty, np.clip(NEAR, low, high), high)
    out = np.where(penalty, np.clip(0.0, a, b), (a + b) / 2) if first else rng.uniform(a, b)
    for _ in range(TRIES):
        try:
            problem.tied(out)
            break
        except ParameterError:
            out = rng.uniform(a, b)
    return out


def end_of(problem: Problem, u: np.ndarray, held: int | None = None, robust: bool = False) -> Found:
    """Where least squares from u end; one coordinate may be held."""
    from scipy.optimize import least_squares

    cached = _Cached(minimised(problem, robust))
    low, high = problem.bounds
    free = np.delete(np.arange(problem.size), [] if held is None else held)

    def whole(v: np.ndarray) -> np.ndarray:
        out = u.copy()
        out[free] = v
        return out

    if not free.size:
        return Found(u, float(np.sum(cached.residual(u) ** 2)), True)
    inside = np.clip(u[free], low[free], high[free])
    try:
        done = least_squares(
            lambda v: cached.residual(whole(v)), inside, lambda v: cached.jacobian(whole(v))[:, free],
            bounds=(low[free], high[free]), x_scale="jac", ftol=1e-12, xtol=1e-10,
            gtol=1e-10, max_nfev=400,
        )  # fmt: skip
    except ValueError as error:
        if "finite" not in str(error):
            raise
        return Found(u, np.inf, False)
    return Found(whole(done.x), float(2 * done.cost), bool(done.success))
