"""Least squares of a problem from many starts, and what the best of them says."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.fitting.priors import NEAR
from spinstack.fitting.problem import Problem
from spinstack.numerics.keeping import Block, block
from spinstack.numerics.progress import tell
from spinstack.stack import ParameterError
from spinstack.text import checks
from spinstack.text.version import __version__

#: chi-square by which two starts may differ and still have found the same
SAME = 0.01
#: draws of a start of which none may be allowed by the ties before it counts as failed
TRIES = 100
#: probability below which a fit does not describe its data
UNLIKELY = 1e-3


class Found(NamedTuple):
    """Where one start ended: coordinates, sum of squared residuals, whether it converged."""

    u: np.ndarray
    square: float
    converged: bool


class _Cached:
    """Residuals and derivatives, computed together and asked for one after the other."""

    def __init__(self, problem: Problem) -> None:
        self._problem, self._at = problem, np.zeros(0)

    def _compute(self, u: np.ndarray) -> None:
        if not np.array_equal(u, self._at):
            self._at = u.copy()
            self._found = self._problem.residuals(u)

    def residual(self, u: np.ndarray) -> np.ndarray:
        self._compute(u)
        return self._found[0]

    def jacobian(self, u: np.ndarray) -> np.ndarray:
        self._compute(u)
        return self._found[1]


def fit_film(problem: Problem, *, starts: int = 20, seed: int = 0) -> xr.Dataset:
    """The unknowns of a problem by least squares, from several starts drawn from their priors.

    Bounded trust regions with exact derivatives (scipy, Branch et al., SIAM J. Sci. Comput. 21 (1999) 1) in the
    coordinates of the priors; the best end counts, and `agreeing` tells how many others came to it. Errors are those of
    the linear model there, from the errors of the data and the priors: they are not widened where the fit is bad, which
    `p_value`, the probability of a larger chi-square by chance, tells instead. A normal prior counts as one datum.

    Ties may give a parameter a value that it may not have. Starts are drawn again where they do, and steps that lead
    there are refused as if chi-square were infinite, so that a fit that is drawn beyond ends close to the limit.

    Args:
        problem: samples, unknowns and data.
        starts: how many; the first starts from the middle of the priors.
        seed: of the draws.

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
    rng = np.random.default_rng(seed)
    ends: list[Found] = []
    for k in range(starts):
        tell(k, starts)
        start = _start(problem, rng, first=k == 0)
        ends.append(_found(block(partial(_kept, problem, start))))
    best = min(ends, key=lambda end: end.square)
    if not np.isfinite(best.square):
        why, remedy = f"none of {starts} starts ended at finite numbers", "Do the priors allow films that nobody grows?"
        try:
            problem.predicted(best.u)
        except ParameterError as error:
            remedy = f"One of them met: {error}"
        raise ParameterError(why, field="problem", remedy=remedy)
    if not best.converged:
        warnings.warn("the best fit had not converged when it was stopped: its numbers are on the way", stacklevel=2)
    return _told(problem, best, ends)


def _kept(problem: Problem, start: np.ndarray) -> Block:
    """Where a start ended, as a program that is stopped keeps it."""
    end = end_of(problem, start)
    return {"u": end.u, "square": np.array(end.square), "converged": np.array(end.converged)}


def _found(end: Block) -> Found:
    return Found(end["u"], float(end["square"]), bool(end["converged"]))


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


def end_of(problem: Problem, u: np.ndarray, held: int | None = None) -> Found:
    """Where least squares from u end; one coordinate may be held."""
    from scipy.optimize import least_squares

    cached = _Cached(problem)
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


def _told(problem: Problem, best: Found, ends: list[Found]) -> xr.Dataset:
    from scipy.stats import chi2

    u = best.u
    values, rows = problem.predicted(u)
    residual, J = problem.residuals(u)
    covariance_u = np.linalg.pinv(J.T @ J, hermitian=True)
    slopes, low, high = problem.slopes(u), *problem.bounds
    covariance = covariance_u * np.outer(slopes, slopes)
    lost = _undetermined(J)
    names = [c.name for c in problem.coordinates]
    labels = [one.label for one in problem.data]
    count = np.array([len(v) for v in values])
    whitened = np.split(residual[: problem.points], np.cumsum(count)[:-1])
    penalties = sum(c.prior.penalty for c in problem.coordinates)
    freedom = int(count.sum()) + penalties - problem.size
    narrowed = [1 - np.sqrt(covariance_u[k, k]) if c.prior.penalty else 1.0 for k, c in enumerate(problem.coordinates)]
    error = np.sqrt(np.diag(covariance))
    error[lost] = np.inf
    variables: dict[str, Any] = {
        "value": ("parameter", problem.values(u), {"long_name": "best value"}),
        "error": ("parameter", error, {"long_name": "standard error"}),
        "prior_middle": ("parameter", [c.prior.value(0.0 if c.prior.penalty else 0.5) for c in problem.coordinates]),
        "told": ("parameter", np.clip(narrowed, 0, 1), {"long_name": "part of the prior that the data take away"}),
        "path": ("parameter", [c.path for c in problem.coordinates]),
        "unit": ("parameter", [c.unit for c in problem.coordinates]),
        "at_bound": ("parameter", (u - low < 1e-6) | (high - u < 1e-6)),
        "coordinate": ("parameter", u),
        "covariance": (("parameter", "parameter_other"), covariance),
        "derivatives": (
            ("point", "parameter"),
            np.concatenate(rows),
            {"long_name": "of the fitted by the coordinates"},
        ),
        "measured": ("point", np.concatenate([one.measured for one in problem.data])),
        "fitted": ("point", np.concatenate(values)),
        "measured_error": ("point", np.concatenate([np.sqrt(np.diag(one.covariance)) for one in problem.data])),
        "residual": ("point", np.concatenate(whitened), {"long_name": "whitened residual"}),
        "of": ("point", np.repeat(labels, count)),
        "chi_square": ("data", [float(w @ w) for w in whitened]),
        "count": ("data", count),
        "influence": (("data", "parameter"), _influence(J, residual, count, covariance_u)),
        "runs": ("data", [_runs(w) for w in whitened], {"long_name": "probability of as few changes of sign"}),
        "end_chi_square": ("start", [end.square for end in ends]),
    }
    coords: dict[str, Any] = {"parameter": names, "parameter_other": names, "data": labels}
    if tied := problem.tied(u):
        rows_tied = np.array([one.slopes for one in tied])
        tied_error = np.sqrt(np.einsum("ik,kl,il->i", rows_tied, covariance_u, rows_tied))
        tied_error[_unseen(J, rows_tied)] = np.inf
        coords["tied_parameter"] = [one.name for one in tied]
        variables |= {
            "tied_value": ("tied_parameter", [one.value for one in tied]),
            "tied_error": ("tied_parameter", tied_error, {"long_name": "standard error"}),
            "tied_unit": ("tied_parameter", [one.unit for one in tied]),
        }
    chi_square = float(residual @ residual)
    attributes = {
        "chi_square": chi_square,
        "degrees_of_freedom": freedom,
        "p_value": float(chi2.sf(chi_square, freedom)) if freedom > 0 else float("nan"),
        "starts": len(ends),
        "agreeing": sum(end.square < best.square + SAME for end in ends),
        "undetermined": ", ".join(np.array(names)[lost]),
        "spinstack_version": __version__,
    }
    return xr.Dataset(variables, coords, attributes)


def _influence(J: np.ndarray, residual: np.ndarray, count: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """By how many of its errors each parameter moves when one set of data is left out, to first order (data, size)."""
    out, start = [], 0
    every, errors = J.T @ J, np.sqrt(np.diag(covariance))
    for n in count:
        own = slice(start, start + int(n))
        rest = every - J[own].T @ J[own]
        shift = np.linalg.pinv(rest, hermitian=True) @ J[own].T @ residual[own]
        out.append(np.divide(shift, errors, out=np.zeros_like(shift), where=errors > 0))
        start += int(n)
    return np.array(out)


def _runs(residual: np.ndarray) -> float:
    """Probability of so few changes of sign (Wald and Wolfowitz, Ann. Math. Stat. 11 (1940) 147); 1 for few points."""
    from scipy.stats import norm

    signs = residual > 0
    up, down = int(signs.sum()), int((~signs).sum())
    n = up + down
    if min(up, down) < 4:
        return 1.0
    runs = 1 + int(np.count_nonzero(np.diff(signs)))
    mean = 1 + 2 * up * down / n
    spread = np.sqrt((mean - 1) * (mean - 2) / (n - 1))
    return float(norm.cdf((runs + 0.5 - mean) / spread))


def _undetermined(J: np.ndarray) -> np.ndarray:
    """Parameters with a part in a direction that no residual sees; all of them where residuals are fewer."""
    count = J.shape[1]
    return _unseen(J, np.eye(count)) | (len(J) < count)


def _unseen(J: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Which of the directions (n, size) have a part that no residual sees."""
    size = np.linalg.norm(J, axis=0)
    size[size == 0] = 1.0
    A, R = J / size, rows / size
    return np.linalg.norm(R - R @ np.linalg.pinv(A, 1e-8) @ A, axis=1) > 1e-3 * np.linalg.norm(R, axis=1)
