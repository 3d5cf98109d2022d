"""A macrospin under a field and a slow alternating current: harmonics of its Hall voltage.

Derivation: docs/methods/harmonic_hall.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: I/I0 at eight evenly spaced phases of one period, each value twice; harmonics of up to I^5 are exact
_S = np.sin(np.pi / 8 * np.array([1, 3, -1, -3]))[:, None]
_COS2 = 1 - 2 * _S**2
_STEPS, _CLOSE = 200, 1e-13


class Torques(NamedTuple):
    """Effective fields [T] at the peak current: damping-like along m x p, field-like (with Oersted) along p = y."""

    damping_like: float
    field_like: float


class Harmonics(NamedTuple):
    """First and second harmonic [Ohm] (rows,) for R_xy = A m_z + P m_x m_y, by their parts.

    `hall` and `planar` are per A and per P, `thermal` per voltage coefficient; first harmonic, then second.
    """

    hall: tuple[np.ndarray, np.ndarray]
    planar: tuple[np.ndarray, np.ndarray]
    thermal: tuple[np.ndarray, np.ndarray]

    def total(self, A: float, P: float, thermal: float) -> tuple[np.ndarray, np.ndarray]:
        """First and second harmonic."""
        parts = zip(self.hall, self.planar, self.thermal, strict=True)
        one, two = (A * a + P * p + thermal * t for a, p, t in parts)
        return np.asarray(one), np.asarray(two)


def in_plane(B: np.ndarray, phi: np.ndarray, s: np.ndarray, torques: Torques, Meff: float) -> tuple[np.ndarray, ...]:
    """m (3 of shape s x rows) at rest, easy plane, in fields B [T] at phi [rad] and the part s of the peak current.

    With m = (c cos f, c sin f, u): u [c Meff + B cos(phi - f) + s F sin f] = s D cos f and
    B sin(phi - f) + s F cos f + s D u sin f = 0, solved by turns, which converges where the fields of the current are
    below the applied one.
    """
    D, F = torques
    f, u = np.broadcast_to(phi, np.broadcast_shapes(s.shape, phi.shape)), np.zeros(1)
    for _ in range(_STEPS):
        c = np.sqrt(1 - u**2)
        u = s * D * np.cos(f) / (c * Meff + B * np.cos(phi - f) + s * F * np.sin(f))
        new = phi + np.arcsin(np.clip((s * F * np.cos(f) + s * D * u * np.sin(f)) / B, -1, 1))
        moved, f = float(np.abs(new - f).max()), new
        if moved < _CLOSE:
            break
    c = np.sqrt(1 - u**2)
    return c * np.cos(f), c * np.sin(f), u


def perpendicular(
    B: np.ndarray, phi: np.ndarray, state: np.ndarray, s: np.ndarray, torques: Torques, Bk: float
) -> tuple[np.ndarray, ...]:
    """m (3 of shape s x rows) at rest near `state` (+1, -1) times z, held by Bk [T], in fields B at phi [rad].

    m is along H = (B cos phi - s D m_z, B sin phi + s F, s D m_x + Bk m_z).
    """
    D, F = torques
    hx, hy = B * np.cos(phi) + 0 * s, B * np.sin(phi) + s * F
    mx, my = hx / Bk, hy / Bk
    for _ in range(_STEPS):
        u = state * np.sqrt(np.maximum(1 - mx**2 - my**2, 1e-4))
        stiffness = Bk + s * D * mx / u
        new = (hx - s * D * u) / stiffness, hy / stiffness
        moved = max(float(np.abs(a - b).max()) for a, b in zip(new, (mx, my), strict=True))
        mx, my = new
        if moved < _CLOSE:
            break
    return mx, my, state * np.sqrt(np.maximum(1 - mx**2 - my**2, 1e-4))


def harmonics(m: tuple[np.ndarray, ...]) -> Harmonics:
    """Harmonics of the Hall voltage for m at the parts of the current of :func:`parts`.

    I(t) = I0 sin wt; V = I (A m_z + P m_x m_y) - 2 thermal I0 sin^2(wt) m_x, so that the second harmonic, the
    coefficient of cos 2wt over I0, of a magnet that keeps still is thermal m_x.
    """
    mx, my, mz = m
    first, second = _S**2 / 2, _S * _COS2 / 2
    hall, planar = (((first * R).sum(0), (second * R).sum(0)) for R in (mz, mx * my))
    return Harmonics(
        hall,
        planar,
        ((-(_S**3) * mx).sum(0), (-(_S**2) * _COS2 * mx).sum(0)),
    )


def parts() -> np.ndarray:
    """I/I0 (4, 1) at which :func:`harmonics` wants m."""
    return _S
