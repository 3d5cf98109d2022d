"""One film, one direction of its magnets, one set of directions: everything that in-plane fields drive."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import Boundaries, assemble, flux_average
from spinstack.boltzmann.closure import Entering, close, film_map
from spinstack.boltzmann.describe import Problem, Segment
from spinstack.boltzmann.layer import Kernel, kernel
from spinstack.boltzmann.quadrature import Directions
from spinstack.boltzmann.rates import Rates


class Kernels:
    """Layer matrices by rates and number of directions: they do not depend on where m points."""

    def __init__(self) -> None:
        self._known: dict[tuple[float, ...], Kernel] = {}

    def __call__(self, rates: Rates, d: Directions) -> Kernel:
        key = (float(len(d.mu)), *rates.key)
        if key not in self._known:
            self._known[key] = kernel(rates, d)
        return self._known[key]


class Driven(NamedTuple):
    """A solved segment: bulk answers and deviations. incoming, outgoing (N, M, F, 4, 2) of the bulk, not normalised."""

    segment: Segment
    kernels: list[Kernel]
    d: Directions
    faces: Boundaries
    incoming: np.ndarray
    outgoing: np.ndarray
    entering: Entering


class Raw(NamedTuple):
    """Linear response of one film; last axis the field along x, y.

    sheet (elements, 2, 2) [S]: sheet current of every element of the film; torque (magnets, 3, 2), lattice (3, 2)
    [S/m]: spin current into each magnetisation and into the lattice; residual (): largest violation of the balance of
    charge and spin relative to the currents; potential, current (faces, 4, 2): <h> [m] and z-currents [S/m] at the
    faces of all layers, components x, y, z, c; path [m]: the longest mean free path; constant: C [S/m^2].
    """

    sheet: np.ndarray
    torque: np.ndarray
    lattice: np.ndarray
    residual: float
    potential: np.ndarray
    current: np.ndarray
    path: float
    constant: float


def bulk(segment: Segment, d: Directions) -> tuple[np.ndarray, np.ndarray]:
    """h deep in every layer, (N, M, F, 4, 2), of electrons that enter and that leave each face [m]."""
    N, M, F = len(d.mu), len(d.phi), 2 * len(segment.rates)
    entering = np.zeros((N, M, F, 4, 2))
    leaving = np.zeros_like(entering)
    for n, r in enumerate(segment.rates):
        path = np.concatenate([r.axis * (1 / r.up - 1 / r.down) / 2, [r.path]])
        along = path[:, None] * (d.inplane @ r.velocity)[:, :, None]
        across = np.zeros((4, 2))
        across[:3] = r.path * (r.source + r.splitter)
        upwards = d.mu[:, None, None, None] * across
        for face, sign in ((2 * n, 1), (2 * n + 1, -1)):
            entering[:, :, face] = along + sign * upwards
            leaving[:, :, face] = along - sign * upwards
    return entering, leaving


def reversed_bulk(segment: Segment, d: Directions) -> tuple[np.ndarray, np.ndarray]:
    """The weights of the in-plane current: the bulk answer of the time-reversed film, as `bulk`."""
    mirrored = [r._replace(source=-r.source) for r in segment.rates]
    return bulk(segment._replace(rates=mirrored), d)


def drive(problem: Problem, index: int, d: Directions, specularity: tuple[float, float], kernels: Kernels) -> Driven:
    """Solve one segment under both in-plane fields."""
    segment = problem.segments[index]
    solved = [kernels(r, d) for r in segment.rates]
    keeps = tuple(np.eye(4) if end is None else end.reflected(problem.C) for end in segment.ends)
    faces = assemble(segment.contacts, specularity, d, (keeps[0], keeps[1]))
    entering, leaving = bulk(segment, d)
    N, M, F = entering.shape[:3]
    scattered = np.matmul(faces.specular.reshape(N, -1, 4 * F, 4 * F), leaving.reshape(N, M, 4 * F, 2)).reshape(
        entering.shape
    )
    diffuse = np.tensordot(faces.diffuse, flux_average(d, leaving), ((2, 3), (0, 1)))
    source = d.flux[:, None, None, None, None] * (scattered - entering + diffuse)
    inside = close(film_map(segment.rates, solved, d), faces, d, source, closed=True)
    return Driven(segment, solved, d, faces, entering, leaving, inside)


def respond(problem: Problem, d: Directions, specularity: tuple[float, float], kernels: Kernels) -> Raw:
    """Sheet conductance, torques and face values of a film."""
    sheet = np.zeros((problem.elements, 2, 2))
    torque = np.zeros((problem.magnets, 3, 2))
    lattice = np.zeros((3, 2))
    potentials, currents = [], []
    worst = 0.0
    size = path = max(r.path for s in problem.segments for r in s.rates)
    for index, segment in enumerate(problem.segments):
        driven = drive(problem, index, d, specularity, kernels)
        sheet[segment.elements] = _sheets(driven)
        potential, current = face_values(driven)
        potentials.append(potential)
        currents.append(current)
        size = max(size, float(np.abs(current).max()))
        left = [*current[:, 3]]
        for end, out in zip(segment.ends, (-current[0, :3], current[-1, :3]), strict=True):
            if end is None:
                left.append(out)
                continue
            into_m, into_sink = end.split(problem.C * out)
            torque[end.magnet] += into_m / problem.C
            lattice += into_sink / problem.C
        for n, r in enumerate(segment.rates):
            into_m, into_lattice = _relaxed(r, current[2 * n, :3] - current[2 * n + 1, :3])
            if segment.layer_magnet[n] >= 0:
                torque[segment.layer_magnet[n]] += into_m
            lattice += into_lattice
        for n, magnet in enumerate(segment.contact_magnet):
            into_m, into_lattice = _at_contact(driven, n)
            if magnet >= 0:
                torque[magnet] += into_m
            lattice += into_lattice
            left.append((current[2 * n + 1] - current[2 * n + 2])[:3] - into_m - into_lattice)
        worst = max(worst, *(float(np.abs(v).max()) for v in left))
    C = problem.C
    potential, current = np.concatenate(potentials), np.concatenate(currents)
    return Raw(C * sheet, C * torque, C * lattice, worst / size, potential, C * current, path, C)


def _sheets(driven: Driven) -> np.ndarray:
    """In-plane sheet current of every layer over C (layers, 2, 2), row: its direction."""
    d = driven.d
    rates = driven.segment.rates
    entering, leaving = reversed_bulk(driven.segment, d)
    weight = d.flux / (2 * len(d.phi))
    change = np.einsum("i,ipfaj,ipfak->fjk", weight, entering, _full(driven.entering.resolved, d), optimize=True)
    change = change - np.einsum("i,ipfaj,ipfak->fjk", weight, leaving, _full(driven.entering.leaving, d), optimize=True)
    infinite = np.array([r.thickness * r.path / 3 for r in rates])[:, None, None] * np.eye(2)
    return np.asarray(infinite + change[::2] + change[1::2])


def _full(values: np.ndarray, d: Directions) -> np.ndarray:
    return np.broadcast_to(values, (len(d.mu), len(d.phi), *values.shape[2:]))


def face_values(driven: Driven) -> tuple[np.ndarray, np.ndarray]:
    """<h> and <k_z h> (F, 4, 2) at every face."""
    d, inside = driven.d, driven.entering
    density = np.tensordot(d.weight / d.flux / 2, inside.mean + inside.leaving_mean, 1)
    flux = np.tensordot(d.flux / 2, inside.mean - inside.leaving_mean, 1)
    flux[1::2] *= -1
    for n, r in enumerate(driven.segment.rates):
        flux[2 * n : 2 * n + 2, :3] += r.path / 3 * (r.source + r.splitter)
    return density, flux


def _relaxed(r: Rates, lost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The loss (3, 2) of spin current in a layer, split into magnetisation and lattice: rates add up to the loss."""
    along = np.outer(r.axis, r.axis @ lost)
    across = lost - along
    total = r.across - r.across_in - 1j * r.precession
    if total == 0:
        return np.zeros_like(lost), lost
    share = 2 * r.flip / total
    to_lattice = share.real * across + share.imag * np.cross(r.axis, across, axisb=0, axisc=0)
    return across - to_lattice, along + to_lattice


def _at_contact(driven: Driven, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Spin current (3, 2) over C that an interface gives to the magnetisation and to the lattice."""
    d = driven.d
    part = driven.faces.contacts[n]
    total = driven.entering.leaving + d.flux[:, None, None, None, None] * driven.outgoing
    arriving = total[:, :, 2 * n + 1] + total[:, :, 2 * n + 2]
    out = []
    for name in ("torque", "lattice"):
        tensor = getattr(part.specular, name)
        value = np.einsum("i,ipab,ipbk->ak", d.flux / 2, _full(tensor, d), arriving, optimize=True) / len(d.phi)
        if part.diffuse is not None:
            value = value + getattr(part.diffuse, name) @ np.tensordot(d.flux / 2, arriving.mean(1), 1)
        out.append(value)
    return out[0], out[1]
