"""Giant magnetoresistance with the current in the plane, from each of its causes alone, by Boltzmann's equation.

Co 3 nm / Cu / Co 3 nm with mirror-like outer surfaces. Nothing tells the spins apart but, in turn: mean free paths in
the magnets; transmission through the interfaces, directions kept; diffuse scattering at the interfaces; Fermi spheres.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import spinstack as ss
from spinstack.figures import save

nm = 1e-9
COPPER = 1.36e10  # k_F, 1/m
PARALLEL, ANTIPARALLEL = {"below": "y", "above": "y"}, {"below": "y", "above": (0.0, -1.0, 0.0)}
SOLVER = ss.Boltzmann(rtol=1e-3, specularity=(1.0, 1.0))


def magnet(name: str, **fields: float) -> ss.Ferromagnet:
    """Cobalt, both spins alike unless fields say otherwise."""
    given = {"thickness": 3 * nm, "conductivity": 8e6, "spin_diffusion_length": 40 * nm, "fermi_wavevector": COPPER}
    return ss.Ferromagnet(name, **given | fields)


def valve(interface: ss.Interface | None = None, spacer: float = 2 * nm, **fields: float) -> ss.Film:
    """Magnet, copper, magnet, the interfaces alike."""
    copper = ss.Metal("Cu", thickness=spacer, conductivity=4e7, spin_diffusion_length=300 * nm, fermi_wavevector=COPPER)
    below, above = magnet("below", **fields), magnet("above", **fields)
    if interface is None:
        return below | copper | above
    return below | interface | copper | interface | above


def passing(up: float, down: float, **fields: float) -> ss.Interface:
    """An interface that passes these shares of majority and minority, and no spin across m."""
    return ss.Interface.of_probabilities(up, down, reflected=0.0, fermi_wavevector=COPPER, **fields)


CAUSES = {
    "mean free paths, P = 0.6": valve(polarization=0.6),
    "transmission, 0.95 and 0.5": valve(passing(0.95, 0.5)),
    "diffuse share, 0 and 0.5": valve(passing(0.95, 0.95, diffuse_fraction=0.0, diffuse_fraction_down=0.5)),
    "Fermi spheres, k (1 ± 0.2)": valve(fermi_splitting=0.2),
}


def giant_magnetoresistance(film: ss.Film) -> np.ndarray:
    """(R_antiparallel - R_parallel)/R_parallel, also of a batch of films."""
    apart, along = (ss.sheet_resistance(film, m=m, solver=SOLVER)[..., 0, 0] for m in (ANTIPARALLEL, PARALLEL))
    return np.asarray(apart / along - 1)


def main(folder: str = ".", points: int = 9) -> dict[str, np.ndarray]:
    """Draw and return the ratio of every cause against the thickness of the spacer, "spacer" [m]."""
    spacers = np.geomspace(0.5, 20, points) * nm
    found = {name: giant_magnetoresistance(film.replace({"Cu.thickness": spacers})) for name, film in CAUSES.items()}
    figure = Figure(figsize=(4.8, 3.6), layout="constrained")
    axes = figure.subplots()
    for name, ratio in found.items():
        axes.plot(spacers / nm, 100 * ratio, "o-", markersize=4, label=name)
    axes.set(xscale="log", xlabel="thickness of the spacer (nm)", ylabel="giant magnetoresistance (%)")
    axes.set_xticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.legend(title="spins differ only in", fontsize=8, title_fontsize=8)
    save(figure, str(Path(folder) / "giant_magnetoresistance"))
    return {"spacer": spacers, **found}


if __name__ == "__main__":
    for name, value in main(*sys.argv[1:2]).items():
        print(f"{name}: {np.array2string(value, precision=4)}")
