"""Nested sampling with many live points replaced at once, for likelihoods that are computed in batches."""

from __future__ import annotations

import numpy as np

from spinstack.fitting.evidence import Evidence, Target
from spinstack.fitting.walk import Walk

#: part of the live points that is replaced at once, and steps of a walk per dimension
_REPLACED, _STEPS = 0.5, 3
#: what the live points may still add to ln Z at the end
_LEFT = 0.01
#: walks that may stay where they began
_STUCK = 0.1


def nested(
    target: Target, rng: np.random.Generator, *, live: int = 400, most: int = 600_000, error: float = 0.3
) -> Evidence:
    """Evidence by nested sampling (Skilling, Bayesian Anal. 1 (2006) 833).

    The lower half of the live points goes at once; each is replaced by a walk from one that stays, within the
    likelihood of the highest that goes, along differences of two others (ter Braak, Stat. Comput. 16 (2006) 239) and in
    their covariance, with the prior as its stationary distribution. The volume shrinks by the mean of what ordered
    uniform numbers do; the error is that of independent shrinkages, sqrt(information/live).

    Args:
        target: the model.
        rng: of the draws.
        live: live points.
        most: evaluations after which it is refused.
        error: of ln Z above which it is refused.
    """
    size = target.size
    points = rng.standard_normal((live, size))
    heights = target.log_likelihood(points)
    gone = max(1, int(_REPLACED * live))
    # volumes of the points that go: ln X falls by 1/n with n points left
    falls = np.cumsum(1.0 / (live - np.arange(gone)))
    log_volume, log_z, spent, stuck, why = 0.0, -np.inf, live, 0.0, ""
    dead, dead_heights, dead_shares = [], [], []
    walk, steps = Walk(target, rng), 10 + _STEPS * size
    while True:
        order = np.argsort(heights)
        top = heights[order[-1]]
        if not np.isfinite(top):
            why = "the data exclude every point that was drawn"
            break
        if log_volume + top < log_z + np.log(_LEFT):
            break
        out = order[:gone]
        ends = log_volume - falls
        widths = np.diff(np.exp(np.concatenate([[0.0], -falls])))
        shares = log_volume + np.log(-widths)
        dead.append(points[out])
        dead_heights.append(heights[out])
        dead_shares.append(shares)
        log_z = np.logaddexp(log_z, np.logaddexp.reduce(shares + heights[out]))
        floor = heights[out[-1]]
        stay = order[gone:]
        if np.ptp(heights[stay]) == 0 and np.isfinite(floor):
            why = "its live points have all the same likelihood"
            break
        walkers = rng.choice(stay, gone)
        at, at_heights, moves = points[walkers], heights[walkers], np.zeros(gone)
        for k in range(steps):
            at, at_heights, taken = walk.step(at, at_heights, points[stay], k, floor)
            moves += taken
        stuck = max(stuck, float((moves == 0).mean()))
        points[out], heights[out] = at, at_heights
        log_volume = float(ends[-1])
        spent = live + walk.evaluations
        if spent > most:
            why = f"{most} evaluations did not reach its end"
            break
    dead.append(points)
    dead_heights.append(heights)
    dead_shares.append(np.full(live, log_volume - np.log(live)))
    all_points, log_weights = np.concatenate(dead), np.concatenate(dead_heights) + np.concatenate(dead_shares)
    total = float(np.logaddexp.reduce(log_weights))
    if not np.isfinite(total):
        return Evidence(-np.inf, np.inf, 0.0, np.inf, "refused", why, points, np.full(live, 1 / live))
    weights = np.exp(log_weights - total)
    with np.errstate(invalid="ignore"):
        terms = np.where(weights > 0, weights * (np.concatenate(dead_heights) - total), 0.0)
    stated = float(np.sqrt(max(terms.sum(), 0.0) / live))
    if not why and stuck > _STUCK:
        why = f"{100 * stuck:.0f} % of its walks got stuck"
    if not why and stated > error:
        why = f"its error is {stated:.2f}"
    keep = weights > 0
    effective = float(1 / (weights @ weights))
    method = "refused" if why else "nested sampling"
    return Evidence(total, stated, effective, np.nan, method, why, all_points[keep], weights[keep])
