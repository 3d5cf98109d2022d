"""A two-dimensional Rashba gas with exchange: where the spin density depends on the magnetisation, and where not.

Run ``python examples/rashba_2d.py [OUTPUT_FOLDER]``. Derivation: docs/methods/rashba_2d.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import spinstack as ss
from spinstack.figures import rashba_2d as draw
from spinstack.figures import save

EV = 1.602176634e-19
#: alpha [J m], Delta [J], tau [s]
RASHBA, EXCHANGE, LIFETIME = 0.5e-10 * EV, 0.2 * EV, 50e-15
#: N0 [1/(J m^2)] and e tau alpha/hbar per field: what both bands give, whatever m
STATES = 9.1093837015e-31 / (2 * np.pi * 1.054571817646156e-34**2)
BOTH = 2 * STATES * EV * LIFETIME * RASHBA / 1.054571817646156e-34
COLOURS = {"x": "#0072B2", "y": "#D55E00", "z": "#009E73"}


def against_energy(energies: np.ndarray) -> dict[str, np.ndarray]:
    """Spin density along z x E over that of both bands, and sigma_xx over its mean, for m along x, y, z and E || x."""
    spin = {m: np.empty(len(energies)) for m in COLOURS}
    sigma = {f"conductivity {m}": np.empty(len(energies)) for m in COLOURS}
    for i, energy in enumerate(energies):
        for m in COLOURS:
            found = ss.rashba_2d(RASHBA, EXCHANGE, energy, LIFETIME, m=m)
            spin[m][i] = found["spin_density"].sel(component="y", field="x") / BOTH
            sigma[f"conductivity {m}"][i] = found["conductivity"].sel(current="x", field="x")
    return spin | sigma


def figure_energies(energies: np.ndarray, found: dict[str, np.ndarray]) -> Figure:
    """Spin density and anisotropic magnetoresistance against the Fermi energy."""
    figure = Figure(figsize=(6.4, 5.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    middle = np.mean([found[f"conductivity {m}"] for m in COLOURS], axis=0)
    for (m, colour), style in zip(COLOURS.items(), ("-", "--", "-."), strict=True):
        above.plot(energies / EV, found[m], style, color=colour, label=f"m along {m}")
        below.plot(energies / EV, 100 * (found[f"conductivity {m}"] / middle - 1), style, color=colour)
    above.set_ylabel("spin density along z × E\nover that of both bands")
    below.set_ylabel("conductivity along x\nabove its mean (%)")
    below.set_xlabel("Fermi energy (eV)")
    for axes in (above, below):
        axes.axvline(EXCHANGE / EV, color="0.6", linewidth=0.8)
        axes.grid(alpha=0.3)
        axes.margins(x=0)
    figure.legend(*above.get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    return figure


def main(folder: str = "results/rashba_2d") -> dict[str, float]:
    """Write both figures and return the numbers that the documentation quotes."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    # finely where the upper band begins: at the exchange, below it for m in the plane
    energies = np.concatenate([np.linspace(-0.17, 0.16, 18), np.linspace(0.1625, 0.2125, 26), [0.25, 0.4]]) * EV
    found = against_energy(energies)
    save(figure_energies(energies, found), target / "rashba_2d_energy")
    both = ss.rashba_2d(RASHBA, EXCHANGE, 0.4 * EV, LIFETIME, m=(1, 0, 1))
    save(draw(both), target / "rashba_2d_contours")
    one = ss.rashba_2d(RASHBA, EXCHANGE, 0.1 * EV, LIFETIME, m="y")
    result = {
        "both bands: spin density (1/(V m))": both["spin_density"].sel(component="y", field="x").item(),
        "both bands: field-like torque (N/V)": both["field_like"].sel(field="x").item(),
        "both bands: damping-like over field-like": (both["damping_like"] / both["field_like"]).sel(field="x").item(),
        "one band, m along z x E: spin density over that of both": one["spin_density"]
        .sel(component="y", field="x")
        .item()
        / BOTH,
    }
    one = ss.rashba_2d(RASHBA, EXCHANGE, 0.1 * EV, LIFETIME, m="z")
    result["one band, m along z: spin density over that of both"] = (
        one["spin_density"].sel(component="y", field="x").item() / BOTH
    )
    for name, value in result.items():
        print(f"{name:58s} {value: .6g}")
    return result


if __name__ == "__main__":
    main(*sys.argv[1:])
