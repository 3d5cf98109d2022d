"""Directions on the Fermi sphere: graded Gauss points in |k_z|, equally spaced azimuths."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np


class Directions(NamedTuple):
    """mu (N,) = |k_z|/k_F, weight (N,) of the integral over mu from 0 to 1, phi (M,); flux (N,) = sqrt(weight mu)."""

    mu: np.ndarray
    weight: np.ndarray
    phi: np.ndarray
    flux: np.ndarray

    @property
    def inplane(self) -> np.ndarray:
        """k_x, k_y in units of k_F, (N, M, 2)."""
        s = np.sqrt((1 - self.mu) * (1 + self.mu))
        return s[:, None, None] * np.stack([np.cos(self.phi), np.sin(self.phi)], -1)


@lru_cache(maxsize=64)
def directions(polar: int, azimuths: int) -> Directions:
    """Gauss-Legendre points in s, mu = s^2: dense at grazing incidence, where exp(-t/mu) is steep.

    Sums of 1, mu and mu^2 are exact. An even number of azimuths makes -k a direction wherever k is one, which Onsager's
    relation needs.
    """
    x, w = np.polynomial.legendre.leggauss(polar)
    s = (x + 1) / 2
    mu, weight = s**2, w * s
    phi = 2 * np.pi * (np.arange(azimuths) + 0.5) / azimuths
    return Directions(mu, weight, phi, np.sqrt(weight * mu))
