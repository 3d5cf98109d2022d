"""Least squares of a linear model whose noise may be correlated from row to row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.measure.angles import noise as series
from spinstack.measure.measurement import MeasurementError

NOISE = ("auto", "white")


class Solution(NamedTuple):
    """Coefficients (k,), their covariance (k, k), and what the diagnostics need."""

    coefficients: np.ndarray
    covariance: np.ndarray
    residual: np.ndarray  # (rows,), not whitened, in units of the reading
    phi: np.ndarray  # coefficients of the noise model
    innovation: float  # standard deviation of the innovations, for weight 1
    degrees_of_freedom: float
    inflation: np.ndarray  # standard errors over those that white noise would give


def solve(
    X: np.ndarray, y: np.ndarray, names: list[str], noise: str | np.ndarray = "auto", scale: np.ndarray | None = None
) -> Solution:
    """Generalised least squares of y (rows,) on the columns X (rows, k).

    `noise`: "white"; "auto", an autoregressive model (see :mod:`.noise`); or coefficients phi to keep. `scale`
    (rows,): standard errors of the rows up to a common factor, which the residuals give. Raises
    :class:`MeasurementError` for columns that the rows cannot tell apart.
    """
    if isinstance(noise, str) and noise not in NOISE:
        raise MeasurementError(f"noise: got {noise!r}. Allowed: {', '.join(map(repr, NOISE))}, or coefficients phi.")
    n, k = X.shape
    if n <= k:
        raise MeasurementError(f"rows: got {n} for {k} unknowns ({', '.join(names)}). Needed: at least {k + 1}.")
    s = np.ones(n) if scale is None else scale
    A, b = X / s[:, None], y / s
    norm = np.linalg.norm(A, axis=0)
    dead = [name for name, size in zip(names, norm, strict=True) if not size > 1e-10 * norm.max()]
    if dead:
        raise MeasurementError(f"rows: nothing in them depends on {', '.join(dead)}. Leave that out, or measure more.")
    A = A / norm
    _distinguishable(A, names)
    if not isinstance(noise, str):
        phi = np.asarray(noise, dtype=float)
        c, C, variance = _given(A, b, phi)
    elif noise == "white":
        phi = np.zeros(0)
        c, C, variance = _given(A, b, phi)
    else:
        white = b - A @ np.linalg.lstsq(A, b, rcond=None)[0]
        _, rest = series.slowest(series.choose(white))
        found = series.averaged(series.whiten(rest, A), series.whiten(rest, b))
        c, C, variance = found.coefficients, found.covariance, found.variance
        phi = series.joined(found.rho, rest)
    c0 = np.linalg.lstsq(A, b, rcond=None)[0]
    plain = np.linalg.inv(A.T @ A) * float(np.sum((b - A @ c0) ** 2)) / (n - k)
    inflation = np.sqrt(np.diag(C) / np.maximum(np.diag(plain), 1e-300))
    return Solution(
        c / norm,
        C / np.outer(norm, norm),
        y - X @ (c / norm),
        phi,
        float(np.sqrt(variance)),
        float(max(n - k - len(phi), 1)),
        inflation,
    )


def _given(A: np.ndarray, b: np.ndarray, phi: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, covariance, variance of the innovations for a known shape of the correlation."""
    Aw, bw = series.whiten(phi, A), series.whiten(phi, b)
    q, r = np.linalg.qr(Aw)
    c = np.linalg.solve(r, q.T @ bw)
    rest = bw - Aw @ c
    variance = float(rest @ rest) / (len(b) - A.shape[1])
    inverse = np.linalg.inv(r)
    return c, variance * inverse @ inverse.T, variance


def _distinguishable(A: np.ndarray, names: list[str]) -> None:
    _, S, Vt = np.linalg.svd(A, full_matrices=False)
    lost = 1e-8 * S[0] >= S
    if lost.any():
        mixed = [n for n, v in zip(names, np.abs(Vt[lost]).max(0), strict=True) if v > 1e-3]
        raise MeasurementError(
            f"rows: they cannot tell apart {', '.join(mixed)}. Measure more angles, or fit fewer orders or less drift."
        )
