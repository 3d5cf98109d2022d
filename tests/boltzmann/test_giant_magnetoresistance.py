"""Giant magnetoresistance with the current in the plane: none in drift-diffusion, positive by Boltzmann's equation."""

import numpy as np

import spinstack as ss

NM = 1e-9


def valve():
    magnet = {"thickness": 3 * NM, "conductivity": 4e6, "spin_diffusion_length": 20 * NM, "polarization": 0.6}
    spacer = ss.Metal("Cu", thickness=2 * NM, conductivity=3e7, spin_diffusion_length=200 * NM)
    return ss.Ferromagnet("below", **magnet) | spacer | ss.Ferromagnet("above", **magnet)


def test_only_the_boltzmann_equation_has_it():
    parallel, antiparallel = ({"below": "y", "above": above} for above in ("y", (0, -1, 0)))
    for solver, low, high in ((None, -1e-14, 1e-14), (ss.Boltzmann(rtol=1e-3), 1e-3, 0.3)):
        R = [ss.sheet_resistance(valve(), m=m, solver=solver)[0, 0] for m in (parallel, antiparallel)]
        assert low <= (R[1] - R[0]) / R[0] <= high, (solver, np.array(R))
