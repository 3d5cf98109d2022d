"""What resistances against field and temperature say of a magnetic insulator: coupling, density of moments, Tc.

Run ``python examples/weiss_series.py [OUTPUT_FOLDER]``. The film stands in ``metal_on_insulator.toml``; its parameters
are those of Zhang, Bergeret, Golovach, Nano Lett. 19, 6330 (2019).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import spinstack as ss
from spinstack.figures import likelihood_profile, save
from spinstack.fitting import Data, LogUniform, Normal, Problem, Sample, Unknown

HERE = Path(__file__).parent
COUPLING, DENSITY, CURIE = (
    f"magnet.magnet.{name}" for name in ("exchange_coupling", "surface_density", "curie_temperature")
)
ANGLE, LENGTH = "metal.spin_hall_angle", "metal.spin_diffusion_length"
FIELDS = (0.5, 1.0, 2.0, 4.0, 6.0, 9.0)
TEMPERATURES = (5.0, 20.0, 50.0, 80.0, 95.0, 105.0, 120.0, 160.0, 300.0)
#: of a ratio of resistances
NOISE = 5e-7


def truth() -> ss.Film:
    """The film that the made-up data are of."""
    return ss.load_sample(HERE / "metal_on_insulator.toml")


def problem(temperatures: Sequence[float] = TEMPERATURES, seed: int = 1) -> Problem:
    """R(B)/R(0) - 1 along y and z, and R_xy along z, at every temperature."""
    rng, film, data = np.random.default_rng(seed), truth(), []
    for direction, variable in (("y", "MR_xx"), ("z", "MR_xx"), ("z", "R_xy")):
        given = {"field": list(FIELDS), "direction": direction, "T": list(temperatures), "reference": "y"}
        scan = ss.field_scan(film, **given)
        size = NOISE if variable == "MR_xx" else NOISE * float(scan["R_xx"].mean())
        values = scan[variable].values.ravel()
        values = values + size * rng.normal(size=values.size)
        data.append(
            Data("film", ss.field_scan, values, np.full(values.size, size), given, variable,
                 name=f"{variable} along {direction}")
        )  # fmt: skip
    # what starts a fit knows nothing of the magnet
    start = film.replace({COUPLING: 3 * film.get(COUPLING), DENSITY: film.get(DENSITY) / 2, CURIE: 60.0})
    J, n = film.get(COUPLING), film.get(DENSITY)
    unknowns = [
        Unknown(COUPLING, LogUniform(J / 20, J * 20)),
        Unknown(DENSITY, LogUniform(n / 20, n * 20)),
        Unknown(CURIE, LogUniform(10.0, 400.0)),
        Unknown(ANGLE, Normal(film.get(ANGLE), 0.1 * film.get(ANGLE))),
        Unknown(LENGTH, Normal(film.get(LENGTH), 0.1 * film.get(LENGTH))),
    ]
    return Problem([Sample("film", start)], unknowns, data)


def relative_errors(result: ss.FitResult) -> dict[str, float]:
    """Of coupling, density and Tc."""
    return {name: result.errors[name] / abs(result.values[name]) for name in (COUPLING, DENSITY, CURIE)}


def main(folder: Path) -> None:
    for words, temperatures in (("all temperatures", TEMPERATURES), ("20 K alone", (20.0,))):
        result = ss.fit(problem(temperatures), starts=30)
        print(words, result)
        print({name: f"{100 * error:.2g} %" for name, error in relative_errors(result).items()})
        for one in result.identifiability(nuisances=[ANGLE, LENGTH]):
            print("  ", one.words)
        profiles = [result.profile(path) for path in (COUPLING, DENSITY, CURIE)]
        print([one.attrs["verdict"] for one in profiles])
        save(likelihood_profile(profiles, title=words), folder / f"profiles_{len(temperatures)}")


if __name__ == "__main__":
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "results")
    out.mkdir(parents=True, exist_ok=True)
    main(out)
