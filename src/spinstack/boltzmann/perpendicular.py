"""Current along z between two reservoirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import assemble
from spinstack.boltzmann.closure import close, whole
from spinstack.boltzmann.describe import Problem
from spinstack.boltzmann.layer import frame
from spinstack.boltzmann.quadrature import Directions
from spinstack.boltzmann.response import Driven, Kernels, absorbed, constants, face_currents, sheets, shifts
from spinstack.boltzmann.solve import problems, refine, relative_change
from spinstack.numerics.threads import small_matrices
from spinstack.stack import Film


class Perpendicular(NamedTuple):
    """What a current along z does, per current density.

    resistance (...) [Ohm m^2]: voltage between the reservoirs; spin_current (..., 3) [1]: that enters the upper
    reservoir; torque (..., magnets, 3) [1]: spin current that ends in each magnetisation, bottom first; sheets (...,
    elements, 2) [m]: in-plane sheet current of every element; error (...), directions as in `solve`.
    """

    resistance: np.ndarray
    spin_current: np.ndarray
    torque: np.ndarray
    sheets: np.ndarray
    error: np.ndarray
    directions: tuple[int, int]


class _Row(NamedTuple):
    """Per volt between the reservoirs of one film, over C: <k_z h> (4,) at the top, torques, sheet currents [m]."""

    flux: np.ndarray
    torque: np.ndarray
    sheet: np.ndarray


@small_matrices
def perpendicular(film: Film, m: object = None, rtol: float = 1e-6, asked: str = "resistance") -> Perpendicular:
    """A film between reservoirs that send in electrons of one potential without spin.

    Its resistance contains the Sharvin resistance of the reservoirs: that of a film without thickness is 4/C.
    `asked`: what has to be as accurate as `rtol`: "resistance" (with the spin current), "torque" or "sheets".

    Raises:
        ParameterError: as `solve`.
    """
    found, batch = problems(film, m)
    kernels = Kernels()

    def evaluate(grid: tuple[int, int]) -> list[_Row]:
        return [_row(p, p.directions(grid), kernels) for p in found]

    def change(old: list[_Row], new: list[_Row]) -> np.ndarray:
        moved = np.array([np.abs(b.flux - a.flux).max() / b.flux[3] for a, b in zip(old, new, strict=True)])
        if asked == "resistance":
            return moved
        name = "torque" if asked == "torque" else "sheet"
        a, b = (np.stack([getattr(r, name) / r.flux[3] for r in rows]) for rows in (old, new))
        natural = 1.0 if asked == "torque" else np.array([max(r.path for r in p.segments[0].rates) for p in found])
        return np.maximum(moved, relative_change(a, b, natural))

    rows, error, grid = refine(evaluate, change, rtol, any(p.turns for p in found), any(p.resolved for p in found))
    C = np.array([p.C for p in found])
    through = np.array([row.flux[3] for row in rows])

    def stacked(name: str) -> np.ndarray:
        values = np.stack([getattr(row, name) / row.flux[3] for row in rows])
        return values.reshape((*batch, *values.shape[1:]))

    return Perpendicular(
        (1 / (C * through)).reshape(batch),
        stacked("flux")[..., :3],
        stacked("torque"),
        stacked("sheet"),
        error.reshape(batch),
        grid,
    )


def _row(problem: Problem, d: Directions, kernels: Kernels) -> _Row:
    driven = crossed([problem], d, kernels)
    segment = driven.segments[0]
    torque, sheet = np.zeros((1, len(problem.m), 3, 1)), np.zeros((problem.elements, 2))
    absorbed(driven, [problem.C], torque, np.zeros((1, 3, 1)))
    sheet[segment.elements] = sheets(driven)[0, ..., 0]
    return _Row(face_currents(driven)[0, -1, :, 0], torque[0, ..., 0], sheet)


#: h (2, 4, columns) that reservoirs send in from below and above: half a volt and minus half a volt
_VOLTAGE = np.array([[0, 0, 0, 0.5], [0, 0, 0, -0.5]])[:, :, None]


def crossed(problems: Sequence[Problem], d: Directions, kernels: Kernels, sent: np.ndarray = _VOLTAGE) -> Driven:
    """Films of one structure between reservoirs that send in h (2, 4, columns) from below and from above.

    Of a voltage no common potential of both is left over, which a barrier with spin-orbit coupling would share between
    magnetisation and lattice.
    """
    columns = sent.shape[-1]
    segments = [p.segments[0] for p in problems]
    batch, layers = len(segments), len(segments[0].rates)
    rates = [[s.rates[n] for s in segments] for n in range(layers)]
    solved = [[kernels(r, d) for r in each] for each in rates]
    axes = [frame(np.array([r.axis for r in each])) for each in rates]
    deep = [shifts(each, d) for each in rates]
    source, constant = np.zeros((batch, len(d.mu), 1, 2 * layers, 4, columns)), constants(deep)
    for face, h in zip((0, -1), sent, strict=True):
        if constant is not None:
            h = constant.reshape(-1, len(d.mu), 2 * layers, 4, 4)[:, :, face] @ h
        source[:, :, 0, face] = d.flux[:, None, None] * h
    contacts = [[s.contacts[n] for s in segments] for n in range(layers - 1)]
    faces = assemble(contacts, batch, d, range(2 * layers))
    passages = [whole(a, k, d) for a, k in zip(axes, solved, strict=True)]
    inside = close(passages, faces, d, source.reshape(*source.shape[:3], -1, columns), closed=False, moving=constant)
    azimuths = (len(d.phi),) if inside.resolved.shape[2] == 1 else ()

    def by_face(values: np.ndarray) -> np.ndarray:
        return values.reshape(*values.shape[:-2], 2 * layers, 4, columns)

    def every(values: np.ndarray) -> np.ndarray:
        values = by_face(values)
        return np.repeat(values, azimuths[0], 2) if azimuths else values

    into, out = every(inside.resolved), every(inside.leaving)
    none = np.zeros_like(into)
    return Driven(
        segments, axes, solved, deep, d, faces, into, out, by_face(inside.mean),
        by_face(inside.leaving_mean), none, none, in_plane=False,
    )  # fmt: skip
