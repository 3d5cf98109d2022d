"""What a thickness series of spin Hall magnetoresistance determines: one valley, in which published pairs are cases.

Run ``python examples/pt_yig_series.py [OUTPUT_FOLDER]``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import spinstack as ss
from spinstack.figures import likelihood_profile, save
from spinstack.fitting import Data, LogNormal, LogUniform, Problem, Relative, Sample, Unknown

NM = 1e-9
THETA, LENGTH, MIXING = "Pt.spin_hall_angle", "Pt.spin_diffusion_length", "YIG.mixing_conductance.real"
THICKNESSES = (1.2, 2.0, 2.9, 3.5, 5.0, 7.0, 10.0, 15.0, 22.0)
#: relative errors of a magnetoresistance, and of a resistance by the size of its bar; thicknesses are off by as much
RATIO, BAR, THICKNESS = 0.03, 0.02, 0.03
#: M. Althammer et al., Phys. Rev. B 87, 224401 (2013): Gr fixed at 4e14 S/m^2;
#: N. Vlietstra et al., Phys. Rev. B 87, 184421 (2013): spin Hall angle fixed at 0.08
PUBLISHED = {
    "Althammer et al. 2013": {THETA: (0.11, 0.08), LENGTH: (1.5 * NM, 0.5 * NM), MIXING: (4e14, 0.0)},
    "Vlietstra et al. 2013": {THETA: (0.08, 0.0), LENGTH: (1.1 * NM, 0.3 * NM), MIXING: (7e14, 3e14)},
}


def film(thickness: float) -> ss.Film:
    """The film that the made-up data are of: Althammer's numbers, a resistivity that is the same at all thicknesses."""
    metal = ss.Metal(
        "Pt", thickness=thickness, conductivity=2.4e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.11
    )
    return metal | ss.MagneticInsulator("YIG", mixing_conductance=4e14)


def series(seed: int = 1) -> Problem:
    """A series as it would be measured: beta amplitude and resistance of every film, thicknesses a little off."""
    rng = np.random.default_rng(seed)
    samples, data = [], []
    for t in THICKNESSES:
        name, made = f"{t} nm", film(t * NM * (1 + THICKNESS * rng.normal()))
        beta = float(ss.magnetoresistance(made, plane="beta"))
        R = float(np.asarray(ss.sheet_resistance(made, m="y"))[0, 0])
        noise = rng.normal(size=2)
        samples.append(Sample(name, film(t * NM)))
        data.append(
            Data(name, ss.magnetoresistance, [beta * (1 + RATIO * noise[0])], [RATIO * abs(beta)], {"plane": "beta"})
        )
        values = [R * (1 + BAR * noise[1]), *[np.nan] * 3]
        data.append(Data(name, ss.sheet_resistance, values, [BAR * R] * 4, {"m": "y"}))
    unknowns = [
        Unknown(THETA, LogUniform(0.005, 1.0)),
        Unknown(LENGTH, LogUniform(0.2 * NM, 20 * NM)),
        Unknown(MIXING, LogUniform(1e13, 1e16)),
        Unknown("Pt.conductivity", LogNormal(2.4e6, 2)),
        Unknown("Pt.thickness", Relative(THICKNESS), each="sample"),
    ]
    return Problem(samples, unknowns, data)


def valley(result: ss.FitResult, points: int = 15) -> xr.Dataset:
    """The series fitted with the mixing conductance fixed at values over two decades."""
    return result.fixing(MIXING, np.geomspace(1e14, 1e16 * 0.999, points))


def figure_valley(result: ss.FitResult, along: xr.Dataset) -> Figure:
    """What who fixes the mixing conductance finds for the other two, and what two groups have published."""
    figure = Figure(figsize=(9.0, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    x = along["fixed"].values
    for axes, path, unit, factor in (
        (left, THETA, "spin Hall angle", 1.0), (right, LENGTH, "spin diffusion length (nm)", 1e9),
    ):  # fmt: skip
        value = along["value"].sel(parameter=path).values * factor
        error = along["error"].sel(parameter=path).values * factor
        axes.fill_between(x, value - error, value + error, color="#0072B2", alpha=0.25, linewidth=0)
        axes.plot(x, value, color="#0072B2", label="one series, $G_r$ fixed along the axis")
        for (name, pair), colour, marker in zip(PUBLISHED.items(), ("#D55E00", "#009E73"), "os", strict=True):
            axes.errorbar(
                pair[MIXING][0], pair[path][0] * factor, xerr=pair[MIXING][1] or None,
                yerr=pair[path][1] * factor or None, fmt=marker, color=colour, capsize=3, label=name,
            )  # fmt: skip
        axes.set_xscale("log")
        axes.set_xlabel("$G_r$ (S/m$^2$)")
        axes.set_ylabel(unit)
        axes.grid(alpha=0.3)
    left.set_ylim(0, 0.32)
    right.set_ylim(0, 3)
    left.legend(fontsize=8, frameon=False)
    return figure


def main(folder: Path) -> None:
    result = ss.fit(series(), starts=20)
    print(result)
    for one in result.identifiability(nuisances=["Pt.thickness"]):
        print(one.words)
    save(figure_valley(result, valley(result)), folder / "valley")
    profiles = [result.profile(path) for path in (THETA, LENGTH, MIXING)]
    for one in profiles:
        print(f"{one.attrs['profile_of']}: {one.attrs['verdict']}")
    save(likelihood_profile(profiles), folder / "profiles")


if __name__ == "__main__":
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "results")
    out.mkdir(parents=True, exist_ok=True)
    main(out)
