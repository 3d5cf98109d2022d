"""Barriers as scattering data: their matrices at the points of a quadrature."""

import numpy as np
from plain_films import KF
from scipy.constants import hbar, m_e


def wavevectors(polar=24, azimuths=24):
    """k (K, 2) and k_z in units of k_F, and weights of d^2k, for one sphere."""
    x, w = np.polynomial.legendre.leggauss(polar)
    s, ws = (x + 1) / 2, w / 2
    c, dc = s**2, 2 * s * ws
    phi = 2 * np.pi * (np.arange(azimuths) + 0.5) / azimuths
    c, phi, weight = (a.ravel() for a in np.broadcast_arrays(c[:, None], phi, (c * dc)[:, None] * 2 * np.pi / azimuths))
    sine = np.sqrt(1 - c**2)
    return np.stack([sine * np.cos(phi), sine * np.sin(phi)], -1), c, weight


def many(count=24):
    """Directions all over the sphere, each with its opposite."""
    i = np.arange(count) + 0.5
    z, phi = 1 - i / count, np.pi * (1 + np.sqrt(5)) * i
    m = np.stack([np.sqrt(1 - z * z) * np.cos(phi), np.sqrt(1 - z * z) * np.sin(phi), z], -1)
    return np.concatenate([m, -m])


def arrays_of(delta, m, polar=24, azimuths=24, **more):
    """The arrays of a delta barrier; with spin-orbit coupling also what the lattice takes."""
    k, c, weight = wavevectors(polar, azimuths)
    m = np.atleast_2d(np.asarray(m, float))
    S = []
    for one in m:
        r, t = delta.amplitudes(k, one)
        S.append(np.block([[r, t], [t, r]]))
    velocity = np.concatenate([k, c[:, None]], -1) * hbar * KF / m_e
    given = {
        "k": k * KF, "weight": weight * KF**2, "S": np.stack(S), "m": m, "velocity": np.repeat(velocity[:, None], 4, 1),
    }  # fmt: skip
    if delta.turns():
        phi = np.arctan2(k[:, 1], k[:, 0])
        taken = np.stack([delta.incidence(c, phi, one).lattice for one in m])
        # the data's label is the electron's spin
        sign = np.array([-1.0, -1, -1])[:, None] * np.array([-1.0, -1, -1, 1])
        given["lattice"] = np.repeat((taken * sign)[:, :, None], 2, 2)
    else:
        given["spin_orbit"] = False
    return given | more
