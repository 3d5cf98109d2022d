"""Fits of both harmonics of a voltage at once, each weighed by its own scatter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.spin_torque.layers import Layers, with_efficiencies
from spinstack.measure.statistics.estimate import Estimate, check_rows
from spinstack.measure.statistics.noise import correlated
from spinstack.measure.statistics.nonlinear import minimise
from spinstack.measure.sweeps.results import Found

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


#: what is found of the magnet beside its effective fields
WORDS = {
    "anisotropy_field": ("T", "anisotropy field less the demagnetising field"),
    "anomalous_hall": ("Ohm", "anomalous Hall resistance: R_xy for m along +z"),
    "effective_magnetization": ("T", "effective magnetisation"),
    "planar_hall": ("Ohm", "planar Hall resistance: R_xy for m at 45 degrees"),
    "thermal": ("Ohm", "anomalous Nernst and spin Seebeck voltage over the peak current, per m_x"),
    "nernst": ("Ohm/T", "ordinary Nernst voltage over the peak current, per field along the current"),
    "zero": ("deg", "angle at which the field is along the current"),
    "phase_1": ("deg", "phase of the first harmonic"),
    "phase_2": ("deg", "phase of the second harmonic"),
}
FIELDS = {
    "damping_like": "damping-like effective field at the peak current",
    "field_like_total": "effective field along z x E, field-like and Oersted together",
}


def numbers(
    fit: Estimate,
    names: Sequence[str],
    given: Sequence[str],
    layers: Layers | None,
    current: float,
    width: float | None,
) -> tuple[dict[str, Found], np.ndarray]:
    """What a fit of parameters `names` found, with the covariance of all; `given`: those that were known before.

    Effective fields and what follows from them by the `layers`, then the parameters of WORDS, then the leakage.
    """
    order = list(names)
    at = [order.index(n) for n in FIELDS]
    fields = {n: (float(fit.values[k]), words) for k, (n, words) in zip(at, FIELDS.items(), strict=True)}
    found, covariance, slopes = with_efficiencies(
        fields, fit.covariance[np.ix_(at, at)], layers, current, width, fit.freedom
    )
    told, own = len(found), [n for n in WORDS if n in order]
    J = np.zeros((told + len(own) + 1, len(order)))
    J[:told, at] = slopes
    for i, name in enumerate(own, told):
        k, (unit, words) = order.index(name), WORDS[name]
        J[i, k] = 1.0
        words = f"{words}, as given and as the fit moved it" if name in given else words
        found[name] = Found(float(fit.values[k]), float(fit.errors[k]), unit, words, fit.freedom)
    leak = [order.index(n) for n in ("leakage_x", "leakage_y")]
    size = float(np.hypot(*fit.values[leak]))
    J[-1, leak] = fit.values[leak] / size if size > 0 else 1.0
    error = float(np.sqrt(J[-1] @ fit.covariance @ J[-1]))
    found["leakage"] = Found(size, error, "1", "size of the first harmonic in the second", fit.freedom)
    whole = J @ fit.covariance @ J.T
    whole[:told, :told] = covariance
    return found, whole
