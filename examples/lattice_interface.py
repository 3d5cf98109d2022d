"""A lattice gives the interface: scattering matrices of a simple cubic crystal, as a tight-binding code finds them,
become an interface of a film.

Run ``python examples/lattice_interface.py [OUTPUT_FOLDER]``. Nothing but NumPy makes the matrices; a code such as kwant
would hand over the same arrays.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import spinstack as ss
from spinstack.figures import save

#: lattice constant [m] and Fermi wave vector of the metal [1/m]
SPACING, KF = 0.25e-9, 6e9
#: delta barrier of the plane between the crystals: u0, exchange, Rashba, as ss.DeltaBarrier has them
BARRIER, EXCHANGE, RASHBA = 0.4, 0.2, 0.1
#: band edges of majority and minority above, over the Fermi energy of the metal
MAJORITY, MINORITY = -0.3, 0.4
SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
BLUE, RED = "#0072B2", "#D55E00"


def edge(energy: float, turn: np.ndarray) -> np.ndarray:
    """Where on a ray in the plane electrons of this energy (over the hopping) stop: k a."""
    k = np.sqrt(energy) * np.ones_like(turn)
    for _ in range(60):  # Newton
        kx, ky = k * np.cos(turn), k * np.sin(turn)
        k -= (4 - 2 * np.cos(kx) - 2 * np.cos(ky) - energy) / (
            2 * np.sin(kx) * np.cos(turn) + 2 * np.sin(ky) * np.sin(turn)
        )
    return k


def wave_vectors(energies: list[float], radial: int, azimuths: int) -> tuple[np.ndarray, np.ndarray]:
    """In-plane k a (K, 2) and their areas (K,): the radial integral is split where channels close."""
    x, w = np.polynomial.legendre.leggauss(radial)
    angle, w = np.pi / 4 * (x + 1), np.pi / 4 * w
    turn = 2 * np.pi * (np.arange(azimuths) + 0.5) / azimuths
    ends = np.array([np.zeros(azimuths), *(edge(e, turn) for e in sorted(set(energies)))])
    points, areas = [], []
    for low, high in pairwise(ends):
        span = (high**2 - low**2)[:, None]
        k = np.sqrt(low[:, None] ** 2 + span * np.sin(angle) ** 2)
        points.append(k[..., None] * np.stack([np.cos(turn), np.sin(turn)], -1)[:, None])
        areas.append(span * np.sin(angle) * np.cos(angle) * w * 2 * np.pi / azimuths)
    return np.concatenate([p.reshape(-1, 2) for p in points]), np.concatenate([a.ravel() for a in areas])


def along_z(energy: Any) -> np.ndarray:
    """e^(i k_z a) of a chain at this energy above its band edge, over the hopping; decaying where it is closed."""
    cosine = 1 - np.asarray(energy, complex) / 2
    phase = cosine + 1j * np.sqrt(1 - cosine) * np.sqrt(1 + cosine)
    return np.where(np.abs(phase) > 1 + 1e-12, 1 / phase, phase)


def lattice(
    m: np.ndarray,
    spacing: float = SPACING,
    above: tuple[float, float] = (0.0, 0.0),
    rashba: float = RASHBA,
    radial: int = 12,
    azimuths: int = 24,
) -> dict[str, Any]:
    """The arrays of :class:`spinstack.ScatteringData` of two crystals that meet in one plane, for directions m (D, 3).

    One orbital per site, hopping 1: ``(2 + V) psi_0 - psi_1 - psi_-1 = E_z psi_0`` in the plane, with the delta
    barrier's potential over one spacing, ``V = 2 k_F a (u0 + sigma.u)``, and plane waves on both sides. `above`: band
    edges of majority and minority there, over the Fermi energy.
    """
    kFa = KF * spacing
    fermi = 2 - 2 * np.cos(kFa)
    split = above[0] != above[1]
    k, area = wave_vectors([fermi, *(fermi * (1 - shift) for shift in above)], radial, azimuths)
    in_plane = 4 - 2 * np.cos(k).sum(-1)
    left = along_z(fermi - in_plane)
    right = [along_z(fermi * (1 - shift) - in_plane) for shift in above]
    open_ = np.stack([f.imag > 1e-9 for f in (left, left, *right)], -1)
    flux = np.sqrt(np.where(open_, np.stack([left, left, *right], -1).imag, 0.0))
    q = np.sin(k) / kFa
    S = []
    for direction in m:
        # along m the electron's spin is that of the minority
        spin = np.einsum("i,ijk->jk", direction, SIGMA)
        up = np.linalg.eigh(spin)[1][:, 0]  # sigma.m = -1: moment along m
        down = np.linalg.eigh(spin)[1][:, 1]
        basis = np.stack([up, down], -1) if split else np.eye(2)
        field = EXCHANGE * direction + rashba * np.stack([-q[:, 1], q[:, 0], 0 * q[:, 0]], -1)
        V = 2 * kFa * (BARRIER * np.eye(2) + np.einsum("ki,ijl->kjl", field, SIGMA))
        phases = [np.einsum("k,ij->kij", p, np.outer(v, v.conj())) for p, v in zip(right, (up, down), strict=True)]
        inside = V + (left + 1 / left)[:, None, None] * np.eye(2) - left[:, None, None] * np.eye(2) - sum(phases)
        out = np.concatenate([np.eye(2) * flux[:, None, :2], basis * flux[:, None, 2:]], -1)
        psi = np.linalg.solve(inside, -2j * out)
        S.append(out.conj().swapaxes(-1, -2) @ psi - np.eye(4) * open_[:, None])
    v = [
        np.stack([*np.sin(k).T, np.where(o, f.imag, 1.0)], -1)
        for o, f in zip(open_.T, (left, left, *right), strict=True)
    ]
    return {
        "k": k / spacing, "weight": area / spacing**2, "S": np.stack(S), "m": m, "open": 1.0 * open_,
        "velocity": np.stack(v, 1), "split": (False, split), "spin_orbit": rashba != 0,
    }  # fmt: skip


def directions(count: int = 16) -> np.ndarray:
    """Directions all over half a sphere; the others follow by reciprocity."""
    i = np.arange(count) + 0.5
    z, turn = 1 - i / count, np.pi * (1 + np.sqrt(5)) * i
    return np.stack([np.sqrt(1 - z * z) * np.cos(turn), np.sqrt(1 - z * z) * np.sin(turn), z], -1)


def continuum(fractions: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2)) -> tuple[np.ndarray, np.ndarray]:
    """k_F a, and by how much the charge conductance of the lattice is off that of the delta barrier, per Sharvin's."""
    barrier = ss.DeltaBarrier(barrier=BARRIER, exchange=EXCHANGE, fermi_wavevector=KF)
    up = np.array([[0.0, 0.0, 1.0]])
    off = []
    for kFa in fractions:
        data = ss.ScatteringData(**lattice(up, kFa / KF, rashba=0.0))
        passed = data.conductance(up[0])[3, 3] / data.sharvin_conductance()[0]
        sharvin = barrier.replace(barrier=1e-9, exchange=0.0).conductance(up[0])[3, 3]
        off.append(passed - barrier.conductance(up[0])[3, 3] / sharvin)
    return np.array(fractions), np.array(off)


def film(model: Any) -> ss.Film:
    """Pt and a magnet with the lattice's interface between them."""
    return (
        ss.Metal("Pt", thickness=3e-9, conductivity=4e6, spin_diffusion_length=1.5e-9)
        | ss.Interface(scattering=model)
        | ss.Ferromagnet("Co", thickness=3e-9, conductivity=5e6, polarization=0.4, spin_diffusion_length=6e-9)
    )


def in_a_film(fractions: tuple[float, ...] = (0.2, 0.3, 0.4, 0.6, 0.8)) -> tuple[np.ndarray, np.ndarray]:
    """k_F a, and by how much of itself the film's resistance in the Boltzmann equation is off the delta barrier's.

    Beyond about 0.9 velocities of the lattice are more than 5 % off those of a Fermi sphere: refused.
    """
    theory = ss.Boltzmann(rtol=1e-5)
    up = np.array([[0.0, 0.0, 1.0]])
    # mean free paths of 14 and 17 nm follow from the conductivities: spins flip less often
    lengths = {"Pt.spin_diffusion_length": 20e-9, "Co.spin_diffusion_length": 30e-9}

    def resistance(model: Any) -> float:
        return float(ss.sheet_resistance(film(model).replace(lengths), m=up[0], solver=theory)[0, 0])

    barrier = ss.DeltaBarrier(barrier=BARRIER, exchange=EXCHANGE, fermi_wavevector=KF)
    models = [ss.ScatteringData(**lattice(up, kFa / KF, rashba=0.0, azimuths=8)) for kFa in fractions]
    return np.array(fractions), np.array([resistance(model) for model in models]) / resistance(barrier) - 1


def figure(
    kFa: np.ndarray,
    off: np.ndarray,
    films: tuple[np.ndarray, np.ndarray],
    angles: np.ndarray,
    curves: dict[str, np.ndarray],
) -> Figure:
    """The way to the continuum, and the resistance of the film as m turns."""
    drawn = Figure(figsize=(8.6, 3.6), layout="constrained")
    left, right = drawn.subplots(1, 2)
    left.loglog(kFa, np.abs(off), "o", color=BLUE, label="conductance, per Sharvin")
    left.loglog(films[0], np.abs(films[1]), "s", color=RED, label="resistance of a film, Boltzmann")
    for values in (off, films[1]):
        line = left.loglog(kFa, np.abs(values[0]) * (kFa / kFa[0]) ** 2, color="0.4", zorder=0)
    line[0].set_label(r"$\propto (k_Fa)^2$")
    left.set_xlabel("$k_F a$")
    left.set_ylabel("off the continuum")
    left.set_ylim(top=4 * max(np.abs(off).max(), np.abs(films[1]).max()))
    left.set_xticks([0.2, 0.5, 1.0], ["0.2", "0.5", "1"])
    left.minorticks_off()
    for (name, values), colour in zip(curves.items(), (BLUE, RED), strict=True):
        right.plot(angles, 1e6 * values, color=colour, label=name)
    right.set_xlabel("angle of $m$ (°)")
    right.set_ylabel(r"$\Delta R/R$ ($10^{-6}$)")
    right.set_xticks(np.arange(0, 361, 90))
    right.set_ylim(top=1.45e6 * max(values.max() for values in curves.values()))
    for axes in (left, right):
        axes.legend(frameon=False, loc="upper left", ncols=1 if axes is left else 2)
        axes.spines[["top", "right"]].set_visible(False)
    return drawn


def main(folder: str = ".") -> dict[str, float]:
    """Compute, draw, and return the numbers that are quoted."""
    out = Path(folder)
    kFa, off = continuum()
    films = in_a_film()
    m = directions()
    data = ss.ScatteringData(**lattice(m, above=(MAJORITY, MINORITY)))
    data.save(out / "lattice_interface.npz")
    angles = np.arange(0.0, 361.0, 5.0)
    curves = {}
    for plane in ("alpha", "beta"):
        scan = ss.angular_scan(film(data), plane=plane, angles=angles)["R_xx"].values
        curves[f"{plane} plane"] = scan / scan[0] - 1
    save(figure(kFa, off, films, angles, curves), out / "lattice_interface")
    c = data.coefficients((0, 0, 1))
    return {
        "order": float(np.log(off[1] / off[0]) / np.log(kFa[1] / kFa[0])),
        "off_film": float(films[1][0]),
        "order_film": float(np.log(films[1][2] / films[1][0]) / np.log(films[0][2] / films[0][0])),
        "error": data.error,
        "degree": data.degree,
        "conductance_up": float(c["conductance_up"]),
        "conductance_down": float(c["conductance_down"]),
        "mixing_conductance": float(c["mixing_conductance"].real),
        "alpha": float(np.ptp(curves["alpha plane"])),
    }


if __name__ == "__main__":
    for name, value in main(*sys.argv[1:]).items():
        print(f"{name:20s} {value:.6g}")
