"""Fermi contours of ``H = k^2 + sigma.w``, ``w = a k x z + d m``: points, velocities, spins and weights on them.

Numbers without a unit. Every contour is traced once along the orbit ``dk/dt = z x v``, on which the measure of an
integral over the contour, ``dk/|v|``, is dt (docs/methods/rashba_2d.md).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.integrate import OdeSolution, solve_ivp

#: velocities below this are those of a band edge, splittings those of bands that meet
_SLOW = 1e-6
_LONGEST = 1e4


class Gas(NamedTuple):
    """Rashba parameter a, exchange d, direction m (3) and Fermi energy, in units of k^2."""

    rashba: float
    exchange: float
    m: np.ndarray
    energy: float

    def field(self, k: np.ndarray) -> np.ndarray:
        """w (..., 3) at k (..., 2)."""
        none = np.zeros_like(k[..., 0])
        return self.rashba * np.stack([k[..., 1], -k[..., 0], none], -1) + self.exchange * self.m

    def energies(self, k: np.ndarray) -> np.ndarray:
        """Energies (2, ...) of the lower and the upper band at k (..., 2)."""
        kinetic, size = (k * k).sum(-1), np.linalg.norm(self.field(k), axis=-1)
        return np.stack([kinetic - size, kinetic + size])

    def states(self, band: int, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Velocity (..., 2) and spin (..., 3), the expectation value of sigma, of the band -1 or +1 at k (..., 2)."""
        w = self.field(k)
        spin = band * w / np.linalg.norm(w, axis=-1)[..., None]
        return 2 * k + self.rashba * np.stack([-spin[..., 1], spin[..., 0]], -1), spin


class Contour(NamedTuple):
    """A closed contour of one band: half an orbit from the mirror axis to the mirror axis, in dense form."""

    band: int
    axis: np.ndarray  # of the mirror, unit vector (2)
    half: float  # the time that half an orbit takes
    orbit: OdeSolution


class Points(NamedTuple):
    """Points of contours: k (n, 2), velocity (n, 2), spin (n, 3), weight (n) of the measure d^2k delta(e - E)."""

    k: np.ndarray
    velocity: np.ndarray
    spin: np.ndarray
    weight: np.ndarray
    area: float  # of the states inside, negative around a hole


class AtEdge(Exception):
    """The Fermi energy is where a velocity vanishes or the bands meet."""


def contours(gas: Gas) -> list[Contour]:
    """All contours at the Fermi energy, the upper band's first; raises :class:`AtEdge`."""
    axis = mirror_axis(gas.m)
    found, left = [], _crossings(gas, axis)
    while left:
        band, x, speed = left.pop(0)
        contour, end = _traced(gas, axis, band, x, speed)
        others = [i for i, one in enumerate(left) if one[0] == band]
        nearest = min(others, key=lambda i: abs(left[i][1] - end), default=None)
        if nearest is None or abs(left[nearest][1] - end) > 1e-6:
            raise AtEdge
        left.pop(nearest)
        found.append(contour)
    return found


def mirror_axis(m: np.ndarray) -> np.ndarray:
    """The direction of k (2) that turns w in the plane of m and z: the bands are even across it."""
    across = np.hypot(m[0], m[1])
    return np.array([m[1], -m[0]]) / across if across > 0 else np.array([1.0, 0.0])


def _crossings(gas: Gas, axis: np.ndarray) -> list[tuple[int, float, float]]:
    """Where contours cross the mirror axis: band, place and velocity along it."""
    a, d, e, across = gas.rashba, gas.exchange, gas.energy, float(np.hypot(*gas.m[:2]))
    found = []
    for root in np.roots([1.0, 0.0, -(2 * e + a * a), 2 * a * d * across, e * e - d * d]):
        if abs(root.imag) > 1e-5:
            continue
        x = float(root.real)
        band = 1 if e - x * x > 0 else -1
        for _ in range(4):  # Newton
            x -= float(gas.energies(x * axis)[(band + 1) // 2] - e) / _along(gas, band, x, axis)
        velocity = _along(gas, band, x, axis)
        found.append((band, x, velocity))
    return sorted(found, key=lambda one: (-one[0], -abs(one[1])))


def _along(gas: Gas, band: int, x: float, axis: np.ndarray) -> float:
    """The velocity along the axis, which has to be there."""
    if np.linalg.norm(gas.field(x * axis)) < _SLOW:
        raise AtEdge
    velocity = float(gas.states(band, x * axis)[0] @ axis)
    if abs(velocity) < _SLOW:
        raise AtEdge
    return velocity


def _traced(gas: Gas, axis: np.ndarray, band: int, x: float, speed: float) -> tuple[Contour, float]:
    """The contour of a band that starts at x on the axis, and where it meets the axis again."""
    beside = np.array([-axis[1], axis[0]])

    def motion(_: float, k: np.ndarray) -> np.ndarray:
        v = gas.states(band, k)[0]
        return np.array([-v[1], v[0]])

    def meets(_: float, k: np.ndarray) -> float:
        return float(k @ beside)

    meets.terminal, meets.direction = True, -np.sign(speed)  # type: ignore[attr-defined]
    run = solve_ivp(
        motion, (0.0, _LONGEST), x * axis, method="DOP853", rtol=3e-14, atol=1e-15, events=meets, dense_output=True
    )
    if run.status != 1:
        raise AtEdge
    return Contour(band, axis, float(run.t_events[0][0]), run.sol), float(run.y_events[0][0] @ axis)


def points(gas: Gas, contour: Contour, n: int) -> Points:
    """n points of a contour (n even), equally far apart in time; integrals over it are sums."""
    time = np.linspace(0, contour.half, n // 2 + 1)
    k = contour.orbit(time).T
    mirror = 2 * np.outer(contour.axis, contour.axis) - np.eye(2)
    k = np.concatenate([k, k[-2:0:-1] @ mirror])
    band = (contour.band + 1) // 2
    for _ in range(2):  # back to the contour itself
        v = gas.states(contour.band, k)[0]
        k = k - ((gas.energies(k)[band] - gas.energy) / (v * v).sum(-1))[:, None] * v
    v, spin = gas.states(contour.band, k)
    # whatever the points are exactly, the weight is |dk|/|v| with the derivative of the curve through them
    orders = 1j * np.fft.fftfreq(n, 1 / n)
    orders[n // 2] = 0
    step = np.fft.ifft(orders * np.fft.fft(k[:, 0] + 1j * k[:, 1])) * (2 * np.pi / n)
    area = float((k[:, 0] * step.imag - k[:, 1] * step.real).sum() / 2)
    return Points(k, v, spin, np.abs(step) / np.linalg.norm(v, axis=-1), area)
