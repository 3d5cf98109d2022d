"""What interfaces and surfaces do to every direction, and to the diffuse rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.quadrature import Directions
from spinstack.scattering.electrons import Incidence
from spinstack.scattering.model import ScatteringModel


class Contact(NamedTuple):
    """One internal boundary: its scattering model (None: perfect contact), m and diffuse fraction."""

    model: ScatteringModel | None
    m: np.ndarray
    diffuse: float


class Absorber(NamedTuple):
    """The face of a magnetic insulator: spin current into it per accumulation (3, 3) [S/m^2], the part of it that ends
    in the magnetisation, and the position of the magnet."""

    total: np.ndarray
    torque: np.ndarray
    magnet: int

    def reflected(self, C: float) -> np.ndarray:
        """(4, 4): what every electron keeps, so that ``Q = total mu`` for what arrives and leaves isotropically."""
        out = np.eye(4)
        Y = 4 * self.total / C
        out[:3, :3] = np.linalg.solve(np.eye(3) + Y, np.eye(3) - Y)
        return out

    def split(self, Q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Spin current (3, columns) into the face as what the magnetisation takes and what is lost."""
        taken = self.torque @ np.linalg.pinv(self.total, rcond=1e-12) @ Q
        return taken, Q - taken


class Boundary(NamedTuple):
    """One internal boundary on a grid of directions, for a batch of films.

    specular: per direction (batch or 1, N, M or 1, ., .), without the diffuse part; diffuse: the flux average of
    everything, times its fraction, (batch or 1, ., .), or None.
    """

    specular: Incidence
    diffuse: Incidence | None


def flux_average(d: Directions, values: np.ndarray) -> np.ndarray:
    """2 int mu dmu of values (batch, N, M, ...) averaged over the azimuth."""
    return _sum(2 * d.flux**2, values)


def emission(d: Directions, values: np.ndarray) -> np.ndarray:
    """The same of flux-normalised values."""
    return _sum(2 * d.flux, values)


def _sum(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    mean = values.mean(2)
    return np.asarray((weights @ mean.reshape(*mean.shape[:2], -1)).reshape(len(mean), *mean.shape[2:]))


def boundary(contacts: Sequence[Contact], d: Directions) -> Boundary:
    """Probabilities and torques of the contacts of a batch of films, one each, for all directions."""
    first = contacts[0]
    if first.model is None:
        shape = (1, len(d.mu), 1)
        none, one = np.zeros((*shape, 4, 4)), np.broadcast_to(np.eye(4), (*shape, 4, 4))
        return Boundary(Incidence(none, one, none[..., :3, :], none[..., :3, :]), None)
    phi = d.phi if any(c.model.turns() for c in contacts if c.model) else d.phi[:1]
    if all(c.model is first.model for c in contacts):
        m = np.array([c.m for c in contacts])
        m = m[:1] if (m == m[0]).all() else m
        everything = first.model.incidence(d.mu[:, None], phi, m[:, None, None])
    else:
        each = [c.model.incidence(d.mu[:, None], phi, c.m) for c in contacts if c.model]
        everything = Incidence(*map(np.stack, zip(*each, strict=True)))
    p = np.array([c.diffuse for c in contacts])
    if not p.any():
        return Boundary(everything, None)
    p = p[:1] if (p == p[0]).all() else p
    average = Incidence(*(p[:, None, None] * flux_average(d, a) for a in everything))
    return Boundary(Incidence(*((1 - p)[:, None, None, None, None] * a for a in everything)), average)


class Boundaries(NamedTuple):
    """in = specular out + diffuse <out>_flux over the given faces, components x, y, z, c, for a batch of films.

    specular (batch, N, M or 1, F, 4, F, 4), diffuse (batch, F, 4, F, 4) or None; contacts: the internal boundaries.
    """

    specular: np.ndarray
    diffuse: np.ndarray | None
    contacts: tuple[Boundary, ...]


def assemble(
    contacts: Sequence[Sequence[Contact]],
    batch: int,
    d: Directions,
    faces: Sequence[int],
    surfaces: tuple[float, float] | None = None,
    keeps: tuple[np.ndarray, np.ndarray] = (np.eye(4)[None], np.eye(4)[None]),
) -> Boundaries:
    """Some faces of films, two per layer (lower, upper), those of all contacts among them.

    contacts: those of every film of the batch, by their place; surfaces: specularity of bottom and top, None for
    reservoirs that send nothing back; keeps: what electrons keep (batch or 1, 4, 4) at the bottom and the top surface.
    """
    parts = tuple(boundary(c, d) for c in contacts)
    place = {face: k for k, face in enumerate(faces)}
    M = max([1, *(b.specular.R.shape[2] for b in parts)])
    P = np.zeros((batch, len(d.mu), M, len(faces), 4, len(faces), 4))
    Q = np.zeros((batch, len(faces), 4, len(faces), 4))
    if surfaces is not None:
        for face, p, kept in zip((0, 2 * len(parts) + 1), surfaces, keeps, strict=True):
            if face in place:
                k = place[face]
                P[:, :, :, k, :, k] = p * kept[:, None, None]
                Q[:, k, :, k] = (1 - p) * kept
    for n, part in enumerate(parts):
        below, above = place[2 * n + 1], place[2 * n + 2]
        for to, come in ((below, above), (above, below)):
            P[:, :, :, to, :, to], P[:, :, :, to, :, come] = part.specular.R, part.specular.T
            if part.diffuse is not None:
                Q[:, to, :, to], Q[:, to, :, come] = part.diffuse.R, part.diffuse.T
    return Boundaries(P, Q if Q.any() else None, parts)
