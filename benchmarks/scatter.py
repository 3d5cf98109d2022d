"""Coverage of fits in which two parameters scatter by 20 % between samples, and what happens when that is left out.

python scatter.py [TRUTHS]
"""

# ruff: noqa: E402 - the core is chosen before JAX starts its threads
from common import one_core

one_core()

import sys

import numpy as np

import spinstack as ss
from spinstack import fitting

NM, NAN = 1e-9, float("nan")
SCATTER, THICKNESS, RATIO, BAR = 0.2, 0.03, 0.01, 0.02
THICKNESSES = (1.5, 2, 3, 4, 6, 8, 10, 12)
#: two parameters of the interface, two of spin in the metal, two of its resistivity sigma/(1 + l/t)
PRIORS = {
    "Pt.spin_hall_angle": fitting.LogNormal(0.08, 2),
    "Pt.spin_diffusion_length": fitting.LogNormal(1.5 * NM, 1.6),
    "YIG.mixing_conductance.real": fitting.LogNormal(4e14, 3),
    "YIG.mixing_conductance.imag": fitting.LogNormal(3e13, 3),
    "s": fitting.LogNormal(2.8e6, 1.5),
    "l": fitting.LogNormal(1 * NM, 2),
}
UNITS, SCATTERING = {"s": "S/m", "l": "m"}, ("YIG.mixing_conductance.real", "s")


def film(thickness: float, values: dict[str, float]) -> ss.Film:
    metal = ss.Metal(
        "Pt", thickness=thickness, conductivity=values["s"] / (1 + values["l"] / thickness),
        spin_diffusion_length=values["Pt.spin_diffusion_length"], spin_hall_angle=values["Pt.spin_hall_angle"],
        hall_coefficient=-2.3e-11,
    )  # fmt: skip
    mixing = values["YIG.mixing_conductance.real"] + 1j * values["YIG.mixing_conductance.imag"]
    return metal | ss.MagneticInsulator("YIG", mixing_conductance=mixing)


def problem(rng: np.random.Generator, truth: dict[str, float], how: str) -> fitting.Problem:
    samples, data = [], []
    nominal = {name: prior.value(0.0) for name, prior in PRIORS.items()}
    for t in THICKNESSES:
        own = truth | {name: truth[name] * np.exp(SCATTER * rng.normal()) for name in SCATTERING}
        made, name = film(t * NM * (1 + THICKNESS * rng.normal()), own), f"{t} nm"
        beta = float(ss.magnetoresistance(made, plane="beta"))
        R = np.asarray(ss.sheet_resistance(made, m="z"))
        noise = rng.normal(size=3)
        samples.append(fitting.Sample(name, film(t * NM, nominal)))
        ratio, arguments = [beta * (1 + RATIO * noise[0])], {"plane": "beta"}
        data.append(fitting.Data(name, ss.magnetoresistance, ratio, [RATIO * abs(beta)], arguments))
        values = [R[0, 0] * (1 + BAR * noise[1]), NAN, R[1, 0] * (1 + BAR * noise[2]), NAN]
        errors = [BAR * R[0, 0], 1.0, BAR * abs(R[1, 0]), 1.0]
        data.append(fitting.Data(name, ss.sheet_resistance, values, errors, {"m": "z"}))
    width = dict.fromkeys(SCATTERING, 0.0 if how == "no scatter" else SCATTER)
    unknowns = [
        fitting.Unknown(name, prior, unit=UNITS.get(name, "1"), scatter=width.get(name, 0.0))
        for name, prior in PRIORS.items()
    ]
    if how != "nominal thickness":
        unknowns.append(fitting.Unknown("Pt.thickness", fitting.Relative(THICKNESS), each="sample"))
    return fitting.Problem(samples, unknowns, data, [fitting.Tie("Pt.conductivity", "s / (1 + l / Pt.thickness)")])


def coverage(truths: int, how: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Deviations from the truth in stated errors: shares within 1 and 1.96, and their mean (parameters,)."""
    rng, off = np.random.default_rng(0), []
    for _ in range(truths):
        u = rng.normal(size=len(PRIORS))
        truth = {name: prior.value(v) for (name, prior), v in zip(PRIORS.items(), u, strict=True)}
        made = problem(rng, truth, how)
        found = fitting.fit_film(made, starts=4)
        at = [p.coordinate(float(v)) for p, v in zip(PRIORS.values(), found["value"].values, strict=False)]
        error = (found["error"].values / np.abs(made.slopes(found["coordinate"].values)))[: len(PRIORS)]
        off.append((np.array(at) - u) / error)
    every = np.array(off)
    return (np.abs(every) < 1).mean(axis=0), (np.abs(every) < 1.96).mean(axis=0), every.mean(axis=0)


def main(truths: int) -> None:
    for how, count in (("scatter", truths), ("no scatter", truths // 5), ("nominal thickness", truths // 5)):
        one, two, mean = coverage(count, how)
        print(f"{how}, {count} truths; {', '.join(PRIORS)}:")
        for words, values in (("68 %", 100 * one), ("95 %", 100 * two)):
            print(f"  {words}:", " ".join(f"{v:.0f}" for v in values))
        print("  mean:", " ".join(f"{v:+.2f}" for v in mean), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
