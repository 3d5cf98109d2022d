"""Platinum on a magnetic insulator: series of thickness as data of fits."""

import numpy as np

import spinstack as ss
from spinstack.fitting import Data, LogNormal, LogUniform, Sample, Unknown

NM = 1e-9
TRUTH = {"Pt.spin_hall_angle": 0.08, "Pt.spin_diffusion_length": 1.5 * NM, "Pt.conductivity": 2.8e6}
UNKNOWNS = [
    Unknown("Pt.spin_hall_angle", LogNormal(0.06, 2)),
    Unknown("Pt.spin_diffusion_length", LogUniform(0.3 * NM, 10 * NM)),
    Unknown("Pt.conductivity", LogNormal(2e6, 2)),
]


def film(thickness=4 * NM, mixing=4e14 + 2e13j, **changes):
    layer = ss.Metal(
        "Pt", thickness=thickness, conductivity=2.8e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.08
    )
    made = layer | ss.MagneticInsulator("YIG", mixing_conductance=mixing)
    return made.replace({path.replace("_0_", "."): value for path, value in changes.items()})


def series(rng=None, thicknesses=(1.5, 2, 3, 5, 8, 12), ratio=0.01, resistance=0.02, truth=film):
    """Magnetoresistance and resistance of films, with relative errors."""
    samples, data = [], []
    for thickness in thicknesses:
        name, made = f"{thickness} nm", truth(thickness * NM)
        # nominal films know nothing of the truth
        samples.append(Sample(name, film(thickness * NM, Pt_0_conductivity=2e6, Pt_0_spin_hall_angle=0.05)))
        beta = ss.magnetoresistance(made, plane="beta")
        R = np.asarray(ss.sheet_resistance(made, m="y"))[0, 0]
        noise = rng.standard_normal(2) if rng else np.zeros(2)
        data.append(
            Data(name, ss.magnetoresistance, [beta * (1 + ratio * noise[0])], [ratio * beta], {"plane": "beta"})
        )
        values = [R * (1 + resistance * noise[1]), np.nan, np.nan, np.nan]
        data.append(Data(name, ss.sheet_resistance, values, [resistance * R] * 4, {"m": "y"}))
    return samples, data
