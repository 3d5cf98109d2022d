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
    """Least squares of y (rows,) on the columns X (rows, k), with errors for noise that may be correlated.

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
    c = np.linalg.lstsq(A, b, rcond=None)[0]
    plain = np.linalg.inv(A.T @ A)
    rest = b - A @ c
    white = float(rest @ rest) / (n - k)
    if isinstance(noise, str) and noise == "auto":
        phi, variance, middle = series.model(A, b)
    else:
        phi = np.zeros(0) if isinstance(noise, str) else np.asarray(noise, dtype=float)
        Aw, bw = series.whiten(phi, A), series.whiten(phi, b)
        variance = float(np.sum((bw - Aw @ np.linalg.lstsq(Aw, bw, rcond=None)[0]) ** 2)) / (n - k)
        middle = variance * series.projected(phi, A)
    C = plain @ middle @ plain
    inflation = np.sqrt(np.diag(C) / np.maximum(white * np.diag(plain), 1e-300))
    return Solution(
        c / norm,
        C / np.outer(norm, norm),
        y - X @ (c / norm),
        phi,
        float(np.sqrt(variance)),
        float(max(n - k - len(phi), 1)),
        inflation,
    )


def _distinguishable(A: np.ndarray, names: list[str]) -> None:
    _, S, Vt = np.linalg.svd(A, full_matrices=False)
    lost = 1e-8 * S[0] >= S
    if lost.any():
        mixed = [n for n, v in zip(names, np.abs(Vt[lost]).max(0), strict=True) if v > 1e-3]
        raise MeasurementError(
            f"rows: they cannot tell apart {', '.join(mixed)}. Measure more angles, or fit fewer orders or less drift."
        )
