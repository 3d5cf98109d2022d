"""A tunnel junction on a spin Hall metal: what reads it, and the two currents that write it.

Run ``python examples/tunnel_junction.py [OUTPUT_FOLDER]``. The film: ``tunnel_junction.toml``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import spinstack as ss
from spinstack.figures import save

HERE = Path(__file__).parent
HBAR_2E = 1.054571817e-34 / (2 * 1.602176634e-19)
BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"
AREAS = np.geomspace(1e-16, 1e-11, 60)
X, MINUS_X = (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)


def magnetoresistance(film: ss.Film) -> np.ndarray:
    """(antiparallel - parallel)/parallel of the whole film."""
    R = [ss.perpendicular_resistance(film, m={"free": m, "fixed": X}) for m in (X, MINUS_X)]
    return R[1] / R[0] - 1


def study(film: ss.Film) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """What the figure shows, and what a page quotes."""
    scan = ss.perpendicular_scan(film, "gamma", np.linspace(0, 180, 91), m={"fixed": X})
    area = scan.resistance_area.values
    torque = scan.torque_in_plane.sel(magnet="free").values / HBAR_2E  # per current, in units of hbar/2e
    thin = film.replace({"MgO.resistance_area_product": AREAS})
    P = film.get("MgO.polarization")
    curves = {
        "angle": scan.angle.values,
        "resistance": 1e12 * area,
        "straight": 1e12 * (area[0] + (area[-1] - area[0]) * (1 - np.cos(np.deg2rad(scan.angle.values))) / 2),
        "torque": torque,
        "per voltage": torque / area * area[0],
        "magnetoresistance": magnetoresistance(thin),
    }
    # m of the free magnet out of the plane, E of 1 V/m along x: what is along y is damping-like, of W
    at = {"m": {"free": (0.0, 0.0, 1.0), "fixed": X}}
    written = ss.torque(film, **at)
    alone = ss.torque(ss.Film(film.elements[:2]), m={"free": (0.0, 0.0, 1.0)})
    with_current = ss.torque(film, **at, current=1.0)
    numbers = {
        "magnetoresistance of the barrier": 2 * P**2 / (1 - P**2),
        "magnetoresistance of the film": float(magnetoresistance(film)),
        "RA of the film, parallel (Ohm um^2)": 1e12 * float(area[0]),
        "at 90 degrees (Ohm um^2)": float(curves["resistance"][45]),
        "torque per current at 90 degrees (hbar/2e)": float(torque[45]),
        "largest torque per current (hbar/2e)": float(np.abs(torque).max()),
        "its angle (degrees)": float(scan.angle.values[np.abs(torque).argmax()]),
        "torque of W on the free magnet (N/m per V/m)": float(written["free"][1]),
        "change of the first by the barrier and what is above": float(written["free"][1] / alone["free"][1] - 1),
        # per current density: that of W in W, that of the barrier through it
        "torque of W per current density in it (hbar/2e)": float(
            written["free"][1] / HBAR_2E / film.get("W.conductivity")
        ),
        "torque of the barrier per current density (hbar/2e)": float(np.linalg.norm(with_current["free"])) / HBAR_2E,
        "RA at which half of the magnetoresistance is left (Ohm m^2)": float(
            np.exp(np.interp(0.69, curves["magnetoresistance"], np.log(AREAS)))
        ),
    }
    return curves, numbers


def figure(curves: dict[str, np.ndarray]) -> Figure:
    """Reading, writing, and where the layers count."""
    out = Figure(figsize=(11.4, 3.7), layout="constrained")
    left, middle, right = out.subplots(1, 3)
    angle = curves["angle"]
    left.plot(angle, curves["resistance"], color=BLUE, label="film")
    left.plot(angle, curves["straight"], ":", color="0.4", label="if it followed cos")
    left.set(title="reading", ylabel="resistance × area (Ω µm²)")
    middle.plot(angle, curves["torque"], color=RED, label="per current")
    middle.plot(angle, curves["per voltage"], "--", color=GREEN, label="per voltage, × RA parallel")
    middle.set(title="writing through the barrier", ylabel="torque on the free magnet (ħ/2e)", ylim=(-0.02, 0.8))
    middle.axhline(0, color="0.6", linewidth=0.8)
    for axes in (left, middle):
        axes.set(xlabel="angle between the magnets (°)", xlim=(0, 180), xticks=(0, 45, 90, 135, 180))
    right.semilogx(1e12 * AREAS, 100 * curves["magnetoresistance"], color=BLUE, label="film")
    right.axhline(138, color="0.4", linestyle=":", label="barrier alone")
    right.set(title="thin barriers", xlabel="RA of the barrier (Ω µm²)", ylabel="magnetoresistance (%)", ylim=(0, 170))
    for axes, place in ((left, "lower right"), (middle, "lower center"), (right, "upper left")):
        axes.legend(frameon=False, loc=place)
    return out


def main(folder: str = "results/tunnel_junction") -> dict[str, float]:
    """Write the figure and return the numbers."""
    film = ss.load_sample(HERE / "tunnel_junction.toml")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    curves, numbers = study(film)
    save(figure(curves), target / "tunnel_junction")
    for name, value in numbers.items():
        print(f"{name:62s} {value: .6g}")
    return numbers


if __name__ == "__main__":
    main(*sys.argv[1:])
