"""Spin or orbital Hall effect: which thickness series tells?

Run ``python examples/orbital_torque.py [OUTPUT_FOLDER]``. The film: ``orbital_torque.toml``; the field is 1 V/m
along x, m along z, and the torque is the damping-like one, along y.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import least_squares

import spinstack as ss
from spinstack.figures import save

HERE = Path(__file__).parent
NM = 1e-9
METAL, MAGNET = np.linspace(1, 40, 40) * NM, np.geomspace(0.1, 60, 40) * NM
BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"
#: what the same film is without orbital moments
NONE = {
    "Cr": ("orbital_diffusion_length", "orbital_conductivity", "orbital_hall_angle"),
    "Ni": ("orbital_diffusion_length", "orbital_conductivity", "spin_orbital_conversion"),
}


def spin_alone(film: ss.Film) -> ss.Film:
    """The film without orbital moments."""
    return film.replace({f"{owner}.{name}": None for owner, names in NONE.items() for name in names})


def torque(
    film: ss.Film, metal: np.ndarray | float | None = None, magnet: np.ndarray | float | None = None
) -> np.ndarray:
    """Torque along y [N/m per V/m] of films of these thicknesses [m]."""
    changes = {"Cr.thickness": metal, "Ni.thickness": magnet}
    changed = film.replace({path: value for path, value in changes.items() if value is not None})
    return ss.torque(changed, m=(0.0, 0.0, 1.0))["Ni"].values[..., 1]


def fitted(
    film: ss.Film, names: dict[str, float], thickness: dict[str, np.ndarray], data: np.ndarray
) -> tuple[ss.Film, float]:
    """A film of spin alone fitted to torques: the film, and the rms misfit over the largest torque."""
    start = np.log(list(names.values()))

    def changed(x: np.ndarray) -> ss.Film:
        return film.replace(dict(zip(names, map(float, np.exp(x)), strict=True)))

    sign = np.sign(torque(changed(start), **{k: v[-1] for k, v in thickness.items()}) * data[-1])
    found = least_squares(lambda x: (sign * torque(changed(x), **thickness) - data) / np.abs(data).max(), start)
    return changed(found.x), float(np.sqrt(np.mean(found.fun**2)))


def share(thickness: np.ndarray, values: np.ndarray, at: float) -> float:
    """What a series has at a thickness [m], over its last value."""
    return float(np.interp(at, thickness, values / values[-1]))


def study(film: ss.Film) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Torques of both series, orbital and of spin alone fitted to the metal series, and what a page quotes."""
    spin = spin_alone(film).replace({"Cr.spin_hall_angle": 0.1})
    start = {"Cr.spin_hall_angle": 0.1, "Cr.spin_diffusion_length": 3e-9}
    metal, magnet = torque(film, metal=METAL), torque(film, magnet=MAGNET)
    same, misfit = fitted(spin, start, {"metal": METAL}, metal)
    pretend, pretence = fitted(
        spin, {"Cr.spin_hall_angle": 0.1, "Ni.dephasing_length": 3e-9}, {"magnet": MAGNET}, magnet
    )
    charge = torque(film.replace({"Cr.orbital_conductivity": None, "Ni.orbital_conductivity": None}), magnet=MAGNET)
    series = {
        "metal": metal,
        "magnet": magnet,
        "metal, spin": torque(same, metal=METAL),
        "magnet, spin": torque(same, magnet=MAGNET),
        "magnet, spin with a long dephasing length": torque(pretend, magnet=MAGNET),
    }
    numbers = {
        "metal series: misfit of a spin Hall effect": misfit,
        "metal series: its spin Hall angle": same.get("Cr.spin_hall_angle"),
        "metal series: its spin diffusion length (nm)": same.get("Cr.spin_diffusion_length") / NM,
        **{
            f"magnet series: share at {t} nm, {words}": share(MAGNET, values, t * NM)
            for t in (1, 3, 10)
            for words, values in (
                ("orbital", magnet),
                ("orbital, charge conductivity", charge),
                ("spin", series["magnet, spin"]),
            )
        },
        "magnet series: largest difference over largest torque": float(
            np.abs(series["magnet, spin"] - magnet).max() / np.abs(magnet).max()
        ),
        "magnet series: dephasing length of a fit (nm)": pretend.get("Ni.dephasing_length") / NM,
        "magnet series: misfit of that fit": pretence,
        "magnet series: spin Hall angle of that fit": pretend.get("Cr.spin_hall_angle"),
        "torque of the film (N/m per V/m)": float(torque(film)),
        "torque with the other sign of conversion": float(torque(film.replace({"Ni.spin_orbital_conversion": -0.15}))),
    }
    return series, numbers


def figure(series: dict[str, np.ndarray]) -> Figure:
    """Both series, orbital Hall effect and the spin Hall effect that fits the first."""
    out = Figure(figsize=(9.2, 3.8), layout="constrained")
    left, right = out.subplots(1, 2, sharey=True)
    for axes, thickness, name, words in ((left, METAL, "metal", "Cr"), (right, MAGNET, "magnet", "Ni")):
        axes.plot(thickness / NM, 1e12 * series[name], color=RED, label="orbital Hall effect of Cr")
        spin = 1e12 * series[f"{name}, spin"]
        axes.plot(thickness / NM, spin, "--", color=BLUE, label="spin Hall effect fitted to the Cr series")
        axes.set(xlabel=f"thickness of {words} (nm)", title=f"{words} series", xlim=(0, 40))
        axes.axhline(0, color="0.6", linewidth=0.8)
    pretend = 1e12 * series["magnet, spin with a long dephasing length"]
    right.plot(MAGNET / NM, pretend, ":", color=GREEN, label="spin Hall effect, dephasing length free")
    left.set_ylabel("torque on Ni (10⁻¹² N/m per V/m)")
    for axes in (left, right):
        axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 0.06))
    return out


def main(folder: str = "results/orbital_torque") -> dict[str, float]:
    """Write the figure and return the numbers."""
    film = ss.load_sample(HERE / "orbital_torque.toml")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    series, numbers = study(film)
    save(figure(series), target / "orbital_torque")
    for name, value in numbers.items():
        print(f"{name:66s} {value: .6g}")
    return numbers


if __name__ == "__main__":
    main(*sys.argv[1:])
