"""What chi-square says along one parameter when all others follow: bounded, one-sided or flat."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from spinstack.fitting.coordinates import Coordinate
from spinstack.fitting.marginal import offset
from spinstack.fitting.problem import Problem
from spinstack.fitting.solve import end_of
from spinstack.numerics.keeping import Block, blocks
from spinstack.numerics.progress import tell
from spinstack.text import checks

#: rises of chi-square that end intervals of 68.3 and 95.4 % of one parameter
RISES = (1.0, 4.0)
#: steps to one side until an interval ends or is said to have no end
MOST = 30
VERDICTS = ("bounded", "only from below", "only from above", "flat")


def likelihood_profile(problem: Problem, found: xr.Dataset, parameter: str) -> xr.Dataset:
    """Profile of one fitted parameter: the least chi-square at fixed values of it, and the verdict in words.

    From the best fit outwards the parameter is held at growing distances, first a quarter of its error (a quarter of
    the range of its prior where that is smaller or the error infinite), and all others are fitted again from where they
    were. An interval ends where chi-square has risen by 1 (68 %) and by 4 (95 %) for the last time, interpolated in the
    root of the rise; it is open where a bound, or 30 growing steps, come first. Valid for errors that are normal,
    whatever the model.

    Args:
        problem: what was fitted.
        found: what :func:`fit_film` returned for it.
        parameter: its name among the results.

    Returns:
        Dataset over `place`, in growing order: the parameter's value, rise of chi-square, and the values of all others
        over `parameter`. Attributes: low_68, high_68, low_95, high_95 (infinite where open, in SI units), verdict
        (bounded, only from below, only from above, flat: of the 95 % interval), better (whether a better fit than the
        best was met, by how much).
    """
    names = problem.names_of(found)
    k = names.index(checks.choice(parameter, "parameter", names))
    robust = bool(found.attrs["robust"])
    best, u = float(found.attrs["minimum"]) + offset(problem), found["coordinate"].values
    step = _first(problem, found, k)
    sides = blocks([partial(_kept_side, problem, k, u, best, sign, step, robust) for sign in (-1, 1)])
    below, above = (list(zip(side["at"], side["rise"].tolist(), strict=True)) for side in sides)
    places = [*reversed(below), (u.copy(), 0.0), *above]
    coordinate = problem.coordinates[k]
    ends: dict[str, float] = {}
    for rise, words in zip(RISES, ("68", "95"), strict=True):
        for side, which in ((below, "low"), (above, "high")):
            at = _crossing(coordinate, u[k], side, k, rise)
            falling = coordinate.prior.slope(float(u[k])) < 0
            ends[f"{'high' if (which == 'low') == falling else 'low'}_{words}"] = at
    lowest, highest = np.isfinite(ends["low_95"]), np.isfinite(ends["high_95"])
    verdict = VERDICTS[0 if lowest and highest else 1 if lowest else 2 if highest else 3]
    values = np.array([problem.values(p) for p, _ in places])
    order = np.argsort(values[:, k])
    variables: dict[str, Any] = {
        "value": ("place", values[order, k], {"units": coordinate.unit, "long_name": parameter}),
        "rise": ("place", np.array([r for _, r in places])[order], {"long_name": "rise of chi-square"}),
        "others": (("place", "parameter"), values[order]),
    }
    better = -min(0.0, *(r for _, r in places))
    attributes = {"profile_of": str(parameter), "verdict": verdict, **ends, "better": better}
    return xr.Dataset(variables, {"parameter": names}, attributes)


def _first(problem: Problem, found: xr.Dataset, k: int) -> float:
    """Length of the first step in the coordinate."""
    low, high = problem.bounds[0][k], problem.bounds[1][k]
    slope = abs(problem.coordinates[k].prior.slope(float(found["coordinate"][k])))
    range_ = high - low if np.isfinite(high - low) else 4.0
    return float(min(0.25 * float(found["error"][k]) / slope, 0.25 * range_))


#: coordinates, and the rise of chi-square there
Place = tuple[np.ndarray, float]


def _kept_side(problem: Problem, k: int, u: np.ndarray, *given: Any) -> Block:
    places = _side(problem, k, u, *given)
    return {"at": np.reshape([at for at, _ in places], (-1, u.size)), "rise": np.array([rise for _, rise in places])}


def _side(problem: Problem, k: int, u: np.ndarray, best: float, sign: int, step: float, robust: bool) -> list[Place]:
    """Coordinates and rise of chi-square outwards on one side, until it has risen enough or nothing is left."""
    low, high = problem.bounds[0][k], problem.bounds[1][k]
    out: list[Place] = []
    at = u.copy()
    for n in range(MOST):
        tell(n, MOST)
        target = float(np.clip(at[k] + sign * step, low, high))
        if target == at[k]:
            break
        at = at.copy()
        at[k] = target
        end = end_of(problem, at, held=k, robust=robust)
        at, rise = end.u, end.square - best
        out.append((at, rise))
        if rise > 1.2 * RISES[-1] or not np.isfinite(rise):
            break
        before = out[-2][1] if len(out) > 1 else 0.0
        # aim at about half a unit of the root of the rise a step
        if np.sqrt(max(rise, 0)) - np.sqrt(max(before, 0)) < 0.4:
            step *= 1.6
    return out


def _crossing(coordinate: Coordinate, start: float, side: list[Place], k: int, rise: float) -> float:
    """Where the rise passes a level for the last time, linear in its root; infinite where it does not.

    A second valley belongs to the interval as well.
    """
    sign = 1.0 if side and side[0][0][k] > start else -1.0
    outwards = sign * (1.0 if coordinate.prior.slope(float(start)) > 0 else -1.0)
    places = np.array([start, *(at[k] for at, _ in side)])
    roots = np.sqrt(np.maximum([0.0, *(found for _, found in side)], 0.0))
    within = int(np.flatnonzero(roots < np.sqrt(rise))[-1])
    if within == len(side):
        return float(outwards * np.inf)
    share = (np.sqrt(rise) - roots[within]) / (roots[within + 1] - roots[within])
    return float(coordinate.prior.value(places[within] + share * (places[within + 1] - places[within])))
