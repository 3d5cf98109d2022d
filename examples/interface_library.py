"""The interfaces of the library in a figure, and what one of them does to a current perpendicular to the plane.

``python examples/interface_library.py [folder]``
"""

from __future__ import annotations

import sys
from pathlib import Path

import spinstack as ss
from spinstack import figures, interfaces

HERE = Path(__file__).parent


def numbers() -> dict[str, float]:
    """Resistance times area [Ohm m^2] of Co/Pt in liquid helium, and of the same with spins kept at the interface."""
    film = ss.load_sample(HERE / "co_pt_perpendicular.toml")
    kept = film.replace({"Pt|Co.spin_memory_loss": 0.0})
    out = {}
    for name, one in {"as published": film, "without spin memory loss": kept}.items():
        out[f"A R, {name}"] = float(ss.perpendicular_resistance(one, m="z", T=4.2))
    return out


def main(folder: str = "results/interface_library") -> dict[str, float]:
    """Write the figure and return the numbers."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    known = {name: interfaces.interface(name).derived() for name in interfaces.names()}
    figures.save(figures.interface_library(known, "interfaces at 4.2 K"), target / "interfaces")
    found = numbers()
    for name, value in found.items():
        print(f"{name:40s} {1e15 * value:.4g} fOhm m^2")
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
