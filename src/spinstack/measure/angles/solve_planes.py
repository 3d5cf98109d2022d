"""Nonlinear least squares of several scans with one model, errors from a noise model of each scan."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.measure.angles.plane_model import Model, Turn, moment, parts
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics import autoregressive
from spinstack.measure.statistics.estimate import check_rows, propagated
from spinstack.measure.statistics.linear import factored, idle, mixed, pseudo_inverse
from spinstack.measure.statistics.nonlinear import minimise


class Fitted(NamedTuple):
    """Parameters, covariance, noise coefficients and standard deviation of each scan."""

    x: np.ndarray
    covariance: np.ndarray
    phi: list[np.ndarray]
    degrees_of_freedom: float
    chi2: float


class Problem:
    """Differences of the scans from the model and their slopes; directions of the magnetisation are kept."""

    def __init__(self, model: Model, turns: list[Turn], unit: np.ndarray) -> None:
        self.model, self.turns, self.unit = model, turns, unit
        self.kept: list[dict[tuple[float, ...], np.ndarray]] = [{} for _ in turns]
        self.bounds = np.cumsum([0, *(len(t.reading) for t in turns)])

    def one(self, i: int, p: dict[str, float]) -> np.ndarray:
        """Measured less model of scan i over the standard errors of its rows."""
        turn, kept = self.turns[i], self.kept[i]
        state = self.model.state(turn, p)
        if state not in kept:
            if len(kept) > 8:
                kept.clear()
            kept[state] = moment(turn, self.model, p)
        whole = sum(parts(turn, self.model, p, kept[state]).values())
        return np.asarray((turn.reading - whole) / turn.scale)

    def differences(self, x: np.ndarray) -> list[np.ndarray]:
        """Of all scans."""
        p = self.model.values(x)
        return [self.one(i, p) for i in range(len(self.turns))]

    def slopes(self, x: np.ndarray) -> list[np.ndarray]:
        """Central differences (rows, unknowns) of every scan, per natural size of the unknowns."""
        out = [np.zeros((len(t.reading), len(x))) for t in self.turns]
        for k, name in enumerate(self.model.names):
            step = np.zeros(len(x))
            step[k] = 1e-4 * self.unit[k]
            up, down = self.model.values(x + step), self.model.values(x - step)
            for i, turn in enumerate(self.turns):
                if self.model.concerns(name, turn):
                    out[i][:, k] = (self.one(i, up) - self.one(i, down)) / 2e-4
        return out


def fit_turns(model: Model, turns: list[Turn], guess: dict[str, float], noise: str) -> Fitted:
    """Fit all scans, then again with the weights that the residuals give."""
    rows, count = sum(len(t.reading) for t in turns), len(model.names)
    check_rows(rows, count)
    x = np.array([guess[n] for n in model.names])
    problem = Problem(model, turns, np.array([_size(n, guess) for n in model.names]))
    sigma = [max(float(np.std(d)), 1e-300) for d in problem.differences(x)]

    def scaled(each: list[np.ndarray]) -> np.ndarray:
        return np.concatenate([d / s for d, s in zip(each, sigma, strict=True)])

    for _ in range(2):
        found = minimise(
            lambda s: scaled(problem.differences(s * problem.unit)),
            x / problem.unit,
            lambda s: scaled(problem.slopes(s * problem.unit)),
            tolerance=1e-10,
            steepness=1e-10,
        )
        x = found.values * problem.unit
        J, r = problem.slopes(x), problem.differences(x)
        # each scan weighs by its own noise, where it leaves any freedom
        share = [int(np.linalg.matrix_rank(one, tol=1e-8 * np.linalg.norm(one))) for one in J]
        sigma = [max(float(np.sqrt(d @ d / max(len(d) - k, 1))), 1e-300) for d, k in zip(r, share, strict=True)]
    inverse = _inverse(scaled(J), model.names)
    phi, middle = [], np.zeros((count, count))
    for one, d, s in zip(J, r, sigma, strict=True):
        own, part = _noise(one / s, d / s, noise)
        phi.append(own)
        middle += part
    covariance = propagated(inverse @ inverse.T, middle) * np.outer(problem.unit, problem.unit)
    free = float(max(rows - count - sum(map(len, phi)), 1))
    return Fitted(x, covariance, phi, free, float(np.sum(scaled(r) ** 2)))


def _noise(J: np.ndarray, r: np.ndarray, noise: str) -> tuple[np.ndarray, np.ndarray]:
    """Noise model phi of one scan and J^T V J, the freedom of the linearised fit allowed for."""
    # one scan does not tell all unknowns: slopes that are rounding are not scaled up to look like information
    factors = factored(J, floor=1.0)
    keep = 1e-9 * factors.S[0] < factors.S
    U, back = factors.U[:, keep], factors.S[keep, None] * factors.Vt[keep] * factors.scale
    if noise == "auto":
        phi, _, middle = autoregressive.model(U, r)
    else:
        phi, middle = np.zeros(0), np.eye(U.shape[1]) * float(r @ r) / max(len(r) - U.shape[1], 1)
    return phi, back.T @ middle @ back


def _size(name: str, guess: dict[str, float]) -> float:
    """Natural size of an unknown, so that all have numbers about one."""
    field = name.rpartition(".")[2]
    if field == "R":
        return max(abs(guess[name]), 1e-300)
    if field in ("zero", "tilt1", "tilt2"):
        return 1.0
    if field in ("rate", "mu0_Meff"):
        return 1e-2 if field == "rate" else 1.0
    return max(max(abs(guess.get(p, 0.0)) for p in ("alpha", "beta", "gamma")), 1e-6)


def _inverse(J: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Pseudo-inverse of the slopes of all scans, which must tell all unknowns."""
    factors = factored(J)
    if dead := idle(factors, names, 1e-9):
        why = f"the scans do not depend on {', '.join(dead)}"
        raise MeasurementError(why, field="unknowns", remedy="Leave them out.")
    if alike := mixed(factors, names, 1e-6):
        why = f"the scans cannot tell apart {', '.join(alike)}"
        raise MeasurementError(why, field="unknowns", remedy="Leave one out or give it.")
    return pseudo_inverse(factors)
