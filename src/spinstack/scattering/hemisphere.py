"""Functions of the direction of electrons that are orthonormal at given points of half a sphere, weighed by flux.

On half a sphere with polar cosine mu and azimuth phi: Legendre polynomials of mu times sin^n cos(n phi) and sin^n
sin(n phi), sin the polar sine. What they are for: docs/methods/boltzmann.md, "Scattering data".
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

#: what is left of a function beside those before it, over what is left on the half sphere, where points resolve it
_KNOWN = 0.5


class Degrees(NamedTuple):
    """How many polynomials of mu, and how many harmonics of the azimuth beside the constant one.

    All polynomials go with the first harmonic, which in-plane currents are, and ever fewer with higher ones: those
    below ``radial (1 - (n - 1)/harmonics)`` with the n-th.
    """

    radial: int
    harmonics: int

    @property
    def blocks(self) -> list[tuple[int, int]]:
        """Polynomial and harmonic of every function or pair of functions, in their order, the constant first."""
        most, turns = self.radial, self.harmonics
        every = [(a, 0) for a in range(most)]
        every += [(a, n) for n in range(1, turns + 1) for a in range(most) if a * turns < most * (turns + 1 - n)]
        return sorted(every, key=lambda one: (sum(one), one[1]))

    @property
    def size(self) -> int:
        """How many functions these are."""
        return sum(2 if n else 1 for _, n in self.blocks)


#: the most functions that are looked for
MOST = Degrees(16, 8)


def _raw(points: np.ndarray, block: tuple[int, int]) -> np.ndarray:
    """One function or two (P, 1 or 2) at points (P, 3)."""
    a, n = block
    radial = np.polynomial.legendre.legval(2 * points[:, 2] - 1, np.eye(a + 1)[a])
    turn = (points[:, 0] + 1j * points[:, 1]) ** n * radial
    return np.stack([turn.real, turn.imag], -1) if n else turn.real[:, None]


def _beside(p: np.ndarray, weight: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is left of functions p beside `known` ones, and squares and axes of that."""
    for _ in (0, 1):  # once more for the digits
        p = p - known @ (known.T @ (weight[:, None] * p))
    square, axes = np.linalg.eigh(p.T @ (weight[:, None] * p))
    return p, square, axes


def orthonormal(points: np.ndarray, weight: np.ndarray, degrees: Degrees) -> np.ndarray:
    """Functions (P, degrees.size) at points (P, 3), unit vectors with mu last, with ``sum weight f g = 1 or 0``.

    Each is made orthogonal to those before it, the two of one harmonic alike, so that points that are turned about z
    have functions that are turned.
    """
    known = np.zeros((len(points), degrees.size))
    at = 0
    for block in degrees.blocks:
        p, square, axes = _beside(_raw(points, block), weight, known[:, :at])
        known[:, at : at + p.shape[1]] = p @ (axes / np.sqrt(square)) @ axes.T
        at += p.shape[1]
    return known


@lru_cache(maxsize=1)
def _squares() -> dict[tuple[int, int], float]:
    """What is left of every function on the whole half sphere, of a weight of 1."""
    x, w = np.polynomial.legendre.leggauss(4 * MOST.radial)
    mu = (x + 1) / 2
    out = {}
    for n in range(MOST.harmonics + 1):
        # of one azimuth: the mean square of cos and sin is 1/2
        points = np.stack([np.sqrt(1 - mu**2), 0 * mu, mu], -1)
        weight = w * mu * (0.5 if n else 1.0)
        known = np.zeros((len(mu), 0))
        for a in range(MOST.radial):
            p, square, _ = _beside(_raw(points, (a, n))[:, :1], weight, known)
            out[a, n] = float(square[0])
            known = np.concatenate([known, p / np.sqrt(square)], 1)
    return out


def resolved(points: np.ndarray, weight: np.ndarray, most: Degrees = MOST) -> Degrees:
    """The most functions, up to these, that the points tell apart about as well as the whole half sphere does."""
    weight = weight / weight.sum()
    found, known = Degrees(0, 0), np.zeros((len(points), 0))
    turn = 0
    growing = [True, True]
    while any(growing):
        turn = 1 - turn
        if not growing[turn]:
            continue
        more = Degrees(found.radial + 1, found.harmonics) if turn else Degrees(found.radial, found.harmonics + 1)
        growing[turn] = more.radial <= most.radial and more.harmonics <= most.harmonics
        own = known
        before = set(found.blocks)
        for block in more.blocks if growing[turn] else ():
            if block in before:
                continue
            p, square, axes = _beside(_raw(points, block), weight, own)
            ratio = square / _squares()[block]
            if ratio.min() < _KNOWN or ratio.max() > 1 / _KNOWN:
                growing[turn] = False
                break
            own = np.concatenate([own, p @ (axes / np.sqrt(square))], 1)
        if growing[turn]:
            found, known = more, own
    return found
