"""Antiferromagnets by brute force: two sublattices without any expansion, domains as a distribution over angles."""

import numpy as np
from scipy.optimize import minimize, root


def two_sublattices(B, exchange, easy, hard, u, k, start):
    """Moments (2, 3) of lowest energy: B_E s_a.s_b - B.(s_a + s_b) + sum over s of [hard (s.k)^2 - easy (s.u)^2]/2.

    All in tesla; `start`: where n begins. Where no torque acts, near the lowest of a few descents.
    """
    B, u, k = (np.asarray(v, float) for v in (B, u, k))
    anisotropy = hard * np.outer(k, k) - easy * np.outer(u, u)

    def energy(angles):
        a, b = _unit(*angles[:2]), _unit(*angles[2:])
        return 2 * exchange * (exchange * (a @ b + 1) - B @ (a + b) + (a @ anisotropy @ a + b @ anisotropy @ b) / 2)

    def slope(angles):  # by imaginary steps: exact
        return np.array([energy(angles + 1e-30j * e).imag / 1e-30 for e in np.eye(4)])

    theta, phi = np.arccos(start[2]), np.arctan2(start[1], start[0])
    begin = np.array([theta, phi, np.pi - theta, phi + np.pi]) + 0.02
    found = root(slope, minimize(energy, begin, jac=slope, method="BFGS").x, tol=1e-14).x
    return np.array([_unit(*found[:2]), _unit(*found[2:])])


def _unit(theta, phi):
    return np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])


def domain_moments(B, monodomain, weak=0.0, points=180):
    """<cos 2 phi>, <sin 2 phi> of the shares of domains at `points` angles that have the lowest energy in B (2).

    Energy: the share-weighted (n.B)^2 + 2 weak B.(k x n) and a quarter of monodomain^2 times |<e^(2 i phi)>|^2, which
    strain costs.
    """
    phi = 2 * np.pi * np.arange(points) / points
    along = (np.cos(phi) * B[0] + np.sin(phi) * B[1]) ** 2
    along = along + 2 * weak * (np.cos(phi) * B[1] - np.sin(phi) * B[0])
    twice = np.stack([np.cos(2 * phi), np.sin(2 * phi)])

    def energy(p):
        Q = twice @ p
        return along @ p + monodomain**2 * (Q @ Q) / 4

    def slope(p):
        return along + monodomain**2 * (twice @ p) @ twice / 2

    found = minimize(
        energy, np.full(points, 1 / points), jac=slope, bounds=[(0, 1)] * points, method="SLSQP",
        constraints={"type": "eq", "fun": lambda p: p.sum() - 1, "jac": lambda p: np.ones(points)},
        options={"maxiter": 500, "ftol": 1e-15},
    )  # fmt: skip
    return twice @ found.x
