"""A film between reservoirs that hold spin as well as charge."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinstack.boltzmann.describe import Problem
from spinstack.boltzmann.perpendicular import crossed
from spinstack.boltzmann.quadrature import Directions
from spinstack.boltzmann.response import Kernels, absorbed, face_currents
from spinstack.boltzmann.solve import check_tolerance, problems, refine
from spinstack.numerics.threads import small_matrices
from spinstack.stack import Film
from spinstack.text.errors import ParameterError

#: h = (mu_s/2, mu_c) of unit potentials mu_s (x, y, z) and mu_c in the lower and in the upper reservoir
_UNIT = np.diag([0.5, 0.5, 0.5, 1.0] * 2).reshape(2, 4, 8)


class Reservoirs(NamedTuple):
    """Currents and torques per potential of two reservoirs; columns mu_s (x, y, z) and mu_c [V] below, then above.

    conductance (..., 8, 8) [S/m^2]: spin currents (x, y, z) and charge current along +z at the lower face, then at the
    upper one, as :attr:`spinstack.scattering.Tensors.conductance` of an interface; torque (..., magnets, 3, 8)
    [S/m^2]: spin current that ends in each magnetisation, bottom first; lattice (..., 3, 8): in the lattice; error
    (...): estimated, relative to the largest entry of the conductance; directions as in `solve`.
    """

    conductance: np.ndarray
    torque: np.ndarray
    lattice: np.ndarray
    error: np.ndarray
    directions: tuple[int, int]


@small_matrices
def reservoirs(film: Film, m: Any = None, rtol: float = 1e-6) -> Reservoirs:
    """The response of a film to electrons that reservoirs send in isotropically, of any potential and spin.

    Leads that are magnets, or inject or absorb spin, are such reservoirs: what they hold on their side follows from
    these currents and their own law. The Sharvin resistance of both faces is contained (docs/methods/boltzmann.md,
    "Reservoirs with spin"); without it the potentials are those of :func:`perpendicular`.

    Args:
        film: layers and interfaces in contact from bottom to top; array-valued parameters make a batch.
        m: direction (..., 3) of all magnets, or a mapping from magnet name to direction.
        rtol: asked accuracy, relative to the largest entry.

    Raises:
        ParameterError: as `solve`; for a film through which no current can flow.
    """
    check_tolerance(rtol)
    found, batch = problems(film, m)
    first = found[0]
    if len(first.segments) != 1 or any(i >= 0 for i in first.segments[0].end_elements):
        allowed = "layers and interfaces alone, in contact from bottom to top"
        raise ParameterError("through which no current flows", field="film", got=film, allowed=allowed)
    kernels = Kernels()

    def evaluate(grid: tuple[int, int]) -> list[tuple[np.ndarray, ...]]:
        return [_response(p, p.directions(grid), kernels) for p in found]

    def change(old: list[tuple[np.ndarray, ...]], new: list[tuple[np.ndarray, ...]]) -> np.ndarray:
        return np.array([np.abs(b[0] - a[0]).max() / np.abs(b[0]).max() for a, b in zip(old, new, strict=True)])

    rows, error, grid = refine(evaluate, change, rtol, any(p.turns for p in found), any(p.resolved for p in found))
    G, torque, lattice = (np.stack([row[k] for row in rows]) for k in range(3))
    return Reservoirs(
        G.reshape(*batch, 8, 8),
        torque.reshape(*batch, *torque.shape[1:]),
        lattice.reshape(*batch, 3, 8),
        error.reshape(batch),
        grid,
    )


def _response(problem: Problem, d: Directions, kernels: Kernels) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    driven = crossed([problem], d, kernels, _UNIT)
    torque, lattice = np.zeros((1, len(problem.m), 3, 8)), np.zeros((1, 3, 8))
    absorbed(driven, [problem.C], torque, lattice)
    current = face_currents(driven)[0][[0, -1]].reshape(8, 8)
    return problem.C * current, problem.C * torque[0], problem.C * lattice[0]
