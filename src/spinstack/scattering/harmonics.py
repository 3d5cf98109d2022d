"""Functions of a direction from their values at some directions: spherical harmonics, least squares, and the error."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinstack.numerics.arrays import array_module

#: directions that a fit cannot tell apart make it worse conditioned than this
_CONDITION = 1e4
#: an error that is rounding
_ROUNDING = 1e-13
#: highest degree that is tried
_DEGREES = 12


class Fit(NamedTuple):
    """Coefficients ((degree + 1)^2, entries) of harmonics up to a degree, and how far left-out directions are off."""

    coefficients: np.ndarray
    degree: int
    error: float

    def __call__(self, m: Any) -> Any:
        """The entries (entries, batch) at directions m (3, batch)."""
        return array_module(m).einsum("ce,cz->ez", self.coefficients, basis(m, self.degree))


def basis(m: Any, degree: int) -> Any:
    """Real harmonics ((degree + 1)^2, batch) of directions m (3, batch): polynomials, with slopes everywhere."""
    xp = array_module(m)
    x, y, z = m
    one, none = xp.ones_like(z), xp.zeros_like(z)
    rows: list[Any] = []
    turns = [(one, none)]  # (x + i y)^n
    for _ in range(degree):
        c, s = turns[-1]
        turns.append((x * c - y * s, x * s + y * c))
    legendre: dict[tuple[int, int], Any] = {}
    for n in range(degree + 1):
        # over sin^n, and normalised as associated Legendre functions are for an equal mean square
        size = np.sqrt(2 * n + 1) * np.prod([np.sqrt((2 * k - 1) / (2 * k)) for k in range(1, n + 1)])
        legendre[n, n] = size * one
        for ell in range(n + 1, degree + 1):
            a = np.sqrt((4 * ell * ell - 1) / (ell * ell - n * n))
            lower = legendre.get((ell - 2, n), none)
            b = np.sqrt(((ell - 1) ** 2 - n * n) / (4 * (ell - 1) ** 2 - 1)) if ell > n + 1 else 0.0
            legendre[ell, n] = a * (z * legendre[ell - 1, n] - b * lower)
    for ell in range(degree + 1):
        rows.append(legendre[ell, 0])
        for n in range(1, ell + 1):
            rows += [np.sqrt(2) * legendre[ell, n] * part for part in turns[n]]
    return xp.stack(rows)


def fit(m: np.ndarray, values: np.ndarray, sizes: np.ndarray) -> Fit:
    """The harmonics that tell left-out directions best, for values (directions, entries) at m (directions, 3).

    sizes (entries,): what the error is relative to. A single direction stands for all.
    """
    if len(m) == 1:
        return Fit(values, 0, 0.0)
    best: Fit | None = None
    for degree in range(_DEGREES + 1):
        Y = basis(m.T, degree).T
        if Y.shape[1] > len(m) or np.linalg.cond(Y) > _CONDITION:
            break
        inverse = np.linalg.pinv(Y)
        coefficients = inverse @ values
        spare = 1 - np.einsum("dc,cd->d", Y, inverse)
        off = np.abs(values - Y @ coefficients) / sizes
        # without a direction the rest would be off by this at it
        error = float((off / np.maximum(spare, 1e-12)[:, None]).max()) if spare.min() > 1e-9 else np.inf
        if best is None or error < best.error:
            best = Fit(coefficients, degree, error)
        if best.error < _ROUNDING:
            break
    assert best is not None
    return best
