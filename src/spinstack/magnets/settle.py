"""Where magnets come to rest: the minimum of the energy that is downhill of where they were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from spinstack.magnets.landscape import Landscape, energy, fields, slopes
from spinstack.stack import ParameterError

#: longest step of a magnet [rad]: short beside the width of a valley, so that none is jumped over
LONGEST = 0.05
#: part of the largest field that is rounding
SMALL = 1e-13
#: kick [rad] off a place where the energy is level, but falls to both sides
KICK = 1e-3
#: starts of the search for the lowest energy, and how close two valleys are that are one
_STARTS, _ONE = 64, 1e-6
#: part of the largest energy by which two valleys differ that are as deep as each other
_ALIKE = 1e-9
#: steps after which something is wrong: half a turn takes sixty
MOST = 2000


def frame(m: np.ndarray) -> np.ndarray:
    """Two directions across each m (..., 3), as (..., 2, 3)."""
    least = np.eye(3)[np.argmin(np.abs(m), axis=-1)]
    first = np.cross(m, least)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    return np.stack([first, np.cross(m, first)], -2)


def stiffness(land: Landscape, m: np.ndarray, B: np.ndarray, others: Any = ()) -> tuple[np.ndarray, ...]:
    """Gradient (points, 2 magnets) and Hessian (points, 2 magnets, 2 magnets) of the energy across m, and the frame.

    m: (points, magnets, 3); B: (points, 3); others: (others, 3). Both in J/m^2.
    """
    points, n = m.shape[:2]
    across = frame(m)
    inside = np.moveaxis(m, 0, -1)
    H = np.moveaxis(np.array(fields(land, inside, np.moveaxis(B, 0, -1), others), float), -1, 0)
    M = np.asarray(land.moment, float)
    gradient = -np.einsum("i,pic,piac->pia", M, H, across).reshape(points, 2 * n)
    moved = slopes(land, inside, np.moveaxis(B, 0, -1), others).reshape(points, n, 3, n, 3)
    hessian = -np.einsum("i,piac,picjd,pjbd->piajb", M, across, moved, across)
    # on a sphere a field along m holds it
    radial = np.einsum("i,pic,pic->pi", M, H, m)
    i = np.arange(n)
    for a in range(2):
        hessian[:, i, a, i, a] += radial
    hessian = hessian.reshape(points, 2 * n, 2 * n)
    return gradient, (hessian + np.swapaxes(hessian, 1, 2)) / 2, across


def settled(land: Landscape, m: np.ndarray, B: np.ndarray, others: Any = ()) -> np.ndarray:
    """Directions of least energy (points, magnets, 3) that lie downhill of m (points, magnets, 3) in B (points, 3).

    Newton steps along the curvatures, uphill ones turned round, none longer than a twentieth of a radian: the energy
    falls from step to step. Where it is level along a direction (an easy plane without field) m stays as it is.
    """
    m, radius = m.copy(), np.full(len(m), LONGEST)
    height = _energy(land, m, B, others)
    moving = np.ones(len(m), bool)
    for _ in range(MOST):
        at = np.flatnonzero(moving)
        if not at.size:
            break
        g, H, across = stiffness(land, m[at], B[at], others)
        values, vectors = np.linalg.eigh(H)
        scale = np.maximum(np.abs(values).max(axis=1), np.abs(g).max(axis=1))
        scale = np.where(scale > 0, scale, 1.0)[:, None]
        along = np.einsum("pij,pi->pj", vectors, g)
        along = np.where(np.abs(along) > SMALL * scale, along, 0.0)
        level = np.abs(values) <= SMALL * scale
        step = -along / np.where(level, scale, np.abs(values))
        rest = ~along.any(axis=1)
        # at rest, but not in a valley: to one side of it, always the same
        falls = rest & (values[:, 0] < -SMALL * scale[:, 0])
        step[falls, 0] = KICK
        moving[at[rest & ~falls]] = False
        longest = np.abs(step).max(axis=1)
        step *= np.minimum(1.0, radius[at] / np.where(longest > 0, longest, 1.0))[:, None]
        turn = np.einsum("pij,pj->pi", vectors, step).reshape(len(at), land.size, 2)
        trial = m[at] + np.einsum("pia,piac->pic", turn, across)
        trial /= np.linalg.norm(trial, axis=-1, keepdims=True)
        found = _energy(land, trial, B[at], others)
        # of a step within rounding of the energy the torque alone tells
        better = (found < height[at]) | (np.abs(step).max(axis=1) < 1e-6)
        keep = at[better & moving[at]]
        m[keep], height[keep] = trial[better & moving[at]], found[better & moving[at]]
        radius[at] = np.where(better, np.minimum(2 * radius[at], LONGEST), radius[at] / 4)
        moving[at[radius[at] < 1e-12]] = False
    return m


def followed(
    land: Landscape, start: np.ndarray, B: np.ndarray, others: Any = (), said: Callable[[int], None] = lambda k: None
) -> np.ndarray:
    """Directions (path, points, magnets, 3) along a path of fields B (path, points, 3), each settled from the last.

    said: called before every point of the path with how many are done.
    """
    out, m = np.empty((*B.shape[:2], land.size, 3)), start
    for k, field in enumerate(B):
        said(k)
        out[k] = m = settled(land, m, field, others)
    return out


def lowest(land: Landscape, names: Sequence[str], B: np.ndarray, others: Any = ()) -> np.ndarray:
    """Directions (magnets, 3) of the lowest energy in B (3,).

    Raises ParameterError where two places are as low as each other.
    """
    n = land.size
    rng = np.random.default_rng(7)
    starts = rng.standard_normal((_STARTS, n, 3))
    starts /= np.linalg.norm(starts, axis=-1, keepdims=True)
    field = np.broadcast_to(B, (_STARTS, 3))
    ends = settled(land, starts, field, others)
    heights = np.asarray(energy(land, np.moveaxis(ends, 0, -1), field.T, others))
    best = int(np.argmin(heights))
    alike = heights - heights[best] <= _ALIKE * np.abs(heights).max()
    if land.neel is not None:
        # a Neel vector and its opposite are one
        same = np.sign(np.einsum("pic,ic->pi", ends, ends[best]))
        ends = np.where(np.asarray(land.neel)[:, None] > 0, same[..., None] * ends, ends)
    apart = np.abs(ends - ends[best]).max((1, 2)) > _ONE
    if (alike & apart).any():
        other = ends[np.flatnonzero(alike & apart)[0]]
        words = " or ".join(
            ", ".join(
                f"{name} along ({', '.join(f'{c:.2g}' for c in np.round(v, 6) + 0.0)})"
                for name, v in zip(names, one, strict=True)
            )
            for one in (ends[best], other)
        )
        remedy = "Say where it is, such as m=(0, 0, 1), or begin in a field."
        raise ParameterError(f"where two places are as low as each other: {words}", field="m", remedy=remedy)
    return np.asarray(ends[best])


def _energy(land: Landscape, m: np.ndarray, B: np.ndarray, others: Any) -> np.ndarray:
    return np.asarray(energy(land, np.moveaxis(m, 0, -1), np.moveaxis(B, 0, -1), others), float)
