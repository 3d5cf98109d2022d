"""Least squares from many starts at once: every step of all of them is one call of the compiled models."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.fitting.marginal import Objective

#: steps until a start counts as not converged
MOST = 200
#: longest step of a coordinate: deviations of a prior, or part of a range between two ends
LONGEST, LONGEST_PART = 2.0, 0.5
#: part of the way to a bound that a step beyond it goes, and part of the longest step within which it is reached
SHORT, NEAR = 0.5, 1e-6
#: damping of the first steps: who sets out boldly ends in more local minima
FIRST = 10.0
#: relative change of chi-square that the model must still promise
SMALL = 1e-12


class Ends(NamedTuple):
    """Where starts ended: coordinates (starts, size), sums of squares (starts,), whether they converged (starts,)."""

    u: np.ndarray
    square: np.ndarray
    converged: np.ndarray


def ends(
    objective: Objective,
    starts: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    *,
    most: int = MOST,
    small: float = SMALL,
) -> Ends:
    """Bounded Levenberg-Marquardt steps from many starts (starts, size), at most so many, while so much is promised.

    A coordinate at a bound that wants beyond it is held; a step beyond a bound goes half the way, so that bounds are
    not met before the rest has found its place. Damping is in units of the largest curvature met (More 1978), grows
    where a step makes the sum of squares larger and shrinks where the linear model promised well.
    """
    U = np.clip(starts, low, high)
    longest = _longest(low, high)
    R, J = objective(U)
    square = np.sum(R**2, axis=1)
    damping, scale = np.full(len(U), FIRST), np.zeros_like(U)
    done = ~np.isfinite(square)
    failed = done.copy()
    for _ in range(most):
        at = np.flatnonzero(~done)
        if not at.size:
            break
        gradient = np.einsum("pri,pr->pi", J[at], R[at])
        curvature = np.einsum("pri,prj->pij", J[at], J[at])
        scale[at] = np.maximum(scale[at], np.einsum("pii->pi", curvature))
        held = ((U[at] <= low) & (gradient > 0)) | ((U[at] >= high) & (gradient < 0))
        step = _step(curvature, np.where(held, 0.0, gradient), held, damping[at], scale[at])
        step /= np.maximum(1.0, np.max(np.abs(step) / longest, axis=1))[:, None]
        little = _promised(gradient, curvature, step) <= small * (1 + square[at])
        trial = np.clip(U[at] + _short_of(U[at], step, low, high), low, high)
        promised = _promised(gradient, curvature, trial - U[at])
        R_new, J_new = objective(trial)
        new = np.sum(R_new**2, axis=1)
        won = square[at] - new
        better = won > 0
        damping[at] = np.where(better & (won > 0.75 * promised), damping[at] / 5, damping[at])
        damping[at] = np.where(better & (won < 0.25 * promised), damping[at] * 3, damping[at])
        damping[at] = np.clip(np.where(better, damping[at], damping[at] * 6), 1e-14, None)
        done[at] = little | (damping[at] > 1e16)
        taken = at[better]
        U[taken], R[taken], J[taken], square[taken] = trial[better], R_new[better], J_new[better], new[better]
    return Ends(U, np.where(failed, np.inf, square), done & ~failed)


def _longest(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(high - low), LONGEST_PART * (high - low), LONGEST)


def _short_of(u: np.ndarray, step: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The step, but part of the way to a bound where it goes beyond."""
    # no infinity, which no step at all would multiply
    room = np.minimum(np.where(step > 0, high - u, u - low), np.finfo(float).max)
    part = np.where(room < NEAR * _longest(low, high), room, SHORT * room)
    return np.where(np.abs(step) > room, np.copysign(part, step), step)


def _promised(gradient: np.ndarray, curvature: np.ndarray, step: np.ndarray) -> np.ndarray:
    """By how much the linear model lessens the sum of squares (points,)."""
    return -2 * np.einsum("pi,pi->p", gradient, step) - np.einsum("pi,pij,pj->p", step, curvature, step)


def _step(A: np.ndarray, g: np.ndarray, held: np.ndarray, damping: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Solution of (A + damping scale) step = -g (points, size), with no step of what is held."""
    floor = 1e-20 * scale.max(axis=1, keepdims=True) + np.finfo(float).tiny
    A = np.where(held[:, :, None] | held[:, None, :], 0.0, A)
    n = A.shape[-1]
    A[:, np.arange(n), np.arange(n)] += np.where(held, 1.0, damping[:, None] * np.maximum(scale, floor))
    # rows and columns of alike size: curvatures differ by many decades
    root = np.sqrt(np.einsum("pii->pi", A))
    return -np.linalg.solve(A / (root[:, :, None] * root[:, None, :]), (g / root)[..., None])[..., 0] / root
