"""First results of films of new orders of layers where there is no native kernel: the shared program against one each.

python benchmarks/structures.py [orders]
"""

from __future__ import annotations

import os
import sys
import time

os.environ["SPINSTACK_KERNEL"] = "off"
os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"

import numpy as np

import spinstack as ss
from spinstack.circuit import general


def film(number: int) -> ss.Film:
    """A film of 2 to 5 layers, another order for every number."""
    rng = np.random.default_rng(number)
    elements: list[ss.Metal | ss.Ferromagnet] = []
    common = {"conductivity": 5e6, "spin_diffusion_length": 2e-9}
    for n, kind in enumerate(rng.integers(0, 2, 2 + number % 4)):
        thickness = rng.uniform(1e-9, 5e-9)
        if kind:
            elements.append(
                ss.Ferromagnet(f"F{n}", thickness=thickness, polarization=0.4, dephasing_length=1e-9, **common)
            )
        else:
            elements.append(ss.Metal(f"N{n}", thickness=thickness, spin_hall_angle=0.1, **common))
    return ss.Film(tuple(elements))


def curves(one: ss.Film) -> None:
    """What a page shows at once: a scan in three planes, a profile and torques."""
    magnets = any(isinstance(e, ss.Ferromagnet) for e in one.elements)
    m = "x" if magnets else None
    if magnets:
        ss.angular_scan(one, angles=np.linspace(0, 360, 73))
        ss.torque(one, m=m)
    else:
        ss.sheet_resistance(one)
    ss.profile(one, m=m)


def main() -> None:
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    few = general.FEW
    for words, most in (("shared", few), ("one each", 0)):
        general.FEW = most
        times = []
        for number in range(orders):
            begin = time.perf_counter()
            curves(film(number))
            times.append(time.perf_counter() - begin)
        print(f"{words:10s}", " ".join(f"{t:6.2f}" for t in times), "s")


if __name__ == "__main__":
    main()
