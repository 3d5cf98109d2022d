"""dm/dt of the current torque as other programs compute it, from the numbers that they are given.

Written anew from the formulas of each: mumax3 cuda/slonczewski2.cu and engine/torque.go, mumax+ physics/stt.cu, OOMMF
oxs/ext/spinxferevolve.cc, magnum.np field_terms/spintorque.py and solvers/llg.py, micromagneticmodel's Slonczewski.
"""

import numpy as np

HBAR, E, MU0 = 1.054571817e-34, 1.602176634e-19, 1.25663706212e-6


def _slonczewski(m, p, beta, P, Lambda, eps_prime, alpha):
    """Explicit form of ``beta eps m x (p x m) + beta eps' p x m`` inside the Gilbert equation, over gamma."""
    p = np.asarray(p, float) / np.linalg.norm(p)
    eps = P * Lambda**2 / ((Lambda**2 + 1) + (Lambda**2 - 1) * (m @ p))
    pxm = np.cross(p, m)
    one = (beta * eps + alpha * beta * eps_prime)[:, None] * np.cross(m, pxm)
    return (one + (beta * eps_prime - alpha * beta * eps)[:, None] * pxm) / (1 + alpha**2)


def _field(m, H, alpha):
    L = np.cross(H, m)
    return (L + alpha * np.cross(m, L)) / (1 + alpha**2)


def mumax(m, *, msat, alpha, gamma, thickness, on_top, fixed_layer, Lambda, pol, epsilon_prime, jz, B=(0, 0, 0)):
    """mumax3 and mumax+: the sign of the thickness is the other one where the fixed layer is below."""
    beta = HBAR / E * jz / (msat * thickness * (1 if on_top else -1))
    return gamma * (_slonczewski(m, fixed_layer, beta, pol, Lambda, epsilon_prime, alpha) + _field(m, B, alpha))


def oommf(m, *, Ms, alpha, gamma_G, J, mp, P, Lambda, eps_prime, cell, H=(0, 0, 0)):
    """As Calculate_dm_dt does it, with the Landau-Lifshitz gamma and m x p."""
    gamma = gamma_G / (1 + alpha**2)
    beta = HBAR / (MU0 * E) * J / (cell * Ms)
    p = np.asarray(mp, float)
    eps = P * Lambda**2 / ((Lambda**2 + 1) + (Lambda**2 - 1) * (m @ p))
    mxH, mxp = np.cross(m, H), np.cross(m, p)
    coef1 = (alpha * beta * eps - beta * eps_prime)[:, None]
    coef2 = (alpha * beta * eps_prime + beta * eps)[:, None]
    return gamma * (np.cross(alpha * mxH + coef2 * mxp, m) + coef1 * mxp - mxH)


def magnum_np(m, *, Ms, alpha, gamma, d, je, p, eta_damp, eta_field, H=(0, 0, 0)):
    """SpinOrbitTorque.h in LLGSolver._dm."""
    h = eta_damp * np.cross(m, p) + eta_field * np.asarray(p, float)
    h = h * -je * HBAR / (2 * E * Ms * MU0 * d) + np.asarray(H)
    return -gamma / (1 + alpha**2) * (np.cross(m, h) + alpha * np.cross(m, np.cross(m, h)))
