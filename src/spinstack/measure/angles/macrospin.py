"""Magnetisation of a thin film that a field turns, but not quite into its own direction (a single macrospin)."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinstack.measure.measurement import MeasurementError


def follow(elevation: Any, field: Any, mu0_Meff: float) -> np.ndarray:
    """Elevation of the magnetisation [deg] above the film plane for a field at `elevation` [deg], -90 to 90.

    Energy per moment of a macrospin, E. C. Stoner and E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948):
    e = -B cos(theta - elevation) + (mu0_Meff/2) sin^2 theta, so that in equilibrium
    B sin(elevation - theta) = (mu0_Meff/2) sin 2 theta. `field` B [T] above 0, `mu0_Meff` [T]: demagnetising field less
    perpendicular anisotropy, negative for an easy normal. The state of lowest energy is taken: no hysteresis, so
    the result holds for a field that can turn the magnetisation without a jump, B > ``|mu0_Meff|``, or that waits for
    it."""
    phi, B = np.broadcast_arrays(np.asarray(elevation, dtype=float), np.asarray(field, dtype=float))
    K = float(mu0_Meff)
    if not np.isfinite(K) or not (B > 0).all():
        got, allowed = (float(np.min(B)), K), "a field above 0 and a finite mu0_Meff"
        raise MeasurementError(field="field, mu0_Meff", unit="T", got=got, allowed=allowed)
    sign = np.sign(phi)
    phi = np.deg2rad(np.abs(phi))
    low = np.zeros_like(phi) if K > 0 else phi.copy()
    high = phi.copy() if K > 0 else np.full_like(phi, np.pi / 2)
    theta = 0.5 * (low + high)
    for _ in range(60):  # the torque falls from + to - in between: Newton's step, or halving where it leads outside
        torque = B * np.sin(phi - theta) - 0.5 * K * np.sin(2 * theta)
        low, high = np.where(torque > 0, theta, low), np.where(torque > 0, high, theta)
        slope = B * np.cos(phi - theta) + K * np.cos(2 * theta)
        new = theta + torque / np.where(slope > 0, slope, 1.0)
        inside = (slope > 0) & (new >= low) & (new <= high)
        new = np.where(inside, new, 0.5 * (low + high))
        change, theta = np.max(np.abs(new - theta), initial=0.0), new
        if change < 1e-15:
            break
    return sign * np.rad2deg(theta)


def magnetisation(directions: Any, field: Any, mu0_Meff: float) -> np.ndarray:
    """Unit vectors (..., 3) of the magnetisation for field directions (..., 3) and B [T]; z is the film normal.

    The film has no easy direction in its plane: the magnetisation keeps the azimuth of the field.
    """
    u = np.asarray(directions, dtype=float)
    flat = np.hypot(u[..., 0], u[..., 1])
    theta = np.deg2rad(follow(np.rad2deg(np.arctan2(u[..., 2], flat)), field, mu0_Meff))
    along = np.where(flat > 0, np.cos(theta) / np.where(flat > 0, flat, 1.0), 0.0)
    # along the normal the azimuth is open; x is as good as any
    x = np.where(flat > 0, along * u[..., 0], np.cos(theta))
    return np.stack([x, along * u[..., 1], np.sin(theta)], axis=-1)
