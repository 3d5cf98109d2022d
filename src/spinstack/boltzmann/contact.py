"""What an internal boundary is, before anything is computed, and the shares of spins that it keeps."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.conductances import Conductances
from spinstack.boltzmann.layer import cartesian, frame
from spinstack.scattering.model import ScatteringModel

#: radii of majority and minority below and above, over the largest of the film
Spheres = tuple[tuple[float, float], tuple[float, float]]


class Contact(NamedTuple):
    """One internal boundary: what scatters (None: perfect contact), m, diffuse fractions of majority and minority.

    spheres: of both sides; largest: the largest Fermi wave vector of the film [1/m], where it has several.
    """

    model: ScatteringModel | Conductances | None
    m: np.ndarray
    diffuse: tuple[float, float]
    spheres: Spheres = ((1.0, 1.0), (1.0, 1.0))
    largest: float = math.nan


def shares(up: np.ndarray, down: np.ndarray, m: np.ndarray) -> np.ndarray:
    """(batch, 4, 4): what keeps these fractions (batch,) of the spins along and against m (batch, 3).

    Across m the harmonic mean: no more than the geometric one, so that every electron keeps a spin of at most its own
    length, and with a derivative everywhere.
    """
    both = up + down
    across = 2 * up * down / np.where(both == 0, 1.0, both)
    six = np.stack([both / 2, (up - down) / 2, (up - down) / 2, both / 2, across, 0 * both], 1)
    return cartesian(frame(m), six)


def share_slopes(up: np.ndarray, down: np.ndarray, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives (batch, 4, 4) of :func:`shares` by the fraction of either spin."""
    both, half = up + down, np.full(len(up), 0.5)
    out = []
    for sign, other in ((1.0, down), (-1.0, up)):
        across = np.where(both == 0, 0.5, 2 * (other / np.where(both == 0, 1.0, both)) ** 2)
        out.append(cartesian(frame(m), np.stack([half, sign * half, sign * half, half, across, 0 * half], 1)))
    return out[0], out[1]
