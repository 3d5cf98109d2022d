"""Classic exact results of the Boltzmann equation in layers, each by its own closed form or quadrature. SciPy only.

Sheet conductances are per C = e^2 kF^2/(pi^2 hbar); lengths and mean free paths in one unit.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.optimize import brentq, newton
from scipy.special import exp1, zeta


def _quad(f, *breaks):
    breaks = (0.0, *breaks, 1.0)
    return sum(quad(f, a, b, epsabs=1e-14, epsrel=1e-12, limit=400)[0] for a, b in pairwise(breaks))


def fuchs_sondheimer(ratio, bottom, top):
    """Conductivity over that of the bulk; ratio = thickness / mean free path, specularities of the two surfaces.

    Fuchs, Proc. Camb. Phil. Soc. 34, 100 (1938); Lucas, J. Appl. Phys. 36, 1632 (1965) for different surfaces.
    """

    def lost(c):
        e = np.exp(-ratio / c) if c > 0 else 0.0
        both = (1 - bottom) * (1 + top * e) + (1 - top) * (1 + bottom * e)
        return c * (1 - c * c) * (1 - e) * both / (1 - bottom * top * e * e)

    return 1 - 0.75 / ratio * _quad(lost, 0.01, 0.1)


def two_currents(thickness, paths, transmission, bottom, top):
    """In-plane sheet conductance of one spin: layers of mean free paths (n,), faces that let c = k_z pass with
    probability transmission[i](c) and reflect the rest specularly (Camley, Barnas, Phys. Rev. Lett. 63, 664 (1989)).

    Per c the deviation from k_x lambda at the start of every layer, for both senses of k_z, solves 2n equations.
    """
    t, path = np.asarray(thickness, dtype=float), np.asarray(paths, dtype=float)
    n = len(t)

    def kept(c):
        if c == 0:
            return 0.0
        e = np.exp(-t / (path * c))
        matrix, right = np.eye(2 * n), np.zeros(2 * n)  # ups 0..n-1 at the bottom of a layer, downs n..2n-1 at its top
        for i in range(n):
            T = transmission[i - 1](c) if i else 0.0
            R = 1 - T if i else bottom
            matrix[i, n + i] -= R * e[i]
            right[i] = (R - 1) * path[i]
            if i:
                matrix[i, i - 1] -= T * e[i - 1]
                right[i] += T * path[i - 1]
            T = transmission[i](c) if i < n - 1 else 0.0
            R = 1 - T if i < n - 1 else top
            matrix[n + i, i] -= R * e[i]
            right[n + i] = (R - 1) * path[i]
            if i < n - 1:
                matrix[n + i, n + i + 1] -= T * e[i + 1]
                right[n + i] += T * path[i + 1]
        g = np.linalg.solve(matrix, right)
        return (1 - c * c) / 4 * c * np.sum(path * (1 - e) * (g[:n] + g[n:]))

    # <k_x^2 h> of one spin, half of C; an average over the sphere is half an integral over c for either sense of k_z
    return 0.5 * (np.sum(t * path) / 3 + _quad(kept, 0.003, 0.01, 0.03, 0.1, 0.3))


def delta_transmission(u):
    """Probability c -> T of a delta barrier of strength u."""
    return lambda c: c * c / (c * c + u * u) if u else 1.0


def sheet_without_spin_orbit(layers, turned, bottom, top, points=40):
    """In-plane sheet conductance of non-collinear magnets, G (4,) = <k_x h> per field along x (x, y, z, c).

    layers: (thickness, out (4, 4)); turned[i](c): R, T (4, 4) of the face above layer i. Without interface spin-orbit
    coupling h is odd in k_x, nothing is scattered in, and k_z h' + A h = k_x e_c for each c: matrix exponentials.
    """
    e_c = np.eye(4)[3]
    bulk = [np.linalg.solve(a, e_c) for _, a in layers]
    total = sum(t * g for (t, _), g in zip(layers, bulk, strict=True)) / 3
    n = len(layers)
    edges = np.array([0.0, *10.0 ** np.arange(-5.0, 0.1, 0.5)])
    x, w = leggauss(points)
    for low, high in pairwise(edges):
        for c, weight in zip((low + high) / 2 + (high - low) / 2 * x, (high - low) / 2 * w, strict=True):
            e = [expm(-a * (t / c)) for t, a in layers]
            matrix, right = np.eye(8 * n), np.zeros(8 * n)
            up, down = [slice(4 * i, 4 * i + 4) for i in range(n)], [slice(4 * i, 4 * i + 4) for i in range(n, 2 * n)]
            for i in range(n):
                for here, other, neighbour, beyond, face in (
                    (up[i], down[i], i - 1, up, i - 1),
                    (down[i], up[i], i + 1, down, i),
                ):
                    if 0 <= neighbour < n:
                        R, T = turned[face](c)
                        matrix[here, beyond[neighbour]] -= T @ e[neighbour]
                        right[here] += T @ bulk[neighbour]
                    else:
                        R = np.eye(4) * (bottom if neighbour < 0 else top)
                    matrix[here, other] -= R @ e[i]
                    right[here] += R @ bulk[i] - bulk[i]
            g = np.linalg.solve(matrix, right)
            for i, (_, a) in enumerate(layers):
                part = np.linalg.solve(a, (np.eye(4) - e[i]) @ (g[up[i]] + g[down[i]]))
                total = total + weight * (1 - c * c) / 4 * c * part
    return total


def milne_extrapolation_length():
    """0.710446089598763... mean free paths (Placzek, Seidel, Phys. Rev. 72, 550 (1947)).

    6/pi^2 + (1/pi) int_0^(pi/2) [3/x^2 - 1/(1 - x cot x)] dx, 1 - x cot x = sum 2 zeta(2n) (x/pi)^(2n).
    """
    n = np.arange(30)
    coefficient = 2 * zeta(2 * n + 4) / np.pi ** (2 * n + 4)

    def f(y):
        x = y * np.pi / 2
        rest = np.sum(coefficient * x ** (2 * n))
        return np.pi / 2 * 9 * rest / (1 + 3 * x**2 * rest)

    return 6 / np.pi**2 + _quad(f) / np.pi


class Slab:
    """k_z h' + a h = b <h> for 0 < z < t with h = 1 arriving at the bottom, 0 at the top; a, b may be complex.

    <h> obeys <h>(z) = E2(a z)/2 + (b/2) int E1(a |z - z'|) <h>(z') dz'. Panels that shrink towards the faces, Legendre
    points on each, the kernel integrated exactly enough with the interpolating polynomials: on the panel of the
    target and next to it with points that crowd at the logarithm. `density`(z) is <h>; `entering` and
    `transmitted` are currents <k_z h> over that of free flow, 1/4, and differ by what is `lost`, 4 (a - b) int <h> dz.
    """

    def __init__(self, a, b, thickness, points=12, panels=18, ratio=0.4):
        self.a, self.b, self.t = a, b, thickness
        half = np.concatenate([[0.0], ratio ** np.arange(panels - 1, -1, -1.0)]) / 2
        self.edges = thickness * np.concatenate([half, 1 - half[-2::-1]])
        self.x, self.w = leggauss(points)
        s, w = leggauss(48)
        self.crowded = (s + 1) / 2, w / 2
        self.inverse = np.linalg.inv(np.polynomial.legendre.legvander(self.x, points - 1))
        self.z = ((self.edges[1:] + self.edges[:-1])[:, None] / 2 + np.diff(self.edges)[:, None] / 2 * self.x).ravel()
        kernel = np.stack([self._row(z) for z in self.z])
        self.values = np.linalg.solve(np.eye(len(self.z)) - kernel, self._free(self.z))
        self.weight = (np.diff(self.edges)[:, None] / 2 * self.w).ravel()
        self.lost = 4 * (a - b) * np.sum(self.weight * self.values)
        back, forth = (np.sum(self.weight * _e2(a * y) * self.values) for y in (self.z, thickness - self.z))
        self.entering = 1 - 2 * b * back
        self.transmitted = 2 * _e3(a * thickness) + 2 * b * forth

    def _free(self, z):
        return _e2(self.a * z) / 2

    def _row(self, z):
        """Weights of the values of <h> in (b/2) int E1(a |z - z'|) <h>(z') dz'."""
        row = []
        for low, high in pairwise(self.edges):
            width = high - low
            if z < low - width or z > high + width:
                at, weight = low + width * (self.x + 1) / 2, width / 2 * self.w
                row.append(self.b / 2 * weight * exp1(self.a * np.abs(z - at)))
                continue
            # points that crowd at the singularity, or where it is nearest
            s, w = self.crowded
            near = min(max(z, low), high)
            parts = [(near, end) for end in (low, high) if end != near]
            at = np.concatenate([near + (end - near) * s**7 for near, end in parts])
            weight = np.concatenate([abs(end - near) * w * 7 * s**6 for near, end in parts])
            basis = np.polynomial.legendre.legvander(2 * (at - low) / width - 1, len(self.x) - 1) @ self.inverse
            row.append((self.b / 2 * weight * exp1(self.a * np.maximum(np.abs(z - at), 1e-300))) @ basis)
        return np.concatenate(row)

    def density(self, z):
        return np.array([self._free(y) + self._row(y) @ self.values for y in np.atleast_1d(z)])


def _e2(x):
    x = np.asarray(x)
    safe = np.where(x == 0, 1.0, x)
    return np.where(x == 0, 1.0, np.exp(-x) - x * exp1(safe))


def _e3(x):
    return (np.exp(-x) - x * _e2(x)) / 2


def decay_length(out, back):
    """L of h ~ exp(-z/L) where k_z h' + a h = b <h>: b L artanh(1/(a L)) = 1 (Case's discrete root).

    Complex a = g + g_sf -+ i kappa is precession.
    """
    start = np.sqrt(3 * out * (out - back)) * 0.99

    def f(x):
        return back * np.arctanh(x / out) / x - 1

    def slope(x):
        return back * (out / (out**2 - x**2) / x - np.arctanh(x / out) / x**2)

    x = newton(f, start if abs(start) < 0.9 * abs(out) else 0.9 * out, fprime=slope, tol=1e-15, maxiter=500)
    return 1 / x


def polarised_decay_length(up, down, flip):
    """The same along m: det(1 - W [[g_up, g_sf], [g_sf, g_down]]) = 0, W_s = L artanh(1/((g_s + g_sf) L))."""

    def f(x):
        w = [np.arctanh(x / (g + flip)) / x for g in (up, down)]
        return (1 - w[0] * up) * (1 - w[1] * down) - w[0] * w[1] * flip**2

    # x = 0 is the conserved charge
    low, high = 1e-3 * (min(up, down) + flip), (min(up, down) + flip) * (1 - 1e-14)
    return 1 / brentq(f, low, high, xtol=1e-15, rtol=1e-14)
