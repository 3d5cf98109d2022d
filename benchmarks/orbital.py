"""What orbital moments cost: films with them against the same films of spin alone, by the native kernel and by JAX.

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
    print("          native kernel               JAX")
    print("layers    spin  orbital  ratio    spin  orbital  ratio   orbital, JAX over native")
    for layers in (2, 3, 4, 8):
        film, m = random_films(layers, count)
        plain, orbital = (lower(f, m)[:2] for f in (film, with_orbital(film)))

        def run(described: Any, kernel: str) -> Any:
            os.environ["SPINSTACK_KERNEL"] = kernel
            return evaluate(sheet, *described)

        took = together(
            {
                "native, spin": lambda p=plain: run(p, ""),
                "native, orbital": lambda p=orbital: run(p, ""),
                "JAX, spin": lambda p=plain: run(p, "off"),
                "JAX, orbital": lambda p=orbital: run(p, "off"),
            }
        )
        spin, own, spin_jax, own_jax = (1e6 * seconds / count for seconds in took.values())
        print(
            f"{layers:4d} {spin:9.2f} {own:8.2f} {own / spin:6.1f} "
            f"{spin_jax:7.2f} {own_jax:8.2f} {own_jax / spin_jax:6.1f} {own_jax / own:12.0f}"
        )


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 20_000)
