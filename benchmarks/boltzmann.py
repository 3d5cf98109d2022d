"""The Boltzmann equation: a bilayer, its three planes, and one scalar layer against PythonicDISORT.

python benchmarks/boltzmann.py [angles of a plane, default 73]        (needs `pip install PythonicDISORT`)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from common import one_core, seconds

core = one_core()
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "references"))

from PythonicDISORT.pydisort import pydisort  # noqa: E402
from reference_boltzmann_exact import Slab  # noqa: E402

import spinstack as ss  # noqa: E402
from spinstack.boltzmann import solve  # noqa: E402
from spinstack.boltzmann.modes import real_sector, response  # noqa: E402
from spinstack.boltzmann.quadrature import Directions, directions  # noqa: E402

ALBEDO, DEPTH = 0.95, 2.0
RTOL = 1e-4


def disort(streams: int) -> float:
    """Transmitted over incident flux of a layer of isotropic scatterers under isotropic light."""
    legendre = np.eye(1, 2 * streams)[0]
    _, _, down, *_ = pydisort(DEPTH, ALBEDO, streams, legendre, 1.0, 0.0, 0.0, b_neg=1.0, only_flux=True)
    return float(down(DEPTH)[0]) / np.pi


def layer(d: Directions) -> float:
    """The same as spin that enters a layer from a reservoir: out-scattering 1, in-scattering the albedo."""
    sector = real_sector(np.ones(1), np.array([[ALBEDO]]), d, [])
    return float(2 * d.flux @ response(sector, DEPTH).t @ d.flux)


def gauss(points: int) -> Directions:
    """The directions of PythonicDISORT: Gauss-Legendre points in |k_z| itself."""
    x, w = np.polynomial.legendre.leggauss(points)
    mu, weight = (1 + x) / 2, w / 2
    return Directions(mu, weight, np.zeros(1), np.sqrt(mu * weight))


def against_disort() -> None:
    expected = complex(Slab(1.0, ALBEDO, DEPTH, points=16, panels=22).transmitted).real
    print(f"one scalar layer, albedo {ALBEDO}, thickness {DEPTH}: integral equation {expected:.12f}")
    print("streams  PythonicDISORT          this package            ratio   difference at the same directions")
    for streams in (8, 16, 32, 64):
        d = directions(streams // 2, 2)
        theirs, _ = seconds(_call(disort, streams))
        ours, _ = seconds(_call(layer, d))
        errors = abs(disort(streams) - expected), abs(layer(d) - expected)
        same = abs(layer(gauss(streams // 2)) - disort(streams))
        print(
            f"{streams:7d}  {theirs * 1e3:7.3f} ms, off {errors[0]:.0e}  {ours * 1e3:7.3f} ms, off {errors[1]:.0e}"
            f"  {theirs / ours:6.1f}   {same:.0e}"
        )


def _call(f: Callable, value: object) -> Callable:
    return lambda: f(value)


def bilayer() -> ss.Film:
    """A heavy metal and a magnet, bulk polarisation, an interface with exchange and Rashba coupling."""
    barrier = ss.DeltaBarrier(barrier=0.4, exchange=0.2, rashba=0.1, fermi_wavevector=1.36e10)
    return (
        ss.Metal("N", thickness=5e-9, conductivity=4e6, spin_diffusion_length=2e-9, spin_flip_length=2e-8)
        | ss.Interface(scattering=barrier)
        | ss.Ferromagnet(
            "F",
            thickness=4e-9,
            conductivity=4e6,
            polarization=0.4,
            spin_diffusion_length=5e-9,
            spin_flip_length=4e-8,
            precession_wavenumber=1e9,
        )
    )


def magnetoresistance(film: ss.Film, rtol: float) -> tuple[float, tuple[int, int]]:
    """R(m along z) / R(m along y) - 1 and the directions used."""
    found = solve(film, np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), rtol=rtol)
    R = 1 / found.sheet[:, 0, 0]
    return float(R[1] / R[0] - 1), found.directions


def derivatives(film: ss.Film) -> None:
    """What every derivative of a public call costs, in values."""
    solver = ss.Boltzmann(rtol=RTOL)
    calls = {
        "magnetoresistance": partial(ss.magnetoresistance, plane="beta", solver=solver),
        "scan of 3 x 13 angles": partial(ss.angular_scan, angles=np.linspace(0, 180, 13), solver=solver),
    }
    for name, call in calls.items():
        value, _ = seconds(partial(call, film))
        every, _ = seconds(partial(ss.gradient, film, call))
        print(
            f"{name}: {value * 1e3:.1f} ms, gradient by all {len(film.parameters())} parameters {every * 1e3:.1f} ms, "
            f"{every / value:.1f} values"
        )


def films(angles: int) -> None:
    film = bilayer()
    y = np.array([0.0, 1.0, 0.0])
    median, best = seconds(lambda: solve(film, y, rtol=RTOL))
    grid = solve(film, y, rtol=RTOL).directions
    print(f"bilayer, one m, {RTOL:g}: {median * 1e3:.0f} ms (best {best * 1e3:.0f}), directions {grid}")
    median, best = seconds(lambda: magnetoresistance(film, RTOL))
    (value, grid), (fine, _) = magnetoresistance(film, RTOL), magnetoresistance(film, RTOL / 100)
    print(f"its magnetoresistance: {median * 1e3:.0f} ms (best {best * 1e3:.0f}), directions {grid}")
    print(f"    {value:.9e}, off {abs(value / fine - 1):.0e} of itself")
    derivatives(film)
    turn = np.linspace(0, 2 * np.pi, angles)
    axes = np.eye(3)[[[0, 1], [1, 2], [0, 2]]]
    m = np.cos(turn)[:, None] * axes[:, None, 0] + np.sin(turn)[:, None] * axes[:, None, 1]
    start = time.perf_counter()
    found = solve(film, m, rtol=RTOL)
    print(f"three planes x {angles} angles: {time.perf_counter() - start:.1f} s, directions {found.directions}")


if __name__ == "__main__":
    against_disort()
    films(int(sys.argv[1]) if len(sys.argv) > 1 else 73)
