"""Barriers as scattering data: their matrices at the points of a quadrature; matrices that are nothing but possible."""

from itertools import pairwise

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


def rings(radii, radial, azimuths):
    """k (K, 2) in units of k_F and weights of d^2k, the radial integral split where channels close."""
    x, w = np.polynomial.legendre.leggauss(radial)
    angle, phi = np.pi / 4 * (x + 1), 2 * np.pi * (np.arange(azimuths) + 0.5) / azimuths
    points, weights = [], []
    for lo, hi in pairwise(np.unique([0.0, *radii])):
        area = (hi - lo) * (hi + lo)
        points.append(np.sqrt(lo**2 + area * np.sin(angle) ** 2))
        weights.append(area * np.sin(angle) * np.cos(angle) * np.pi / 4 * w)
    k, turn, weight = (
        a.ravel() for a in np.broadcast_arrays(np.concatenate(points)[:, None], phi, np.concatenate(weights)[:, None])
    )
    return np.stack([k * np.cos(turn), k * np.sin(turn)], -1), weight * 2 * np.pi / azimuths


def square(n):
    """k (K, 2) and weights of an even grid over the plane, those inside one sphere."""
    x = (np.arange(-n, n) + 0.5) / n
    k = np.stack(np.meshgrid(x, x), -1).reshape(-1, 2)
    k = k[(k**2).sum(-1) < 1]
    return k, np.full(len(k), 1.0 / n**2)


def along(m):
    """Columns: electrons with their moment along m and against it, in the basis of sigma_z."""
    sigma = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    return np.linalg.eigh(np.einsum("i,ijk->jk", m, sigma))[1]


def sphere_arrays(k, weight, S, radii=(1.0, 1.0, 1.0, 1.0), **more):
    """Arrays of S (D, K, 4, 4) at k in units of k_F between spheres of these radii, two below and two above."""
    kz = np.sqrt(np.maximum(np.square(radii) - (k**2).sum(-1)[:, None], 0.0))
    velocity = np.concatenate([np.repeat(k[:, None], 4, 1), kz[..., None]], -1)
    return {"k": k * KF, "weight": weight * KF**2, "S": S, "open": 1.0 * (kz > 0), "velocity": velocity} | more


def sided_arrays(barrier, m, radial=16, azimuths=12):
    """The arrays of an ss.Barrier between spheres that differ, those above along m where it has a splitting there."""
    radii = np.array([r for sphere in barrier.spheres() for r in sphere])
    k, weight = rings(radii, radial, azimuths)
    S, split = [], barrier.split()
    for one in np.atleast_2d(np.asarray(m, float)):
        turn = np.eye(4, dtype=complex)
        if split[1]:
            turn[2:, 2:] = along(one)
        S.append(turn.conj().T @ barrier.matrix(k, one) @ turn)
    given = {"m": np.atleast_2d(m)} if barrier.asks_for_magnet() else {}
    return sphere_arrays(k, weight, np.stack(S), radii, split=split, spin_orbit=barrier.turns(), **given)


def any_unitary(seed, open_):
    """Unitary matrices (K, n, n) on the open channels (K, n), nothing on the others."""
    rng = np.random.default_rng(seed)
    n = open_.shape[-1]
    S = np.zeros((len(open_), n, n), complex)
    for one, at in zip(S, open_ > 0, strict=True):
        size = at.sum()
        one[np.ix_(at, at)] = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]
    return S


def any_arrays(seed, m, points=None, radii=(1.0, 1.0, 1.0, 1.0), **more):
    """Data at one m of which nothing is known but that they are unitary; those at -m follow by reciprocity."""
    k, weight = points or rings(radii, 8, 8)
    given = sphere_arrays(k, weight, np.zeros(0), radii, m=np.array([m]), **more)
    return given | {"S": any_unitary(seed, given["open"])[None]}


def folded(given):
    """The same with neighbours of a ring as two modes at one k, as in a cell of twice the size."""
    pairs = np.arange(len(given["k"])).reshape(-1, 2)
    S = np.zeros((len(given["S"]), len(pairs), 2, 2, 2, 2, 2, 2), complex)  # side, mode, spin where they leave, arrive
    for p in (0, 1):
        S[:, :, :, p, :, :, p] = given["S"][:, pairs[:, p]].reshape(len(S), len(pairs), 2, 2, 2, 2)
    velocity = given["velocity"].reshape(-1, 2, 2, 2, 3)  # pairs, mode, side, spin
    return {
        "k": given["k"][pairs[:, 0]], "weight": given["weight"][pairs[:, 0]], "m": given["m"], "modes": (2, 2),
        "S": S.reshape(len(S), len(pairs), 8, 8), "velocity": velocity.swapaxes(1, 2).reshape(-1, 8, 3),
    }  # fmt: skip
