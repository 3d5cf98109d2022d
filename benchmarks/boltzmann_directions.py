"""How many directions the Boltzmann equation takes for the observable that is asked for.

Thin metals on magnets of long mean free path with diffuse surfaces: the resistance, the torque, and the profile, whose
accumulation at a diffuse face converges slowly, by public calls. Medians of processor time, ratios to the profile, and
how many films warn that the accuracy was not reached.

python benchmarks/boltzmann_directions.py [films, default 6]
"""

from __future__ import annotations

import sys
import time
import warnings
from statistics import median

import numpy as np

from common import one_core

core = one_core()

import spinstack as ss  # noqa: E402
from spinstack.boltzmann import solve  # noqa: E402
from spinstack.stack.collisions import conductance_constant  # noqa: E402

KF, RTOL = 1.36e10, 1e-4


def bilayer(rng: np.random.Generator) -> tuple[ss.Film, np.ndarray]:
    U = rng.uniform
    paths = 1e-9 * np.array([U(1.5, 5), U(12, 18)])
    thicknesses = 1e-9 * np.array([U(0.6, 1.2), U(4, 8)])
    sigma, lengths = conductance_constant(KF) * paths / 3, 3 * paths
    barrier = ss.DeltaBarrier(barrier=U(0.1, 0.4), exchange=U(0.3, 0.4), rashba=U(0.02, 0.1), fermi_wavevector=KF)
    film = (
        ss.Metal("N", thickness=thicknesses[0], conductivity=sigma[0], spin_diffusion_length=lengths[0],
                 spin_hall_angle=0.1)
        | ss.Interface(scattering=barrier)
        | ss.Ferromagnet("F", thickness=thicknesses[1], conductivity=sigma[1], spin_diffusion_length=lengths[1],
                         polarization=0.4, precession_length=2e-9)
    )  # fmt: skip
    return film, rng.normal(size=3)


def main(count: int) -> None:
    rng, solver = np.random.default_rng(1), ss.Boltzmann(rtol=RTOL)
    calls = {
        "resistance": lambda film, m: ss.sheet_resistance(film, m=m, solver=solver),
        "torque": lambda film, m: ss.torque(film, m=m, solver=solver),
        "profile": lambda film, m: ss.profile(film, m=m, solver=solver, points=5),
    }
    films = [bilayer(rng) for _ in range(count)]
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    warned, off = dict.fromkeys(calls, 0), []
    for film, m in films:
        for name, call in calls.items():
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                start = time.process_time()
                answer = call(film, m)
                seconds[name].append(time.process_time() - start)
            warned[name] += bool(caught)
            if name == "resistance":
                exact = np.linalg.inv(solve(film, m, resolution=(48, 32)).sheet)
                off.append(np.abs(answer - exact).max() / np.abs(exact).max())
    base = median(seconds["profile"])
    for name, times in seconds.items():
        middle = median(times)
        print(f"{name:12s} median {middle:7.3f} s, sum {sum(times):7.2f} s, {base / middle:6.1f} times less than the "
              f"profile, {warned[name]} of {count} films warn")  # fmt: skip
    print(f"resistance off by at most {max(off):.0e} of itself, asked {RTOL:g}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
