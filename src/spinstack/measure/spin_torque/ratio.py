"""One ratio of torques from the symmetric and antisymmetric parts of many resonance spectra, both uncertain."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.estimate import central_slopes
from spinstack.measure.statistics.linear import factored, pseudo_inverse
from spinstack.measure.statistics.nonlinear import minimise


def frequencies(every: Iterable[float]) -> list[float]:
    """Frequencies [Hz] that are there, those within 0.3 % as one."""
    out: list[float] = []
    for f in sorted(every):
        if not out or f > 1.003 * out[-1]:
            out.append(float(f))
    return out


class Ratio(NamedTuple):
    """B_DL over the field-like field, and those of spins along z: values, covariance, where chi-square rises by 1."""

    values: np.ndarray
    covariance: np.ndarray
    low: float
    high: float
    chi2: float
    freedom: float


def ratio_of(
    angle: np.ndarray, f: np.ndarray, SA: np.ndarray, C: np.ndarray, Meff: float, B0: np.ndarray, perpendicular: bool
) -> Ratio:
    """One ratio for all spectra at `angle` [deg] and `f` [Hz], from S and A (of one after the other) with covariance.

    S = s u (q cos + z_f), A = k u (cos - z_a): torques a cos + f_z and -f cos + a_z times the peaks; u is free for
    every spectrum, or for every frequency where the angle tells the rest.
    """
    n = f.size
    weigh = np.sqrt(1 + Meff / B0)
    if perpendicular:
        turn = np.deg2rad(angle)
        common = np.sin(2 * turn)
        apart = np.array(frequencies(f))
        own = np.argmin(np.abs(f[:, None] - apart), axis=1)
        basis = np.zeros((n, apart.size))
        basis[np.arange(n), own] = common
        cos = np.cos(turn)
    else:
        basis, cos = np.eye(n), np.ones(n)
    L = np.linalg.cholesky(C + 1e-30 * np.trace(C) * np.eye(2 * n))

    def design(q: np.ndarray) -> np.ndarray:
        out = np.zeros((2 * n, basis.shape[1]))
        out[::2] = basis * (q[0] * cos + (q[1] if perpendicular else 0.0))[:, None]
        out[1::2] = basis * (weigh * (cos - (q[2] if perpendicular else 0.0)))[:, None]
        return np.linalg.solve(L, out)

    target = np.linalg.solve(L, SA)

    def rest(q: np.ndarray) -> np.ndarray:
        Q = np.linalg.qr(design(q))[0]
        return np.asarray(target - Q @ (Q.T @ target))

    errors = np.sqrt(np.diag(C))
    if np.all(np.abs(SA[1::2]) < 3 * errors[1::2]):
        why = "whose antisymmetric part is nothing but noise in all spectra"
        remedy = "The phase of the lock-in may be off: turn it by the step rotate_phase."
        raise MeasurementError(why, field="reading", remedy=remedy)
    strong = int(np.argmax(np.abs(SA[1::2]) / errors[1::2]))
    start = np.zeros(3 if perpendicular else 1)
    start[0] = SA[2 * strong] * weigh[strong] / SA[2 * strong + 1]
    done = minimise(rest, start)
    if not done.converged or done.covariance is None:
        raise MeasurementError(f"its ratios did not converge. {done.message}", field="fit")
    q, spread = done.values, np.sqrt(np.diag(done.covariance))
    least = float(done.residual @ done.residual)
    freedom = float(2 * n - basis.shape[1] - q.size)
    low, high = (_end(rest, q, spread, side, least, perpendicular) for side in (-1, 1))
    return Ratio(q, done.covariance, low, high, least, freedom)


def fields_of(
    angle: np.ndarray, peaks: tuple[np.ndarray, np.ndarray], voltage: float, SA: np.ndarray, C: np.ndarray,
    perpendicular: bool,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """B_DL and the field-like and Oersted field together [T], with covariance, where the signal is known in volts.

    `voltage`: half of the current times R_x - R_y [V]; `peaks` of the response per torque [1/T] (spectra,) of S and A.
    Where spins along z are looked for they have two columns of their own, which are not returned.
    """
    turn = np.deg2rad(angle)
    size, cos = -voltage * np.sin(2 * turn), np.cos(turn)
    design = np.zeros((2 * angle.size, 4))
    design[::2, 0], design[::2, 2] = size * peaks[0] * cos, size * peaks[0]
    design[1::2, 1], design[1::2, 3] = -size * peaks[1] * cos, size * peaks[1]
    L = np.linalg.cholesky(C + 1e-30 * np.trace(C) * np.eye(2 * angle.size))
    K = pseudo_inverse(factored(np.linalg.solve(L, design[:, : 4 if perpendicular else 2])))
    return (K @ np.linalg.solve(L, SA))[:2], (K @ K.T)[:2, :2]


def _end(rest: Any, q: np.ndarray, spread: np.ndarray, side: int, least: float, perpendicular: bool) -> float:
    """Where chi-square, least over the others, has risen by 1; nan where it does not within 50 errors."""
    from scipy.optimize import brentq

    def rise(step: float) -> float:
        at = float(q[0]) + side * step * float(spread[0])
        if perpendicular:
            inner = minimise(lambda other: rest(np.array([at, *other])), q[1:])
            return float(inner.residual @ inner.residual) - least - 1
        return float(np.sum(rest(np.array([at])) ** 2)) - least - 1

    far = next((step for step in (1.5, 3.0, 10.0, 50.0) if rise(step) > 0), None)
    return np.nan if far is None else float(q[0]) + side * float(brentq(rise, 0.0, far)) * float(spread[0])


def with_ratio(
    ratio: Ratio, again: Callable[[np.ndarray, float], Ratio], SA: np.ndarray, follow: np.ndarray, x: np.ndarray,
    C: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Covariance of the nonlinear parameters x, whose own is C (3, 3), and of the ratios, which follow from them.

    `again` finds the ratios from S and A and the effective magnetisation; `follow` says how S and A go with x.
    """

    def best(y: np.ndarray) -> np.ndarray:
        return again(SA + follow @ (y - x), float(y[0])).values

    across = central_slopes(best, x, np.sqrt(np.diag(C))) @ C
    return np.block([[C, across.T], [across, ratio.covariance]])
