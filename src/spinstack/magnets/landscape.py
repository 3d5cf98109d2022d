"""Energy of magnets and the field that it makes, at directions m (magnets, 3, ...).

Components are unrolled, so that one formula serves NumPy, complex steps and JAX. Derivation:
docs/methods/moving_magnets.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinstack.numerics.nothing import NOTHING


class Landscape(NamedTuple):
    """What holds magnets, one entry a magnet.

    moment: M_s t [A], of an area; bias: fields (3) [T]; quadratic: symmetric matrices Q (3, 3) [T] of the energy
    ``-m.Q.m/2`` per moment; cubic: field [T], or None where no magnet has one, and axes (3, 3), rows; bilinear,
    biquadratic: exchange with other magnets (magnets, magnets) [J/m^2], symmetric, with others that do not move as
    further columns; None where there is none; neel: 1 of a Neel vector, whose field is -B (B.m) instead of B, with
    all strengths in T^2 and a moment that is a susceptibility; None where there is none.
    """

    moment: Any
    bias: Any
    quadratic: Any
    cubic: Any
    axes: Any
    bilinear: Any
    biquadratic: Any
    neel: Any = None

    @property
    def size(self) -> int:
        """How many magnets move."""
        return len(self.moment)


def fields(land: Landscape, m: Any, B: Any, others: Any = ()) -> list[list[Any]]:
    """Fields [T] by magnet and component, -dE/dm over the moment, at m (magnets, 3, ...) in B (3, ...).

    others: directions (others, 3) of magnets that do not move.
    """
    all_m = [*m, *others]
    out = []
    for i in range(land.size):
        x = m[i]
        H = B if land.neel is None else _on_neel(land.neel[i], B, x)
        total = [
            H[k] + land.bias[i][k] + sum((land.quadratic[i][k][j] * x[j] for j in range(3)), NOTHING) for k in range(3)
        ]
        if land.cubic is not None:
            total = _plus(total, _cubic(land.cubic[i], land.axes[i], x))
        for j, y in enumerate(all_m if land.bilinear is not None else ()):
            if j != i:
                dot = x[0] * y[0] + x[1] * y[1] + x[2] * y[2]
                strength = (land.bilinear[i][j] + 2 * land.biquadratic[i][j] * dot) / land.moment[i]
                total = _plus(total, [strength * c for c in y])
        out.append(total)
    return out


def energy(land: Landscape, m: Any, B: Any, others: Any = ()) -> Any:
    """Energy per area [J/m^2] at m (magnets, 3, ...) in B (3, ...)."""
    all_m = [*m, *others]
    total = 0.0
    for i in range(land.size):
        x = m[i]
        neel = 0.0 if land.neel is None else land.neel[i]
        across = _along(B, x)
        own = neel * across * across / 2 - (1 - neel) * across - sum(x[k] * land.bias[i][k] for k in range(3))
        own = own - sum(land.quadratic[i][k][j] * x[k] * x[j] for k in range(3) for j in range(3)) / 2
        if land.cubic is not None:
            a, b, c = (_along(axis, x) ** 2 for axis in land.axes[i])
            own = own + land.cubic[i] * (a * b + b * c + c * a) / 2
        total = total + land.moment[i] * own
        for j in range(i + 1, len(all_m)) if land.bilinear is not None else ():
            dot = sum(x[k] * all_m[j][k] for k in range(3))
            total = total - land.bilinear[i][j] * dot - land.biquadratic[i][j] * dot**2
    return total


def _on_neel(neel: Any, B: Any, x: Any) -> list[Any]:
    """B on a magnet, -B (B.m) on a Neel vector, which lies across it."""
    strength = 1 - neel - neel * _along(B, x)
    return [strength * b for b in B]


def _plus(a: list[Any], b: list[Any]) -> list[Any]:
    return [p + q for p, q in zip(a, b, strict=True)]


def _along(axis: Any, x: Any) -> Any:
    return axis[0] * x[0] + axis[1] * x[1] + axis[2] * x[2]


def _cubic(strength: Any, axes: Any, x: Any) -> list[Any]:
    parts = [_along(axis, x) for axis in axes]
    squares = [p * p for p in parts]
    all_squares = squares[0] + squares[1] + squares[2]
    pulls = [-strength * p * (all_squares - s) for p, s in zip(parts, squares, strict=True)]
    return [sum((pull * axis[k] for pull, axis in zip(pulls, axes, strict=True)), NOTHING) for k in range(3)]


def slopes(land: Landscape, m: np.ndarray, B: np.ndarray, others: Any = ()) -> np.ndarray:
    """Derivatives (..., 3 magnets, 3 magnets) of the fields by m, at m (magnets, 3, ...) in B (3, ...).

    Exact, by complex steps.
    """
    n, batch = land.size, m.shape[2:]
    out = np.empty((*batch, 3 * n, 3 * n))
    step = 1e-30
    for j in range(3 * n):
        moved = m.astype(complex)
        moved[j // 3, j % 3] += 1j * step
        found = np.array(fields(land, moved, B, others), complex).reshape(3 * n, *batch)
        out[..., :, j] = np.moveaxis(found.imag / step, 0, -1)
    return out
