"""Public Boltzmann calls of this package and of another copy of it, in turns: processor time on one core.

python benchmarks/boltzmann_beside.py OTHER/src [rounds, default 5]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from statistics import median

from common import one_core, seconds

HERE = Path(__file__).parents[1] / "src"


def measured() -> dict[str, float]:
    """Median seconds of each call in this process."""
    import numpy as np

    import spinstack as ss

    barrier = ss.DeltaBarrier(barrier=0.4, exchange=0.2, rashba=0.1, fermi_wavevector=1.36e10)
    metal = ss.Metal("N", thickness=5e-9, conductivity=4e6, spin_diffusion_length=2e-9, spin_flip_length=2e-8)
    magnet = ss.Ferromagnet("F", thickness=4e-9, conductivity=4e6, polarization=0.4, spin_diffusion_length=5e-9,
                            spin_flip_length=4e-8, precession_wavenumber=1e9)  # fmt: skip
    face, solver = ss.Interface(scattering=barrier), ss.Boltzmann(rtol=1e-4)
    bilayer = metal | face | magnet
    trilayer = bilayer | face | metal.replace(name="M")
    mirrors = ss.Boltzmann(rtol=1e-4, specularity=(0.5, 0.3))
    calls = {
        "magnetoresistance": lambda: ss.magnetoresistance(bilayer, "beta", solver=solver),
        "surfaces that reflect": lambda: ss.magnetoresistance(bilayer, "beta", solver=mirrors),
        "three layers": lambda: ss.magnetoresistance(trilayer, "beta", solver=solver),
        "scan, 3 x 25 angles": lambda: ss.angular_scan(bilayer, angles=np.linspace(0, 360, 25), solver=solver),
        "torque": lambda: ss.torque(bilayer, m=(0, 0.3, 1), solver=solver),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: seconds(call, clock=time.process_time)[0] for name, call in calls.items()}


def main(other: str, rounds: int) -> None:
    found: dict[str, list[dict[str, float]]] = {other: [], str(HERE): []}
    for _ in range(rounds):
        for source, runs in found.items():
            environment = os.environ | {"PYTHONPATH": source, "OPENBLAS_NUM_THREADS": "1"}
            run = subprocess.run([sys.executable, __file__], env=environment, capture_output=True, check=True)
            runs.append(json.loads(run.stdout.splitlines()[-1]))
    for name in found[other][0]:
        before, after = (median(run[name] for run in runs) for runs in found.values())
        print(f"{name:24s} {before * 1e3:8.1f} ms there, {after * 1e3:8.1f} ms here, {after / before:.2f}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
    else:
        core = one_core()
        print(json.dumps(measured()))
