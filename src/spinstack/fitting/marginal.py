"""Deviations of samples integrated out: what is minimised where a parameter scatters between samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from spinstack.fitting.problem import Problem

#: step of the coordinates for derivatives of determinants
STEP = 1e-4

#: residuals (points, n) and derivatives (points, n, size) at coordinates (points, size)
Objective = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


class _Sample(NamedTuple):
    """Where the deviations of a sample and the residuals of its data stand."""

    deviations: np.ndarray
    rows: np.ndarray


def objective(problem: Problem) -> Objective:
    """Residuals whose sum of squares is minimised; those of the problem where nothing scatters.

    The deviations z_s of a sample are not maximised with the rest, which would be biased, but integrated out, in
    Laplace's approximation: with A the derivatives of its whitened residuals by z_s,
    ``-2 ln of the integral = sum of squares + ln det(1 + A^T A)`` at the best z_s. Each such term is one more residual,
    its root; 1 is added to it so that the root is smooth where A vanishes.
    """
    samples = _samples(problem)
    if not samples:
        return problem.batch
    colours = _colours(problem)

    def function(U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        R, J = problem.batch(U)
        logarithms = _logarithms(samples, J)
        slopes = np.zeros((len(U), len(samples), problem.size))
        low, high = problem.bounds
        ends = []
        for members in colours.values():
            for step in (-STEP, STEP):
                V = U.copy()
                V[:, list(members)] += step
                ends.append(np.clip(V, low, high))
        found = np.split(_logarithms(samples, problem.batch(np.concatenate(ends))[1]), len(ends))
        for n, members in enumerate(colours.values()):
            below, above = ends[2 * n], ends[2 * n + 1]
            for k, of in members.items():
                apart = above[:, k] - below[:, k]
                slopes[:, of, k] = (found[2 * n + 1][:, of] - found[2 * n][:, of]) / apart[:, None]
        slopes[~np.isfinite(slopes)] = 0.0  # a neighbour that is no film
        root = np.sqrt(1 + logarithms)
        root[np.isinf(R[:, 0])] = np.inf
        return np.concatenate([R, root], 1), np.concatenate([J, slopes / (2 * root[..., None])], 1)

    return function


def offset(problem: Problem) -> float:
    """What the sum of squares of the objective has too much: 1 for every sample with deviations."""
    return float(len(_samples(problem)))


def curvatures(problem: Problem, J: np.ndarray) -> np.ndarray:
    """ln det of the curvatures of all coordinates less that of the deviations (points,), by J of the batch."""
    whole = np.linalg.slogdet(np.swapaxes(J, 1, 2) @ J)[1]
    return np.asarray(whole - _logarithms(_samples(problem), J).sum(axis=1))


def _samples(problem: Problem) -> list[_Sample]:
    by_sample: dict[int, list[int]] = {}
    for k, c in enumerate(problem.coordinates):
        if c.deviation:
            by_sample.setdefault(c.samples[0], []).append(k)
    out = []
    for i, deviations in by_sample.items():
        own = [at for one, at in zip(problem.data, problem.rows, strict=True) if one.sample == problem.samples[i].name]
        rows = np.concatenate([np.arange(at.start, at.stop) for at in own])
        out.append(_Sample(np.array(deviations), rows))
    return out


def _colours(problem: Problem) -> dict[int, dict[int, list[int]]]:
    """Coordinates that can be moved at once, as they have no sample in common: coordinate -> its samples' numbers."""
    order = list(dict.fromkeys(c.samples[0] for c in problem.coordinates if c.deviation))
    out: dict[int, dict[int, list[int]]] = {}
    for k, c in enumerate(problem.coordinates):
        if not (of := [order.index(i) for i in c.samples if i in order]):
            continue
        colour = next(
            (n for n, members in out.items() if not any(set(of) & set(o) for o in members.values())), len(out)
        )
        out.setdefault(colour, {})[k] = of
    return out


def _logarithms(samples: list[_Sample], J: np.ndarray) -> np.ndarray:
    """ln det(1 + A^T A) of every sample (points, samples)."""
    out = np.full((len(J), len(samples)), np.nan)
    finite = np.isfinite(J[:, 0, 0])
    for n, one in enumerate(samples):
        A = J[finite][:, one.rows[:, None], one.deviations]
        H = np.eye(len(one.deviations)) + np.swapaxes(A, 1, 2) @ A
        out[finite, n] = np.linalg.slogdet(H)[1]
    return out
