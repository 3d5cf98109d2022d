"""Which mechanism made the negative beta plane of RuO2/Py? The numbers that Akashdeep et al. print, through all.

Run ``python examples/ruo2_py_mechanisms.py [--all] [OUTPUT_FOLDER]``; what is not printed stands in ``ruo2_py.toml``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

import spinstack as ss
from spinstack.figures import information_gains, mechanism_fits, prior_triplets, save
from spinstack.fitting import (
    Candidate,
    Data,
    LogNormal,
    Mechanism,
    Normal,
    Problem,
    Sample,
    Tie,
    Unknown,
    compare_mechanisms,
    next_measurement,
    ready_mechanisms,
)
from spinstack.fitting.ready import PRIORS

HERE = Path(__file__).parent
NM = 1e-9
PLANES = {"plane": ["alpha", "beta", "gamma"], "angles": [90.0]}
#: the c axis of RuO2 is x: printed at 20 K for a current along it; beta is "largely independent" of the axis
ALONG, ACROSS, CONTROL = (-3e-3, -1e-3, -4e-3), (np.nan, -1e-3, np.nan), (np.nan, 0.0, np.nan)
#: the control film with alpha and gamma, which stand in a figure only
READ_OFF = (-4e-3, 0.0, -4e-3)
#: of every amplitude; the paper gives none
ERROR = 1e-4
#: what one printed digit leaves open, half a unit, as a standard deviation
ROUNDED = 3e-4
#: priors of what all mechanisms share, about the numbers of ruo2_py.toml
SHARED = (
    Unknown("Py.amr_ratio", Normal(5e-3, 2e-3)),
    Unknown("RuO2.conductivity", LogNormal(2.8e6, 2)),
    Unknown("Py.conductivity", LogNormal(4e6, 1.5)),
    Unknown("RuO2.spin_diffusion_length", LogNormal(5 * NM, 2)),
    # what the real part of the mixing conductance has above its lower bound
    Unknown("excess", LogNormal(2e14, 2), unit="S/m^2"),
)
MIXING = Tie("RuO2|Py.mixing_conductance.real", "(RuO2|Py.conductance_up + RuO2|Py.conductance_down) / 2 + excess")
#: the paper's argument with nothing sent into Py, which is where it works best (docs/ruo2_py.md)
INTO_RUO2 = "IGSC into RuO2 only, no inverse"
#: the size effect of the bilayer, if it is from the face to RuO2: as the inverse of the thickness of Py
AT_INTERFACE = "size effect at the interface"


def films() -> dict[str, ss.Film]:
    """Bilayer and control film, without spin-orbit effects."""
    film = ss.load_sample(HERE / "ruo2_py.toml").replace({"RuO2.spin_hall_angle": 0.0, "RuO2|Py.filtering": 0.0})
    return {"bilayer": film, "control": ss.Film((film.elements[-1],))}


def problem(
    error: float = ERROR,
    control: Sequence[float] = CONTROL,
    resistances: float = 0.0,
    shared: Sequence[Unknown] = SHARED,
) -> Problem:
    """The printed amplitudes; with `resistances`, what ruo2_py.toml gives to that part."""
    made = films()
    data = [
        Data("bilayer", ss.angular_scan, ALONG, [error] * 3, PLANES, "MR_xx", name="bilayer, J along c"),
        Data(
            "bilayer",
            ss.angular_scan,
            ACROSS,
            [error] * 3,
            PLANES | {"current": "y"},
            "MR_yy",
            name="bilayer, J across c",
        ),
        Data("control", ss.angular_scan, control, [error] * 3, PLANES, "MR_xx", name="control film"),
    ]
    if resistances:
        for name, film in made.items():
            R = float(np.asarray(ss.sheet_resistance(film, m="y"))[0, 0])
            data.append(
                Data(
                    name,
                    ss.sheet_resistance,
                    [R, *[np.nan] * 3],
                    [resistances * R] * 4,
                    {"m": "y"},
                    name=f"{name}, resistance",
                )
            )
    return Problem([Sample(name, film) for name, film in made.items()], shared, data, [MIXING])


def mechanisms(made: Problem) -> list[Mechanism]:
    """The ready-made ones (the spin splitter sends spin along c for a current across it), and two of our own."""
    ready = ready_mechanisms(made, metal="RuO2", magnet="Py", splitter="x,y")
    without = next(m for m in ready if m.name == "IGSC without inverse")
    fixed = dict(without.fixed) | {"RuO2|Py.filtering_upper": 0.0}
    size = "Py.size_effect_ratio"
    return [
        *ready,
        Mechanism(INTO_RUO2, without.unknowns, fixed=fixed),
        Mechanism(
            AT_INTERFACE,
            [Unknown("s", PRIORS["size_effect_ratio"])],
            [Tie(size, "s * (4 nm) / Py.thickness", samples=["bilayer"])],
        ),
    ]


def candidates(error: float = ERROR) -> list[Candidate]:
    """What could be measured next: the beta plane of films of other thicknesses."""
    beta = {"plane": ["beta"], "angles": [90.0]}
    out = []
    for metal, magnet in ((None, 2), (None, 8), (2, 4), (12, 4), (5, 2), (5, 8), (12, 2), (2, 8)):
        changes = {"Py.thickness": magnet * NM} | ({"RuO2.thickness": metal * NM} if metal else {})
        name = f"beta of RuO2 {metal} nm / Py {magnet} nm" if metal else f"beta of Py {magnet} nm"
        sample = "bilayer" if metal else "control"
        out.append(Candidate(name, sample, ss.angular_scan, [error], beta, "MR_xx", changes))
    return out


def barrier_film() -> ss.Film:
    """The film with a delta barrier for an interface, without what Boltzmann's equation does not have."""
    film = ss.load_sample(HERE / "ruo2_py.toml").replace({"RuO2.spin_hall_angle": 0.0, "Py.amr_ratio": 0.0})
    model = ss.DeltaBarrier(barrier=0.4, exchange=0.4, rashba=0.0, fermi_wavevector=1.36e10)
    return film.elements[0] | ss.Interface(scattering=model) | film.elements[2]


#: where a fit of `barrier` by Boltzmann's equation ends
FITTED = {
    "RuO2.spin_hall_angle": 0.025, "RuO2|Py.scattering.exchange": 0.72, "RuO2|Py.scattering.rashba": 0.19,
    "RuO2.conductivity": 1.85e6, "Py.conductivity": 4.38e6,
}  # fmt: skip


def barrier(solver: ss.Boltzmann, error: float = ERROR) -> Problem:
    """The beta plane, which has no part of the anisotropic magnetoresistance; both axes have one in this film."""
    given = {"plane": ["beta"], "angles": [90.0], "solver": solver}
    data = Data("bilayer", ss.angular_scan, [ACROSS[1]], [error / 2**0.5], given, "MR_xx")
    unknowns = [
        Unknown("RuO2.spin_hall_angle", PRIORS["spin_hall_angle"]),
        Unknown("RuO2|Py.scattering.exchange", LogNormal(0.4, 1.5)),
        Unknown("RuO2|Py.scattering.rashba", Normal(0.0, 0.15)),
        Unknown("RuO2.conductivity", LogNormal(2.8e6, 2)),
        Unknown("Py.conductivity", LogNormal(4e6, 1.5)),
    ]
    return Problem([Sample("bilayer", barrier_film())], unknowns, [data])


def beta(film: ss.Film, solver: ss.Boltzmann | None = None) -> float:
    """The amplitude of the beta plane by either theory."""
    return float(ss.magnetoresistance(film, plane="beta", solver=solver))


def parts(solver: ss.Boltzmann | None) -> dict[str, float]:
    """Beta of the fitted barrier, and without one or the other of what makes it."""
    film = barrier_film().replace(FITTED)
    return {
        "all": beta(film, solver),
        "no spin Hall effect": beta(film.replace({"RuO2.spin_hall_angle": 0.0}), solver),
        "no Rashba part": beta(film.replace({"RuO2|Py.scattering.rashba": 0.0}), solver),
        "exchange below the barrier": beta(film.replace({"RuO2|Py.scattering.exchange": 0.3}), solver),
    }


def table(found: xr.Dataset) -> str:
    """The comparison as the page has it."""
    lines = ["| mechanism | β, J ∥ c and J ⊥ c | ln Z | χ² | p | probability |", "|---|---|---|---|---|---|"]
    signs = {-1: "−", 0: "either or none", 1: "+"}
    points = np.flatnonzero((found["plane"] == "beta") & (found["sample"] == "bilayer"))
    for k, name in enumerate(found["mechanism"].values):
        one = found.isel(mechanism=k)
        said = ", ".join(signs[int(v)] for v in one["sign"].values[points])
        values = (float(one[n]) for n in ("log_evidence", "log_evidence_error", "chi2", "goodness", "probability"))
        lines.append("| {} | {} | {:.1f}({:.2f}) | {:.1f} | {:.2g} | {:.2g} |".format(name, said, *values))
    return "\n".join(lines)


def main(folder: Path, everything: bool = False) -> None:
    made = problem(control=READ_OFF)
    found = compare_mechanisms(made, mechanisms(made), fallback=False)
    print(table(found))
    print(found.attrs["words"])
    save(mechanism_fits(found), folder / "ruo2_mechanisms")
    save(prior_triplets(found), folder / "ruo2_priors")
    plan = next_measurement(found, candidates())
    print(plan.to_dataframe().to_string())
    save(information_gains(plan), folder / "ruo2_next")
    for solver in (ss.Boltzmann(rtol=1e-2), None):
        print(solver.name if solver else "drift-diffusion", parts(solver))
    if not everything:
        return
    for words, other in (
        ("errors of 3e-4", problem(ROUNDED, READ_OFF)),
        ("resistances as in ruo2_py.toml", problem(control=READ_OFF, resistances=0.02)),
        ("resistances, without alpha and gamma of the control film", problem(resistances=0.02)),
        ("without alpha and gamma of the control film", problem()),
    ):
        print(words, table(compare_mechanisms(other, mechanisms(other))), sep="\n")
    print("Boltzmann", ss.fit(barrier(ss.Boltzmann(rtol=3e-2)), starts=3))


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word != "--all"]
    out = Path(given[0] if given else "results")
    out.mkdir(parents=True, exist_ok=True)
    main(out, "--all" in sys.argv)
