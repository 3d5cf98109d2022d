"""What RuO2 of either kind, altermagnetic or not, shows beside Py in the planes and axes in which it is measured.

Run ``python examples/ruo2_altermagnet.py [OUTPUT_FOLDER]``. The film: ``ruo2_altermagnet.toml``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import spinstack as ss
from spinstack.figures import save

HERE = Path(__file__).parent
#: planes of films of RuO2, and axes of the current in them
CUTS = (("(100)", "[010]"), ("(100)", "[001]"), ("(101)", "[010]"), ("(101)", "[-101]"), ("(110)", "[1-10]"))
KINDS = {"altermagnetic": (0.3, 0.03), "not magnetic": (0.0, 0.03), "altermagnetic, no spin Hall effect": (0.3, 0.0)}
COLOURS = {"altermagnetic": "#D55E00", "not magnetic": "#0072B2", "altermagnetic, no spin Hall effect": "#009E73"}


def cut(film: ss.Film, plane: str, along: str, splitting: float, theta: float) -> ss.Film:
    """The film with its RuO2 cut and driven in another way."""
    changes = {"plane": plane, "along": along, "splitting": splitting, "spin_hall_angle": theta}
    if splitting == 0:  # nothing turns spins apart
        changes["dephasing_length"] = np.inf
    ruo2 = film.elements[0].replace(**changes)
    return ss.Film((ruo2, *film.elements[1:]))


def study(film: ss.Film) -> xr.Dataset:
    """Magnetoresistance in three planes and torque on Py (m along x) of every cut and kind."""
    names = [f"{plane} {along}" for plane, along in CUTS]
    planes = ("alpha", "beta", "gamma")
    resistance = np.empty((len(CUTS), len(KINDS), 3))
    torque = np.empty((len(CUTS), len(KINDS), 3))
    for i, (plane, along) in enumerate(CUTS):
        for k, (splitting, theta) in enumerate(KINDS.values()):
            one = cut(film, plane, along, splitting, theta)
            resistance[i, k] = [float(ss.magnetoresistance(one, p)) for p in planes]
            torque[i, k] = ss.torque(one, m=(1.0, 0.0, 0.0))["Py"].values
    return xr.Dataset(
        {
            "magnetoresistance": (("cut", "kind", "plane"), resistance, {"units": "1"}),
            "torque": (("cut", "kind", "component"), torque, {"units": "N/m per V/m"}),
        },
        coords={"cut": names, "kind": list(KINDS), "plane": list(planes), "component": list("xyz")},
        attrs={"splitting": 0.3, "spin_hall_angle": 0.03},
    )


def figure(found: xr.Dataset) -> Figure:
    """The beta plane, which Py leaves alone, and both torques, of every cut."""
    out = Figure(figsize=(11.0, 3.9), layout="constrained")
    panels = (
        ("β plane (Py alone: none)", "ΔR/R ($10^{-4}$)", 1e4 * found.magnetoresistance.sel(plane="beta")),
        ("m along x: torque along y", "torque ($10^{-12}$ N/m per V/m)", 1e12 * found.torque.sel(component="y")),
        ("m along x: torque along z", "torque ($10^{-12}$ N/m per V/m)", 1e12 * found.torque.sel(component="z")),
    )
    at = np.arange(found.sizes["cut"])
    every = out.subplots(1, 3)
    for axes, (title, words, values) in zip(every, panels, strict=True):
        for k, kind in enumerate(found.kind.values):
            axes.bar(at + 0.25 * (k - 1), values.sel(kind=kind), 0.22, color=COLOURS[kind], label=kind)
        axes.axhline(0, color="0.4", linewidth=0.8)
        axes.set_title(title, fontsize=10)
        axes.set_ylabel(words)
        axes.set_xticks(at, [str(name).replace(" ", "\nE∥") for name in found.cut.values], fontsize=8)
    out.legend(*every[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    return out


def main(folder: str = "results/ruo2_altermagnet") -> xr.Dataset:
    """Write the figure and return the numbers."""
    film = ss.load_sample(HERE / "ruo2_altermagnet.toml")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    found = study(film)
    save(figure(found), target / "ruo2_altermagnet")
    for name in found.cut.values:
        for kind in found.kind.values:
            one = found.sel(cut=name, kind=kind)
            ratios = ", ".join(f"{1e4 * float(v):8.2f}" for v in one.magnetoresistance)
            torque = ", ".join(f"{1e12 * float(v):8.2f}" for v in one.torque)
            print(f"{name:16s} {kind:36s} alpha, beta, gamma (1e-4): {ratios}   torque (1e-12 N/m): {torque}")
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
