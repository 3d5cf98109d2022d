"""What orbital moments cost: films with them against the same films of spin alone, both by JAX, and the native kernel.

python benchmarks/orbital.py [number of films, default 20000]
"""

from __future__ import annotations

import os
import sys
from typing import Any

from common import one_core, random_films, together

core = one_core()

import spinstack as ss  # noqa: E402
from spinstack.circuit.kernel import evaluate, sheet  # noqa: E402
from spinstack.circuit.lower import lower  # noqa: E402


def with_orbital(film: ss.Film) -> ss.Film:
    """The film with every effect of orbital moments."""
    layer = {
        "orbital_diffusion_length": 5e-9,
        "orbital_conductivity": 1e6,
        "orbital_hall_angle": 0.1,
        "spin_orbital_conversion": 0.4,
        "spin_orbital_polarization": 0.2,
    }
    face = {"orbital_conductance": 2e14, "orbital_memory_loss": 0.2, "orbital_rashba_edelstein": 1e4}
    return ss.Film(tuple(e.replace(**(face if isinstance(e, ss.Interface) else layer)) for e in film.elements))


def main(count: int = 20_000) -> None:
    print(f"{count} films, core {core}; us a film")
    print("layers   native   JAX, spin alone   JAX, with orbital moments   ratio of these")
    for layers in (2, 3, 4, 8):
        film, m = random_films(layers, count)
        plain, orbital = (lower(f, m)[:2] for f in (film, with_orbital(film)))

        def run(described: Any, kernel: str) -> Any:
            os.environ["SPINSTACK_KERNEL"] = kernel
            return evaluate(sheet, *described)

        took = together(
            {
                "native": lambda p=plain: run(p, ""),
                "spin": lambda p=plain: run(p, "off"),
                "orbital": lambda p=orbital: run(p, "off"),
            }
        )
        each = {name: 1e6 * seconds / count for name, seconds in took.items()}
        print(
            f"{layers:4d} {each['native']:10.2f} {each['spin']:14.2f} {each['orbital']:22.2f} "
            f"{each['orbital'] / each['spin']:20.2f}"
        )


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 20_000)
