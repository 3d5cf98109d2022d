"""From dimensionless integrals to currents, torques and accumulations in SI units, batch last."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED
from spinstack.scattering.integrals import Integrals


class Sides(NamedTuple):
    """gamma = 2 lambda (P m, 1) of the layers below and above: drive (4, batch) [m] per in-plane field."""

    lower: Any
    upper: Any


class Response(NamedTuple):
    """Mean and drop of the currents of an interface, and what goes with them, in g = (mu_s, 2 mu_c) [V].

    ``(j_L + j_R)/2 = mean (g_L - g_R) + mean_field E``, ``j_L - j_R = lost (g_L + g_R) + lost_field E``;
    ``I = inverse_mean (g_L - g_R) + inverse_lost (g_L + g_R) + sheet E``;
    ``torque = torque (g_L + g_R) + torque_field E`` into m, lattice torque likewise;
    ``accumulation = accumulation (g_L + g_R) + accumulation_field E`` at z = 0.
    Shapes (4, 4), (4, 2), (2, 4), (2, 2), (3, 4), (3, 2), each with the batch behind.
    """

    mean: Any
    lost: Any
    mean_field: Any
    lost_field: Any
    inverse_mean: Any
    inverse_lost: Any
    sheet: Any
    torque: Any
    torque_field: Any
    lattice: Any
    lattice_field: Any
    accumulation: Any
    accumulation_field: Any


def sharvin_conductance(fermi_wavevector: Any) -> Any:
    """e^2 k_F^2/(8 pi^2 hbar) [S/m^2]: what one spin of one free-electron metal can carry."""
    return ELEMENTARY_CHARGE**2 * fermi_wavevector**2 / (8 * np.pi**2 * PLANCK_REDUCED)


def mean_free_path(conductivity: Any, fermi_wavevector: Any) -> Any:
    """lambda [m] of ``sigma = e^2 k_F^2 lambda/(3 pi^2 hbar)``."""
    return 3 * np.pi**2 * PLANCK_REDUCED * conductivity / (ELEMENTARY_CHARGE**2 * fermi_wavevector**2)


def _mul(a: Any, b: Any) -> Any:
    """Matrix product over the inner two of (i, j, batch) and (j, k, batch)."""
    return (a[:, :, None] * b[None]).sum(1)


def _solve(A: Any, B: Any) -> Any:
    """A^-1 B for (4, 4, batch) and (4, k, batch)."""
    xp = array_module(A, B)
    return xp.moveaxis(xp.linalg.solve(xp.moveaxis(A, -1, 0), xp.moveaxis(B, -1, 0)), 0, -1)


def response(n: Integrals, bare: Integrals, sides: Sides, G: Any, sharvin: bool) -> Response:
    """The response of an interface; `bare` are the integrals without spin-orbit coupling, G the Sharvin conductance.

    Derived in docs/methods/scattering.md after Amin, Haney, Stiles, J. Appl. Phys. 128, 151101 (2020).
    """
    xp = array_module(*n, *sides, G)
    difference, total, G2 = sides.lower - sides.upper, sides.lower + sides.upper, G[None, None]

    def lost_of(i: Integrals) -> Any:
        """A with nothing lost of the charge (4, 4, 3, 3, batch)."""
        return xp.pad(i.A, ((0, 1), (0, 1), (0, 0), (0, 0), (0, 0)))

    def driven(X: Any, gamma: Any) -> Any:
        """X (rows, 4, 2, batch) of the in-plane weights times gamma: (rows, 2, batch)."""
        return (X * gamma[None, :, None]).sum(1)

    whole = lost_of(n)
    half = n.T + whole / 2
    A, keep = whole[:, :, 0, 0], half[:, :, 0, 0]
    A_k, keep_k = whole[:, :, 0, 1:], half[:, :, 0, 1:]
    mean, lost = G2 * keep, G2 * A
    mean_field, lost_field = G2 * driven(keep_k, difference), G2 * driven(A_k, total)
    inverse_mean = -G2 / 2 * (keep_k * difference[:, None, None]).sum(0).swapaxes(0, 1)
    inverse_lost = -G2 / 4 * (A_k * total[:, None, None]).sum(0).swapaxes(0, 1)

    def sheet_of(i: Integrals) -> Any:
        def form(X: Any, v: Any) -> Any:
            return (X[:, :, 1:, 1:] * v[:, None, None, None] * v[None, :, None, None]).sum((0, 1))

        A = lost_of(i)
        return -G2 / 2 * (form(i.T + A / 2, difference) + form(A, total) / 2)

    sheet = sheet_of(n) - sheet_of(bare)
    torque, torque_field = G2 * n.torque[:, :, 0], G2 * driven(n.torque[:, :, 1:], total)
    lattice, lattice_field = G2 * n.lattice[:, :, 0], G2 * driven(n.lattice[:, :, 1:], total)
    accumulation, accumulation_field = n.S[:, :, 0] / 2, driven(n.S[:, :, 1:], total) / 2
    if sharvin:
        one = xp.eye(4)[:, :, None]
        mean_both = _solve(one - keep, xp.concatenate([mean, mean_field], 1))
        lost_both = _solve(one - A / 2, xp.concatenate([lost, lost_field], 1))
        mean, mean_field, lost, lost_field = mean_both[:, :4], mean_both[:, 4:], lost_both[:, :4], lost_both[:, 4:]
        # what arrives, per potential and per field
        drop, drop_field = one + mean / G2, mean_field / G2
        sum_, sum_field = one + lost / (2 * G2), lost_field / (2 * G2)
        sheet = sheet + _mul(inverse_mean, drop_field) + _mul(inverse_lost, sum_field)
        inverse_mean, inverse_lost = _mul(inverse_mean, drop), _mul(inverse_lost, sum_)
        torque_field, torque = torque_field + _mul(torque, sum_field), _mul(torque, sum_)
        lattice_field, lattice = lattice_field + _mul(lattice, sum_field), _mul(lattice, sum_)
        accumulation_field = accumulation_field + _mul(accumulation, sum_field)
        accumulation = _mul(accumulation, sum_)
    return Response(
        mean, lost, mean_field, lost_field, inverse_mean, inverse_lost, sheet, torque, torque_field,
        lattice, lattice_field, accumulation, accumulation_field,
    )  # fmt: skip
