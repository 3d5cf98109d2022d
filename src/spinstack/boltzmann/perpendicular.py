"""Current along z between two reservoirs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import assemble
from spinstack.boltzmann.closure import close, whole
from spinstack.boltzmann.describe import Problem
from spinstack.boltzmann.layer import frame
from spinstack.boltzmann.quadrature import Directions, directions
from spinstack.boltzmann.response import Kernels
from spinstack.boltzmann.solve import problems, refine
from spinstack.stack import Film


class Perpendicular(NamedTuple):
    """resistance (...) [Ohm m^2]: voltage between the reservoirs over current density; spin_current (..., 3) [1]: spin
    current that enters the upper reservoir over the charge current; error (...), directions as in `solve`."""

    resistance: np.ndarray
    spin_current: np.ndarray
    error: np.ndarray
    directions: tuple[int, int]


def perpendicular(film: Film, m: Any = None, rtol: float = 1e-6) -> Perpendicular:
    """Resistance times area between reservoirs that send in electrons of one potential without spin.

    It contains the Sharvin resistance of the reservoirs: that of a film without thickness is 4/C.

    Raises:
        ParameterError: as `solve`.
    """
    found, batch = problems(film, m)
    kernels = Kernels()

    def evaluate(grid: tuple[int, int]) -> np.ndarray:
        d = directions(*grid)
        return np.stack([_flux(p, d, kernels) for p in found])

    def change(old: np.ndarray, new: np.ndarray) -> np.ndarray:
        return np.asarray(np.abs(new - old).max(1) / new[:, 3])

    rows, error, grid = refine(evaluate, change, rtol, any(p.turns for p in found))
    C = np.array([p.C for p in found])
    return Perpendicular(
        (1 / (C * rows[:, 3])).reshape(batch),
        (rows[:, :3] / rows[:, 3:]).reshape((*batch, 3)),
        error.reshape(batch),
        grid,
    )


def _flux(problem: Problem, d: Directions, kernels: Kernels) -> np.ndarray:
    """<k_z h> (4,) at the top per volt on the lower reservoir."""
    segment = problem.segments[0]
    faces = range(2 * len(segment.rates))
    source = np.zeros((1, len(d.mu), 1, 4 * len(faces), 1))
    source[0, :, 0, 3, 0] = d.flux
    passages = [whole(frame(r.axis[None]), [kernels(r, d)]) for r in segment.rates]
    inside = close(passages, assemble([[c] for c in segment.contacts], 1, d, faces), d, source, closed=False)
    return np.asarray(d.flux / 2 @ (inside.leaving_mean[0, :, -4:, 0] - inside.mean[0, :, -4:, 0]))
