"""Fits of both harmonics of a voltage at once, each weighed by its own scatter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.estimate import Estimate, check_rows
from spinstack.measure.statistics.noise import correlated
from spinstack.measure.statistics.nonlinear import minimise

#: what no model of either harmonic has, as a part of it. Without it terms of second order in the fields of the current,
#: which a first harmonic shows, or the curvature of a second one would tell torques and anisotropy where noise is low,
#: by signals that other effects make as well
MODEL = 3e-4, 1e-3
#: about how large parameters are [T, deg, 1]
SIZES = {
    "damping_like": 1e-3, "field_like_total": 1e-3, "zero": 1.0, "phase_1": 1.0, "phase_2": 1.0, "leakage_x": 1e-3,
    "leakage_y": 1e-3, "effective_magnetization": 0.1, "anisotropy_field": 0.1,
}  # fmt: skip


class Columns(NamedTuple):
    """Orthonormal columns of groups of rows, to be projected out: which rows, and columns (rows of it, p), of each."""

    rows: tuple[np.ndarray, ...]
    basis: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, design: np.ndarray, group: np.ndarray | None = None) -> Columns:
        """Those that span the columns of `design` (rows, p) in every group (default: one)."""
        label = np.zeros(len(design), dtype=int) if group is None else group
        rows = tuple(np.flatnonzero(label == k) for k in range(int(label.max()) + 1))
        return cls(rows, tuple(np.linalg.qr(design[on])[0] for on in rows))

    @property
    def number(self) -> int:
        """How many columns there are."""
        return sum(Q.shape[1] for Q in self.basis)

    def without(self, values: np.ndarray) -> np.ndarray:
        """What is left of values (rows,) or columns (rows, p)."""
        out = np.array(values)
        for on, Q in zip(self.rows, self.basis, strict=True):
            out[on] -= Q @ (Q.T @ out[on])
        return out


def fitted(
    residual: Callable[[np.ndarray, tuple[float, float]], np.ndarray],
    start: np.ndarray,
    scale: np.ndarray,
    measured: tuple[np.ndarray, np.ndarray],
    absorbed: tuple[int, int],
    names: Sequence[str],
    first: int,
) -> Estimate:
    """Least squares of X and Y of two harmonics, in this order before anything else that `residual` returns.

    `residual(values, noise)` is in units of the `noise` of either harmonic; `absorbed` are complex unknowns of each
    that it has projected out, `scale` about how large the parameters are, of which `first` are of the first harmonic.
    Noise is the scatter about the fit, so a harmonic that the model does not follow counts less, and at least MODEL of
    its size. Memory of the noise is that of the second. What is known beforehand has the error that it has, whatever
    the noise.
    """
    rows = measured[0].size
    check_rows(4 * rows, 2 * sum(absorbed) + len(names), names)
    size = [max(float(np.std(v)), 1e-300) for v in measured]
    least = MODEL[0] * size[0], MODEL[1] * size[1]
    left = 2 * rows - 2 * np.array(absorbed) - np.array([first, len(names) - first])
    data = slice(0, 4 * rows)

    def noise_at(z: np.ndarray) -> tuple[float, float]:
        rest = residual(z * scale, (1.0, 1.0))[data].reshape(2, 2 * rows)
        spread = np.sqrt(np.sum(rest**2, axis=1) / left)
        return max(float(spread[0]), least[0]), max(float(spread[1]), least[1])

    x = start / scale
    for _ in range(3):
        noise = noise_at(x)

        def miss(z: np.ndarray, noise: tuple[float, float] = noise) -> np.ndarray:
            return residual(z * scale, noise)

        found = minimise(miss, x)
        if not found.converged:
            raise MeasurementError(f"it did not converge. {found.message}", field="fit")
        x = found.values
    noise = noise_at(x)
    last = residual(x * scale, noise)
    second = last[2 * rows : 4 * rows]
    correlation, factor = correlated(second, len(names))
    # what is below MODEL has no memory, whatever its shape
    factor = factor if noise[1] > least[1] else 1.0
    J = _slopes(lambda z: residual(z * scale, noise), x) / scale
    J[data] /= factor
    covariance = np.linalg.pinv(J.T @ J, hermitian=True, rcond=1e-30)
    freedom = float(left[1])
    square = float(second @ second)
    return Estimate(x * scale, covariance, last, square, freedom, max(1.0, freedom / factor**2), correlation, factor)


def _slopes(function: Callable[[np.ndarray], np.ndarray], at: np.ndarray) -> np.ndarray:
    """Central differences (rows, p)."""
    columns: list[Any] = []
    for i in range(at.size):
        step = np.zeros(at.size)
        step[i] = 1e-4 * max(abs(at[i]), 1e-2)
        columns.append((function(at + step) - function(at - step)) / (2 * step[i]))
    return np.stack(columns, axis=1)
