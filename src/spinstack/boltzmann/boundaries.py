"""What interfaces and surfaces do to every direction, and to the diffuse rest."""

from __future__ import annotations

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
    """One internal boundary on a grid of directions.

    specular: per direction (N, M or 1, ., .), without the diffuse part; diffuse: the flux average of everything, times
    its fraction, or None.
    """

    specular: Incidence
    diffuse: Incidence | None


def flux_average(d: Directions, values: np.ndarray) -> np.ndarray:
    """2 int mu dmu of values (N, M, ...) averaged over the azimuth."""
    return np.asarray(np.tensordot(2 * d.flux**2, values.mean(1), 1))


def boundary(contact: Contact, d: Directions) -> Boundary:
    """Probabilities and torques of one contact for all directions."""
    if contact.model is None:
        shape = (len(d.mu), 1)
        none, one = np.zeros((*shape, 4, 4)), np.broadcast_to(np.eye(4), (*shape, 4, 4))
        return Boundary(Incidence(none, one, none[..., :3, :], none[..., :3, :]), None)
    phi = d.phi if contact.model.turns() else d.phi[:1]
    everything = contact.model.incidence(d.mu[:, None], phi, contact.m)
    p = contact.diffuse
    if p == 0:
        return Boundary(everything, None)
    average = Incidence(*(p * flux_average(d, a) for a in everything))
    return Boundary(Incidence(*((1 - p) * a for a in everything)), average)


class Boundaries(NamedTuple):
    """in = specular out + diffuse <out>_flux over all faces, two per layer (lower, upper), components x, y, z, c.

    specular (N, M or 1, F, 4, F, 4), diffuse (F, 4, F, 4), F = 2 layers; contacts: the internal ones.
    """

    specular: np.ndarray
    diffuse: np.ndarray
    contacts: tuple[Boundary, ...]


def assemble(
    contacts: list[Contact],
    surfaces: tuple[float, float] | None,
    d: Directions,
    keeps: tuple[np.ndarray, np.ndarray] = (np.eye(4), np.eye(4)),
) -> Boundaries:
    """All faces of a film; surfaces: specularity of bottom and top, None for reservoirs that send nothing back.

    keeps: what electrons keep (4, 4) at the bottom and the top surface.
    """
    parts = tuple(boundary(c, d) for c in contacts)
    layers = len(contacts) + 1
    M = max([1, *(b.specular.R.shape[1] for b in parts)])
    P = np.zeros((len(d.mu), M, 2 * layers, 4, 2 * layers, 4))
    Q = np.zeros((2 * layers, 4, 2 * layers, 4))
    if surfaces is not None:
        for face, p, kept in zip((0, 2 * layers - 1), surfaces, keeps, strict=True):
            P[:, :, face, :, face] = p * kept
            Q[face, :, face] = (1 - p) * kept
    for n, part in enumerate(parts):
        below, above = 2 * n + 1, 2 * n + 2
        for to, come in ((below, above), (above, below)):
            P[:, :, to, :, to], P[:, :, to, :, come] = part.specular.R, part.specular.T
            if part.diffuse is not None:
                Q[to, :, to], Q[to, :, come] = part.diffuse.R, part.diffuse.T
    return Boundaries(P, Q, parts)
