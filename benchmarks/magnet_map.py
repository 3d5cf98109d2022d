"""The full tensor of a metal on a Weiss ferromagnet over 1000 x 1000 fields and temperatures. Aim: 3 s on two cores.

Against the script one would otherwise write: per point scipy's brentq for the order, then the published closed forms.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import constants
from scipy.optimize import brentq

import spinstack as ss
from common import seconds

HBAR, E, KB, MUB = constants.hbar, constants.e, constants.k, constants.value("Bohr magneton")
SPIN, TC, DENSITY, J, NU = 2.0, 100.0, 3e18, 1e-48, 4e46
THICKNESS, SIGMA, LENGTH, THETA = 2e-9, 1e6, 3e-9, 0.1


def film() -> Any:
    """Metal on a Weiss ferromagnet."""
    magnet = ss.WeissMagnet(
        spin=SPIN, curie_temperature=TC, surface_density=DENSITY, exchange_coupling=J, density_of_states=NU
    )
    return ss.MagneticInsulator("magnet", magnet=magnet) | ss.Metal(
        "metal",
        thickness=THICKNESS,
        conductivity=SIGMA,
        spin_diffusion_length=LENGTH,
        spin_hall_angle=THETA,
        density_of_states=NU,
    )


def script(B: float, T: float) -> float:
    """R_xx by brentq and closed forms, B along z."""
    b, weiss = 2 * MUB * B / KB, 3 * TC / (SPIN * (SPIN + 1))

    def brillouin(x: float) -> float:
        return (SPIN + 0.5) / np.tanh((SPIN + 0.5) * x) - 0.5 / np.tanh(x / 2)

    x = brentq(lambda v: T * v - b - weiss * brillouin(v), 1e-9, (b + weiss * SPIN) / T + 1)
    sigma = brillouin(x)
    flips = x * sigma / (4 * np.sinh(x / 2) ** 2) if x < 500 else 0.0
    square = SPIN * (SPIN + 1) - sigma / np.tanh(x / 2)
    G0 = np.pi / HBAR * DENSITY * (E * NU * J) ** 2
    Gs, Gr, Gi = 2 * G0 * flips, G0 * (square - flips), E**2 / HBAR * DENSITY * NU * J * sigma
    rho = 1 / SIGMA
    diffusion = SIGMA / (2 * E**2 * NU)
    turning = 1 / np.sqrt(1 / LENGTH**2 + 1j * 2 * MUB * B / HBAR / diffusion)

    def R(G: complex, length: complex) -> complex:
        half, full = np.tanh(THICKNESS / 2 / length), np.tanh(THICKNESS / length)
        return 2 * length / THICKNESS * half * (1 + rho * G * length / half) / (1 + 2 * rho * G * length / full)

    return float((rho - THETA**2 * rho * R(Gs + Gr + 1j * Gi, turning).real) / THICKNESS)


def main() -> None:
    """Print medians."""
    B, T = np.linspace(0.01, 10, 1000), np.linspace(1, 200, 1000)
    fields = B[None, :, None] * np.array([0.0, 0.0, 1.0])
    one = film()

    def whole() -> Any:
        return ss.sheet_resistance(one, B=fields, T=T[:, None])

    median, least = seconds(whole, 5)
    pick = np.random.default_rng(0).integers(0, 1000, (2, 300))
    each, _ = seconds(lambda: [script(B[i], T[k]) for i, k in pick.T], 3)
    each /= pick.shape[1]
    R = whole()[pick[1], pick[0], 0, 0]
    worst = np.abs([script(B[i], T[k]) for i, k in pick.T] / R - 1).max()
    print(f"1000 x 1000 map, full tensor: median {median:.2f} s, least {least:.2f} s")
    print(f"brentq and closed forms: {1e6 * each:.0f} us a point, {each * 1e6 / median:.0f} times as long")
    print(f"largest relative difference {worst:.1e} (the closed forms leave out theta^4)")


if __name__ == "__main__":
    main()
