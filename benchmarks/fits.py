"""Fit of 15 Pt films on a magnetic insulator: 21 unknowns from 50 random starts, against scipy with differences.

python fits.py
"""

# ruff: noqa: E402 - the core is chosen before JAX starts its threads
from common import one_core, seconds

one_core()

import numpy as np
from scipy.optimize import least_squares

import spinstack as ss
from spinstack import fitting

NM = 1e-9


def film(thickness: float) -> ss.Film:
    metal = ss.Metal(
        "Pt", thickness=thickness, conductivity=2.8e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.08,
        hall_coefficient=-2.3e-11,
    )  # fmt: skip
    return metal | ss.MagneticInsulator("YIG", mixing_conductance=4e14 + 2e13j)


def problem(seed: int) -> fitting.Problem:
    rng, nan = np.random.default_rng(seed), float("nan")
    samples, data = [], []
    for t in np.linspace(1.5, 15, 15) * NM:
        true, name = film(t * (1 + 0.03 * rng.normal())), f"{t / NM:.3g} nm"
        samples.append(fitting.Sample(name, film(t)))
        beta = ss.magnetoresistance(true, plane="beta", field=1.0)
        R = np.asarray(ss.sheet_resistance(true, m="z", B=(0, 0, 1.0)))
        noise = rng.normal(size=3)
        ratio = [beta * (1 + 0.01 * noise[0])]
        data.append(
            fitting.Data(name, ss.magnetoresistance, ratio, [0.01 * abs(beta)], {"plane": "beta", "field": 1.0})
        )
        values = [R[0, 0] * (1 + 0.02 * noise[1]), nan, R[1, 0] * (1 + 0.02 * noise[2]), nan]
        errors = [0.02 * R[0, 0], nan, 0.02 * abs(R[1, 0]), nan]
        data.append(fitting.Data(name, ss.sheet_resistance, values, errors, {"m": "z", "B": (0, 0, 1.0)}))
    unknowns = [
        fitting.Unknown("Pt.spin_hall_angle", fitting.LogUniform(0.005, 0.5)),
        fitting.Unknown("Pt.spin_diffusion_length", fitting.LogUniform(0.3 * NM, 15 * NM)),
        fitting.Unknown("YIG.mixing_conductance.real", fitting.LogUniform(1e13, 1e16)),
        fitting.Unknown("YIG.mixing_conductance.imag", fitting.LogUniform(1e11, 1e15)),
        fitting.Unknown("Pt.conductivity", fitting.LogUniform(2e5, 2e7)),
        fitting.Unknown("Pt.hall_coefficient", fitting.Uniform(-1e-10, 1e-10)),
        fitting.Unknown("Pt.thickness", fitting.Relative(0.03), each="sample"),
    ]
    return fitting.Problem(samples, unknowns, data)


def main() -> None:
    made = problem(3)
    u = np.concatenate([np.full(6, 0.5), np.zeros(15)])
    both, _ = seconds(lambda: made.residuals(u))
    h = 1e-5
    numeric = [(made.residuals(u + h * e)[0] - made.residuals(u - h * e)[0]) / (2 * h) for e in np.eye(made.size)]
    J = made.residuals(u)[1]
    print(f"residuals and exact derivatives by {made.size} unknowns: {1e3 * both:.2f} ms", end=", ")
    print(f"off by {np.abs(np.transpose(numeric) - J).max() / np.abs(J).max():.0e} of central differences")
    whole, _ = seconds(lambda: fitting.fit_film(made, starts=50), 3)
    for seed in (3, 4, 5):
        found = fitting.fit_film(problem(seed), starts=50, seed=seed)
        chi, freedom, agreeing = (found.attrs[n] for n in ("chi_square", "degrees_of_freedom", "agreeing"))
        print(f"set {seed}: {agreeing} of 50 starts agree, chi-square {chi:.1f} of {freedom}")
    low, high = made.bounds
    one, _ = seconds(
        lambda: least_squares(lambda v: made.residuals(v)[0], u, bounds=(low, high), x_scale="jac", max_nfev=400), 1
    )
    print(f"50 starts: {whole:.1f} s; one start of scipy with differences of the same residuals: {one:.1f} s")


if __name__ == "__main__":
    main()
