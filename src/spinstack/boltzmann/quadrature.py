"""Directions on the Fermi spheres: graded Gauss points in |k_z|, equally spaced azimuths."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

#: the radii of a film with one Fermi sphere, over the largest
ONE = (1.0,)


class Directions(NamedTuple):
    """mu (N,) = |k_z|/k_F, weight (N,) of the integral over mu from 0 to 1, phi (M,); flux (N,) = sqrt(weight mu).

    Where a film has several spheres all share the in-plane k, and mu, weight and flux are those of the largest. radii:
    of all spheres over the largest one; edge (N,): the smallest sphere that is open; inside (N,): edge^2 - k^2.
    """

    mu: np.ndarray
    weight: np.ndarray
    phi: np.ndarray
    flux: np.ndarray
    radii: tuple[float, ...]
    edge: np.ndarray
    inside: np.ndarray

    @property
    def inplane(self) -> np.ndarray:
        """k_x, k_y in units of the largest k_F, (N, M, 2)."""
        s = np.sqrt((1 - self.mu) * (1 + self.mu))
        phi = self.azimuths()
        return s[:, None, None] * np.stack([np.cos(phi), np.sin(phi)], -1)

    @property
    def resolved(self) -> bool:
        """Whether every azimuth is a direction of its own: phi is then (1, N), and M is 1."""
        return self.phi.ndim == 2

    def azimuths(self, every: bool = True) -> np.ndarray:
        """phi (M,), or (N, 1) where each direction has its own; the first alone where not `every` one matters."""
        return self.phi.T if self.resolved else self.phi if every else self.phi[:1]

    def reversed(self) -> np.ndarray:
        """Where the opposite in-plane k of every direction stands, of resolved directions."""
        count = int(np.sum(self.mu == self.mu[0]))
        return np.roll(np.arange(len(self.mu)).reshape(-1, count), count // 2, 1).ravel()

    @property
    def several(self) -> bool:
        """Whether there is more than one sphere."""
        return self.radii != ONE

    def open(self, radius: float) -> np.ndarray:
        """Positions (n,) of the directions in which electrons of a sphere move."""
        return np.flatnonzero(self.edge <= radius)

    def kz2(self, radius: float) -> np.ndarray:
        """k_z^2 (N,) of a sphere in units of the largest k_F, negative where it is closed."""
        return (radius - self.edge) * (radius + self.edge) + self.inside

    def of(self, radius: float) -> Directions:
        """The open directions of one sphere with its own mu; `flux` stays, so that weights are radius^2 times those
        of a sphere by itself."""
        if radius == 1 and not self.several:
            return self
        at = self.open(radius)
        mu, flux = np.sqrt(self.kz2(radius)[at]) / radius, self.flux[at]
        return Directions(mu, flux**2 / mu, self.phi, flux, ONE, np.ones(len(at)), mu**2)


@lru_cache(maxsize=64)
def resolved(polar: int, azimuths: int) -> Directions:
    """The same directions, each azimuth by itself."""
    d = directions(polar, azimuths)
    mu, weight = np.repeat(d.mu, azimuths), np.repeat(d.weight, azimuths) / azimuths
    return Directions(mu, weight, np.tile(d.phi, polar)[None], np.sqrt(weight * mu), ONE, np.ones(len(mu)), mu**2)


@lru_cache(maxsize=64)
def directions(polar: int, azimuths: int, radii: tuple[float, ...] = ONE) -> Directions:
    """Gauss-Legendre points in s, mu = s^2: dense at grazing incidence, where exp(-t/mu) is steep.

    Sums of 1, mu and mu^2 are exact. An even number of azimuths makes -k a direction wherever k is one, which Onsager's
    relation needs. Of several spheres (radii rising to 1) every ring between two of them has its points: there a
    channel opens like a root at either end, so that k^2 is taken as sin^2 between the ends, as dense as before at the
    outer one.
    """
    x, w = np.polynomial.legendre.leggauss(polar)
    s = (x + 1) / 2
    phi = 2 * np.pi * (np.arange(azimuths) + 0.5) / azimuths
    mu, weight = s**2, w * s
    if radii == ONE:
        return Directions(mu, weight, phi, np.sqrt(weight * mu), ONE, np.ones(polar), mu**2)
    # (edge^2 - k^2) over the area of the ring and what k dk is over half of it: the innermost is a disc
    shares, slopes = [mu**2], [2 * mu * weight]
    angle = np.pi / 2 * s**2
    for _ in radii[1:]:
        shares.append(np.sin(angle) ** 2)
        slopes.append(w / 2 * np.pi * s * np.sin(2 * angle))
    inner = (0.0, *radii[:-1])
    areas = [(b - a) * (b + a) for a, b in zip(inner, radii, strict=True)]
    edge = np.repeat(radii, polar)
    inside = np.concatenate([area * share for area, share in zip(areas, shares, strict=True)])
    # the number of channels is exact in every ring, or charge would be lost where electrons are sent out evenly
    flux2 = np.concatenate([area / 2 * slope / slope.sum() for area, slope in zip(areas, slopes, strict=True)])
    mu = np.sqrt((1 - edge) * (1 + edge) + inside)
    return Directions(mu, flux2 / mu, phi, np.sqrt(flux2), radii, edge, inside)
