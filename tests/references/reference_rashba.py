"""The two-dimensional Rashba gas by two other routes, for ``H = k^2 + sigma.w``, ``w = a k x z + d m``, hbar = 1.

`ladder`: Kubo's formula with the ladder of vertex corrections, on a grid over the whole plane, at a finite lifetime.
`discretised`: Boltzmann's equation with the full matrix of scattering rates between the points of a contour that is
found direction by direction.
"""

import numpy as np
from scipy.optimize import brentq

SIGMA = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], complex)


def field(a, d, m, k):
    kx, ky = k
    zero = 0 * kx
    return a * np.stack([ky, -kx, zero]) + d * np.reshape(m, (3, *(1,) * np.ndim(kx)))


def _matrix(scalar, vector):
    return np.einsum("a...,aij->...ij", np.concatenate([scalar[None], vector]), SIGMA)


def _radii(lifetime, reach, points=24):
    """Radii and weights of an integral from 0 to infinity that resolves 1/lifetime up to `reach`."""
    x, w = np.polynomial.legendre.leggauss(points)
    edges = np.linspace(0, reach, max(8, int(reach * lifetime / 1.5)))
    width = np.diff(edges)[:, None]
    k, dk = edges[:-1, None] + width * (x + 1) / 2, width * w / 2
    u, du = (x + 1) / 2, w / 2  # beyond: k = reach/u
    return np.concatenate([k.ravel(), reach / u]), np.concatenate([dk.ravel(), reach / u**2 * du])


def ladder(a, d, m, energy, lifetime, directions=48, vertex=True):
    """Spin (3, 2) and current (2, 2) per force and lifetime; without `vertex` the bare bubble."""
    u = 2 / lifetime  # 1/lifetime = 2 pi u N0, N0 = 1/4 pi
    k, dk = _radii(lifetime, 0.75 * a + 1.5 * np.sqrt(abs(energy) + abs(d) + a * a / 4))
    phi = 2 * np.pi * np.arange(directions) / directions
    kx, ky = k[:, None] * np.cos(phi), k[:, None] * np.sin(phi)
    weight = (k * dk / directions)[:, None] / (2 * np.pi) * np.ones_like(kx)
    w = field(a, d, m, (kx, ky))
    identity = np.eye(2)

    def resolvent(broadening):
        return np.linalg.inv((energy - kx**2 - ky**2)[..., None, None] * identity - _matrix(0 * kx, w) - broadening)

    # self-energy: its imaginary part, found from itself; the rest shifts levels by less than 1/lifetime
    self_energy = -0.5j / lifetime * identity
    for _ in range(6):
        G = resolvent(self_energy)
        spectral = np.einsum("kp,kpij->ij", weight, (G - G.conj().swapaxes(-1, -2)) / 2)
        self_energy = u * spectral
    G = resolvent(self_energy)
    A = G.conj().swapaxes(-1, -2)
    velocities = []
    for kc, spin in ((kx, -SIGMA[2]), (ky, SIGMA[1])):
        velocities.append(2 * kc[..., None, None] * identity + a * spin)
    bubble = np.einsum("kp,kpij,akpjl,kplm->aim", weight, G, np.array(velocities), A)
    rungs = np.einsum("kp,kpij,bjl,kplm->bim", weight, G, SIGMA, A)
    if vertex:
        # X = bubble + u rungs[X], with X = sum over b of x_b SIGMA_b, x_b = tr[SIGMA_b X]/2
        kernel = np.einsum("cij,bji->cb", SIGMA, rungs) / 2
        x = np.einsum("cij,aji->ca", SIGMA, bubble) / 2
        x = np.linalg.lstsq(np.eye(4) - u * kernel, x, rcond=1e-6)[0]  # a change of all energies costs nothing
        dressed = np.array(velocities) + u * np.einsum("ca,cij->aij", x, SIGMA)[:, None, None]
    else:
        dressed = np.array(velocities)
    X = np.einsum("kp,kpij,akpjl,kplm->akpim", weight, G, dressed, A)
    moments = np.einsum("cij,akpji->ca", SIGMA, X)
    # no charge is added: as much of a shift of all energies as takes it away
    shifted = np.einsum("cij,ji->c", SIGMA, spectral)
    spin = (moments - np.outer(shifted / shifted[0], moments[0]))[1:].real / (2 * np.pi * lifetime)
    current = np.einsum("bkpij,akpji->ba", np.array(velocities), X).real / (2 * np.pi * lifetime)
    return spin, current


def discretised(a, d, m, energy, points=300):
    """Spin (3, 2) and current (2, 2) per force and lifetime where the lower band has one contour around k = 0."""

    def lower(k, angle):
        at = k * np.cos(angle), k * np.sin(angle)
        return k * k - np.linalg.norm(field(a, d, m, at)) - energy

    angles = 2 * np.pi * np.arange(points) / points
    k = np.array([brentq(lower, 0, 10 + 10 * abs(a), (angle,), xtol=1e-15, rtol=1e-15) for angle in angles])
    at = k * np.cos(angles), k * np.sin(angles)
    w = field(a, d, m, at)
    S = -(w / np.linalg.norm(w, axis=0)).T
    v = 2 * np.array(at).T + a * np.stack([-S[:, 1], S[:, 0]], -1)
    radial = v[:, 0] * np.cos(angles) + v[:, 1] * np.sin(angles)
    weight = k / radial * (2 * np.pi / points) / (4 * np.pi**2)
    rates = (1 + S @ S.T) / 2 * weight * 4 * np.pi  # over N0 = 1/4 pi
    operator = np.diag(rates.sum(1)) - rates
    operator = np.concatenate([operator, weight[None]])  # no charge is added
    raised = np.linalg.lstsq(operator, np.concatenate([v, np.zeros((1, 2))]))[0]
    return (S * weight[:, None]).T @ raised, (v * weight[:, None]).T @ raised
