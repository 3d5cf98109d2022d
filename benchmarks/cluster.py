"""Sweeps and fits on workers of this machine against one process that is pinned to a core. Aim: 1.8 with two workers.

Usage: python benchmarks/cluster.py [WORKERS]. Both ways are ready (programs compiled) before they are timed, and take
turns; the sweep writes 16 million three-layer films to a folder, the fit 20 unknowns from 64 starts. Needs the extra
[cluster].
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from statistics import median
from typing import Any

import numpy as np

import spinstack as ss
from spinstack.fitting import Data, LogNormal, LogUniform, Normal, Problem, Relative, Sample, Unknown, fit_film

NM = 1e-9
REPEATS = 3
#: films of a sweep
SHAPE = (256, 65_536)


def sweep(client: Any = None) -> float:
    """Wall time [s] of the sweep."""
    film = (
        ss.Metal("Pt", thickness=4 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
        | ss.Interface(conductance_up=5e14, conductance_down=3e14, mixing_conductance=6e14 + 3e13j)
        | ss.Ferromagnet("Co", thickness=3 * NM, conductivity=5e6, polarization=0.4, spin_diffusion_length=5 * NM)
        | ss.Interface(conductance_up=5e14, conductance_down=3e14, mixing_conductance=6e14 + 3e13j)
        | ss.Metal("Ta", thickness=3 * NM, conductivity=1e6, spin_diffusion_length=1 * NM, spin_hall_angle=-0.1)
    )
    over = {"Pt.thickness": np.linspace(1, 9, SHAPE[0]) * NM, "Ta.thickness": np.linspace(1, 9, SHAPE[1]) * NM}
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        ss.sweep(film, over, partial(ss.magnetoresistance, plane="beta"), to=f"{folder}/map", client=client).close()
        return time.perf_counter() - start


def fit(client: Any = None) -> float:
    """Wall time [s] of the fit."""
    rng, samples, data = np.random.default_rng(0), [], []
    for t in np.linspace(1.5, 14, 15) * NM:
        made = ss.Metal(
            "Pt", thickness=t, conductivity=2.8e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.08
        ) | ss.MagneticInsulator("YIG", mixing_conductance=4e14 + 2e13j)
        name, scan = f"{t / NM:.2f} nm", {"plane": "beta", "angles": list(np.linspace(0.0, 180.0, 16))}
        R = ss.angular_scan(made, **scan).R_xx.values
        samples.append(Sample(name, made))
        data.append(Data(name, ss.angular_scan, R * (1 + 1e-5 * rng.standard_normal(16)), 1e-5 * R, scan, "R_xx"))
    unknowns = [
        Unknown("Pt.spin_hall_angle", LogNormal(0.06, 2)),
        Unknown("Pt.spin_diffusion_length", LogUniform(0.3 * NM, 10 * NM)),
        Unknown("Pt.conductivity", LogNormal(2e6, 2)),
        Unknown("Pt.thickness", Relative(0.03), each="sample"),
        Unknown("YIG.mixing_conductance.real", LogUniform(1e13, 1e16)),
        Unknown("YIG.mixing_conductance.imag", Normal(0, 5e13)),
    ]
    problem = Problem(samples, unknowns, data)
    start = time.perf_counter()
    fit_film(problem, starts=64, client=client)
    return time.perf_counter() - start


def pin() -> None:
    """Keep a process on its last core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def alone(task: Callable[[], float]) -> tuple[float, float]:
    """Wall and processor time [s] in this process."""
    before = time.process_time()
    return task(), time.process_time() - before


def shared(task: Callable[[Any], float], client: Any) -> tuple[float, float]:
    """Wall time [s] by workers, and the processor time of the one that took longest, with a share of this process."""
    before, ours = client.run(time.process_time), time.process_time()
    wall = task(client)
    ours = time.process_time() - ours
    spent = [after - before[one] for one, after in client.run(time.process_time).items()]
    return wall, max(spent) + ours / len(spent)


def main() -> None:
    """Print medians and ratios, of wall time and, as other work on the machine disturbs that, of processor time."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=pin) as one, ss.workers(count) as client:
        for task in (sweep, fit):
            one.submit(alone, task).result()
            task(client)
            pairs = [(one.submit(alone, task).result(), shared(task, client)) for _ in range(REPEATS)]
            for k, what in enumerate(("wall", "processor time")):
                times = [(a[k], b[k]) for a, b in pairs]
                here, there = (median(some) for some in zip(*times, strict=True))
                ratios = ", ".join(f"{a / b:.2f}" for a, b in times)
                middle = median(a / b for a, b in times)
                print(f"{task.__name__}, {what}: one pinned process {here:.2f} s, {count} workers {there:.2f} s: "
                      f"{middle:.2f} times faster ({ratios})", flush=True)  # fmt: skip
            if hasattr(os, "getloadavg"):
                print(f"load of the machine {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
