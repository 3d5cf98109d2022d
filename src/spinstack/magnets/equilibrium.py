"""Where the magnets of a film are: in a field, along a path of fields, and while a current flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinstack.magnets.landscape import energy
from spinstack.magnets.model import MagneticModel
from spinstack.magnets.motion import Mechanics, mechanics, rates
from spinstack.magnets.settle import followed, frame, settled
from spinstack.stack import ParameterError
from spinstack.stack.directions import unit_vector, vector
from spinstack.text import arrays

if TYPE_CHECKING:
    import xarray

#: starts of the search for the lowest energy, and how close two valleys are that are one
_STARTS, _ONE = 64, 1e-6
#: part of the largest energy by which two valleys differ that are as deep as each other
_ALIKE = 1e-9
#: change of the current in one step of a continuation, over the largest field that it may make [of the smallest field]
_NEWTON, _CLOSE = 30, 1e-13


class Rest(NamedTuple):
    """Places at rest: directions (points, magnets, 3), and the eigenvalues (points, 2 magnets) [1/s] of what is near."""

    m: np.ndarray
    rates: np.ndarray


def start_of(model: MagneticModel, m: Any, B: np.ndarray) -> np.ndarray:
    """Directions (magnets, 3) from what the user gave, or of the lowest energy in B (3,).

    Raises ParameterError where two places are as low as each other.
    """
    if m is not None:
        given = m if isinstance(m, dict) else dict.fromkeys(model.names, m)
        if missing := [name for name in model.names if name not in given]:
            raise ParameterError(f"no direction for {missing[0]}", field="m", got=m)
        if unknown := [name for name in given if name not in model.names]:
            raise ParameterError("which does not move", field="m", got=unknown[0], allowed=", ".join(model.names))
        found = [unit_vector(given[name], f"m[{name!r}]") for name in model.names]
        if any(one.ndim != 1 for one in found):
            raise ParameterError("which are several", field="m", got=m, allowed="one direction a magnet")
        return np.array(found)
    land, n = model.landscape, len(model.names)
    rng = np.random.default_rng(7)
    starts = rng.standard_normal((_STARTS, n, 3))
    starts /= np.linalg.norm(starts, axis=-1, keepdims=True)
    field = np.broadcast_to(B, (_STARTS, 3))
    ends = settled(land, starts, field, model.held)
    heights = np.asarray(energy(land, np.moveaxis(ends, 0, -1), field.T, model.held))
    best = int(np.argmin(heights))
    alike = heights - heights[best] <= _ALIKE * np.abs(heights).max()
    apart = np.abs(ends - ends[best]).max((1, 2)) > _ONE
    if (alike & apart).any():
        other = ends[np.flatnonzero(alike & apart)[0]]
        words = " or ".join(
            ", ".join(f"{name} along ({', '.join(f'{c:.2g}' for c in v + 0.0)})" for name, v in zip(model.names, one, strict=True))
            for one in (ends[best], other)
        )
        remedy = "Say where it is, such as m=(0, 0, 1), or begin in a field."
        raise ParameterError(f"where two places are as low as each other: {words}", field="m", remedy=remedy)
    return np.asarray(ends[best])


def linear(on: Mechanics, degree: int, m: np.ndarray, B: np.ndarray, K: Any) -> tuple[np.ndarray, np.ndarray]:
    """dm/dt across m (points, 2 magnets) [1/s] and its derivatives across m (points, 2 magnets, 2 magnets).

    m (points, magnets, 3); B (points, 3); exact, by complex steps.
    """
    points, n = m.shape[:2]
    across = frame(m)
    inside, field = np.moveaxis(m, 0, -1), B.T
    found = np.array(rates(on, degree, inside, field, K), float)
    value = np.einsum("icp,piac->pia", found, across).reshape(points, 2 * n)
    J = np.empty((points, 2 * n, 2 * n))
    for j in range(2 * n):
        moved = inside.astype(complex)
        moved[j // 2] += 1j * 1e-30 * across[:, j // 2, j % 2].T
        change = np.array(rates(on, degree, moved, field, K)).imag / 1e-30
        J[:, :, j] = np.einsum("icp,piac->pia", change, across).reshape(points, 2 * n)
    # a rate along m would turn the frame; at rest there is none
    return value, J


def at_rest(on: Mechanics, degree: int, m: np.ndarray, B: np.ndarray, K: Any) -> tuple[np.ndarray, np.ndarray]:
    """The place at rest near m (points, magnets, 3) by Newton's method, and whether there is one within 0.3 rad."""
    first, found = m, m.copy()
    still = np.zeros(len(m), bool)
    for _ in range(_NEWTON):
        value, J = linear(on, degree, found, B, K)
        scale = np.abs(J).max((1, 2))
        step = -np.linalg.solve(J, value[..., None])[..., 0]
        size = np.abs(step).max(1)
        still = np.isfinite(size) & (size < 1e-11) & (scale > 0)
        if still.all():
            break
        step *= np.minimum(1.0, 0.05 / np.where(size > 0, size, 1.0))[:, None]
        turn = np.einsum("pia,piac->pic", np.nan_to_num(step).reshape(*found.shape[:2], 2), frame(found))
        found = found + turn
        found /= np.linalg.norm(found, axis=-1, keepdims=True)
    near = np.sum(found * first, -1).min(-1) > np.cos(0.3)
    return found, still & near
