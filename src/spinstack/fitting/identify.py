"""Which combinations of parameters the data determine: products of powers, with their errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from spinstack.fitting.problem import Problem
from spinstack.stack import ParameterError
from spinstack.text import checks

#: share of an exponent in the largest below which a parameter is left out of the words
_SMALL = 0.05


class Combination(NamedTuple):
    """A product of powers of parameters, and what the data say of it.

    Attributes:
        powers: parameter -> exponent; the largest is 1. Parameters that change their sign, or are zero, count by the
            value less the best one over the deviation of their prior.
        error: relative standard error by the data alone; infinite where they do not see it.
        words: both in words.
    """

    powers: dict[str, float]
    error: float
    words: str


def determined(
    problem: Problem, found: xr.Dataset, *, nuisances: Sequence[str] = (), known: float = 0.5
) -> list[Combination]:
    """What the data determine: independent combinations of the parameters, the best known first.

    In ln(parameter) the curvature of chi-square of the data is F; along its eigenvectors the errors are independent,
    ``1/sqrt(eigenvalue)``: parameters of which only a product enters appear together, those that no datum sees last,
    with an infinite error. Priors count for the nuisances alone.

    Args:
        problem: what was fitted.
        found: what :func:`fit_film` returned for it.
        nuisances: paths of parameters that are integrated out with their priors, such as thicknesses that every film
            has a few per cent off.
        known: relative error above which a combination is said not to be determined.

    Raises:
        ParameterError: a result of another problem, a path that is no unknown, or nothing that is left.
    """
    known = checks.number(known, "known", low=0, open_low=True)
    names = problem.names_of(found)
    paths = [c.path for c in problem.coordinates]
    for path in nuisances:
        checks.choice(path, "nuisances", dict.fromkeys(paths))
    # samples that are off a shared value say nothing that lasts
    apart = np.isin(paths, list(nuisances)) | np.array([c.deviation for c in problem.coordinates])
    if apart.all():
        raise ParameterError("which are all unknowns", field="nuisances", got=nuisances, allowed="some of them")
    held = np.array([c.prior.penalty for c in problem.coordinates]) & apart
    # priors of the nuisances are more rows; what their columns can explain is taken off the rest
    J = np.concatenate([whitened_derivatives(problem, found), np.eye(problem.size)[held]]) * scales(problem, found)
    names = [n for n, off in zip(names, apart, strict=True) if not off]
    if apart.any():
        Q, _ = np.linalg.qr(J[:, apart] / np.linalg.norm(J[:, apart], axis=0))
        J = J[:, ~apart] - Q @ (Q.T @ J[:, ~apart])
    _, S, Vt = np.linalg.svd(J, full_matrices=True)
    S = np.concatenate([S, np.zeros(len(names) - len(S))])
    out = []
    for s, v in zip(S, Vt, strict=True):
        largest = v[np.argmax(np.abs(v))]
        powers = {n: float(p) for n, p in zip(names, v / largest, strict=True) if abs(p) > _SMALL * abs(largest)}
        # along v / largest the logarithm of the product grows by |v|^2 / largest^2 per unit
        error = float(1 / (s * abs(largest))) if s > 1e-12 * S[0] else np.inf
        words = " ".join(_power(n, p) for n, p in powers.items())
        said = f"is known to {100 * error:.2g} %" if error <= known else "is not determined"
        out.append(Combination(powers, error, f"{words} {said}"))
    return out


def _power(name: str, power: float) -> str:
    name = f"({name})" if " " in name else name
    return name if power == 1 else f"{name}^{power:.2f}"


def whitened_derivatives(problem: Problem, found: xr.Dataset) -> np.ndarray:
    """Derivatives of the whitened data by the coordinates at the best fit (points, size)."""
    fitted, slopes = found["fitted"].values[None], found["derivatives"].values[None]
    rows = zip(problem.data, problem.rows, strict=True)
    return np.concatenate([one.misfit(fitted[:, at], slopes[:, at])[1][0] for one, at in rows])


def scales(problem: Problem, found: xr.Dataset) -> np.ndarray:
    """Change of each coordinate for a relative change of 1 of its parameter (size,)."""
    slopes, values = problem.slopes(found["coordinate"].values), found["value"].values
    change = np.where(values != 0, values, slopes)
    return np.asarray(change / slopes)
