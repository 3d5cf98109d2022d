"""What a fit tells: values and errors, how good it is, what each set of data does to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from spinstack.fitting.data import Data
from spinstack.fitting.marginal import STEP, curvatures, offset
from spinstack.fitting.problem import Problem
from spinstack.fitting.robust import robust_objective
from spinstack.text.version import __version__

#: chi-square by which two starts may differ and still have found the same
SAME = 0.01
#: errors between the highest place of a distribution and its mean from which on it is no normal one
SKEWED = 1.0
#: probability below which a fit does not describe its data
UNLIKELY = 1e-3


def correlation(found: xr.Dataset) -> np.ndarray:
    """Correlations (parameter, parameter) of the fitted numbers: 1 and -1 where only a combination is known.

    Args:
        found: what :func:`spinstack.fitting.fit_film` returned.
    """
    covariance = found["covariance"].values
    size = np.sqrt(np.diag(covariance))
    size = np.where(size > 0, size, 1.0)
    return np.asarray(covariance / np.outer(size, size))


def outcome(problem: Problem, u: np.ndarray, squares: np.ndarray, best: float, robust: bool = False) -> xr.Dataset:
    """What a fit that ended at u tells, see :func:`spinstack.fitting.fit_film`.

    Args:
        problem: what was fitted.
        u: coordinates of the best end (size,).
        squares: what was minimised, where each start ended (starts,).
        best: the least of it.
        robust: whether readings far off count less.
    """
    from scipy.stats import chi2

    values, rows = problem.predicted(u)
    R, slopes_of_data = problem.whitened(np.concatenate(values)[None], u[None], np.concatenate(rows)[None])
    residual, J = R[0], slopes_of_data[0]
    chi_square = float(residual @ residual)
    whitened = [residual[at] for at in problem.rows]
    if robust:
        R, slopes_robust = robust_objective(problem.batch, problem.points)(u[None])
        residual, J = R[0], slopes_robust[0]
    covariance_u = np.linalg.pinv(J.T @ J, hermitian=True)
    slopes, low, high = problem.slopes(u), *problem.bounds
    covariance = covariance_u * np.outer(slopes, slopes)
    lost = _undetermined(J)
    names = [c.name for c in problem.coordinates]
    shift = np.zeros(problem.size) if lost.any() or not problem.exact else _to_the_middle(problem, u, covariance_u)
    skewed = np.abs(shift) > SKEWED * np.sqrt(np.diag(covariance_u))
    if skewed.any() or not any(c.deviation for c in problem.coordinates):
        shift = np.zeros(problem.size)  # without deviations the best fit is what people expect
    labels = [one.label for one in problem.data]
    count = np.array([len(v) for v in values])
    freedom = problem.points + len(problem.penalised) - problem.size
    narrowed = [1 - np.sqrt(covariance_u[k, k]) if c.prior.penalty else 1.0 for k, c in enumerate(problem.coordinates)]
    error = np.sqrt(np.diag(covariance))
    error[lost] = np.inf
    variables: dict[str, Any] = {
        "value": ("parameter", problem.values(np.clip(u + shift, low, high)), {"long_name": "best value"}),
        "error": ("parameter", error, {"long_name": "standard error"}),
        "prior_middle": ("parameter", [c.prior.value(0.0 if c.prior.penalty else 0.5) for c in problem.coordinates]),
        "told": ("parameter", np.clip(narrowed, 0, 1), {"long_name": "part of the prior that the data take away"}),
        "path": ("parameter", [c.path for c in problem.coordinates]),
        "unit": ("parameter", [c.unit for c in problem.coordinates]),
        "deviation": ("parameter", [c.deviation for c in problem.coordinates]),
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
        "influence": (("data", "parameter"), _influence(problem, J, residual, covariance_u)),
        "runs": ("data", [_runs(w) for w in whitened], {"long_name": "probability of as few changes of sign"}),
        "end_chi_square": ("start", squares - offset(problem)),
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
    if terms := [(one, name) for one in problem.data for name in one.meter]:
        found = [
            _meter(one, value, J_one, covariance_u)
            for one, value, J_one in zip(problem.data, values, rows, strict=True)
        ]
        coords["meter_term"] = [f"{name} of {one.label}" for one, name in terms]
        variables |= {
            "meter_value": ("meter_term", np.concatenate([v for v, _ in found]), {"long_name": "in its deviations"}),
            "meter_error": ("meter_term", np.concatenate([e for _, e in found])),
        }
    attributes = {
        "chi_square": chi_square,
        "minimum": best - offset(problem),
        "degrees_of_freedom": freedom,
        "p_value": float(chi2.sf(chi_square, freedom)) if freedom > 0 else float("nan"),
        "starts": len(squares),
        "agreeing": int(np.sum(squares < best + SAME)),
        "robust": int(robust),
        "derivatives": "exact" if problem.exact else "by differences",
        "skewed": ", ".join(np.array(names)[skewed]),
        "undetermined": ", ".join(np.array(names)[lost]),
        "spinstack_version": __version__,
    }
    return xr.Dataset(variables, coords, attributes)


def _to_the_middle(problem: Problem, u: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """From the highest place of the distribution of the coordinates to its mean, to second order (size,).

    The mean minimises half the sum of squares plus half the logarithm of the determinant of all curvatures (Tierney and
    Kadane, J. Am. Stat. Assoc. 81 (1986) 82), of which the part of deviations that are integrated out is in u already.
    """
    steps = STEP * np.eye(problem.size)
    low, high = problem.bounds
    above, below = np.clip(u + steps, low, high), np.clip(u - steps, low, high)
    logarithms = [curvatures(problem, problem.batch(V)[1]) for V in (above, below)]
    slope = (logarithms[0] - logarithms[1]) / np.diagonal(above - below)
    return np.asarray(-covariance @ np.where(np.isfinite(slope), slope, 0.0) / 2)


def _meter(one: Data, fitted: np.ndarray, rows: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much of its deviations each term of a meter has, with errors, at what was fitted (rows,)."""
    C = np.linalg.solve(one.covariance, one.shifts.T)  # shifts are normal before the data, with deviation 1
    through = C.T @ rows
    variance = 1 - np.einsum("ti,it->t", one.shifts, C) + np.einsum("tk,kl,tl->t", through, covariance, through)
    return (one.measured - fitted) @ C, np.sqrt(np.maximum(variance, 0.0))


def _influence(problem: Problem, J: np.ndarray, residual: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """By how many of its errors each parameter moves when one set of data is left out, to first order (data, size)."""
    out = []
    every, errors = J.T @ J, np.sqrt(np.diag(covariance))
    for own in problem.rows:
        rest = every - J[own].T @ J[own]
        shift = np.linalg.pinv(rest, hermitian=True) @ J[own].T @ residual[own]
        out.append(np.divide(shift, errors, out=np.zeros_like(shift), where=errors > 0))
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
