"""Films with orbital moments, their parameters drawn at random within what thermodynamics allows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from random_films import Draw

import spinstack as ss
from spinstack.circuit.dissipation import largest_correlation

#: kinds of layers, bottom first: a metal "N", a ferromagnet "F"; "|" an interface, "I" an insulator
STRUCTURES = ("N|F", "F|N", "NF|N", "IN|FN", "N|F|F|NI", "F|NN|F|N")

_RNG = np.random.default_rng(0)
_DIRECTIONS, _FIELDS = (v / np.linalg.norm(v, axis=-1, keepdims=True) for v in _RNG.standard_normal((2, 500, 3)))
_FIELDS = _FIELDS * _RNG.uniform(0, 5, (500, 1))


def orbital(draw: Draw, t: float, sigma: float) -> dict[str, Any]:
    """Parameters of a layer."""
    return {
        "orbital_diffusion_length": t / draw.log(0.1, 5.0),
        "orbital_conductivity": sigma * draw.log(0.1, 3.0),
        "orbital_hall_angle": draw.signed(0.02, 0.5),
        "spin_orbital_conversion": draw.signed(0.0, 1.0),
        "spin_orbital_polarization": draw.signed(0.0, 0.9),
    }


def metal(draw: Draw, name: str) -> ss.Metal:
    layer = draw.metal(name)
    own = orbital(draw, layer.thickness, layer.conductivity)
    return layer.replace(
        **own, orbital_diffusion_coefficient=draw.log(1e-7, 1e-5), orbital_g_factor=draw.signed(0.5, 2)
    )


def ferromagnet(draw: Draw, name: str) -> ss.Ferromagnet:
    """With chi as large as spin channels that differ allow it in any direction and field."""
    layer = draw.ferromagnet(name)
    own, p = orbital(draw, layer.thickness, layer.conductivity), layer.numbers("drift_diffusion")
    own["spin_orbital_polarization"] *= 0.9 * np.min(largest_correlation(p, _DIRECTIONS, _FIELDS))
    return layer.replace(**own)


def interface(draw: Draw, magnetic: bool, above: bool, reciprocal: float = 1.0) -> ss.Interface:
    """An interface whose magnet lies above or below; its sheet conductance covers what `precession` gains."""
    plain = draw.interface(magnetic)
    own: dict[str, Any] = {
        "orbital_conductance": draw.log(1e13, 1e16),
        "orbital_memory_loss": draw.pick([0.0, draw.log(0.05, 3.0)]),
        "orbital_rashba_edelstein": draw.signed(1e3, 2e5),
        "reciprocal": reciprocal,
    }
    if magnetic:
        G, upper, through = (
            complex(v).real
            for v in (plain.mixing_conductance, plain.mixing_conductance_upper, plain.transmitted_mixing_conductance)
        )
        here, there = (G, upper) if above else (upper, G)
        most = math.sqrt(own["orbital_conductance"] * (here - through**2 / there))
        own["orbital_spin_mixing_conductance"] = most * complex(draw.signed(0.0, 0.99), draw.signed(0.1, 1.0))
        p = np.array([plain.precession, plain.precession if plain.precession_upper is None else plain.precession_upper])
        # at most what the transverse conductances leave beside G_os
        left = here - (own["orbital_spin_mixing_conductance"].real ** 2) / own["orbital_conductance"]
        A = 2 * np.array([[left if above else G, through], [through, upper if above else left]])
        own["sheet_conductance"] = 1.5 * float(p @ np.linalg.solve(A, p))
    return plain.replace(**own)


def film(draw: Draw, structure: str, **fixed: Any) -> ss.Film:
    """A film of one of STRUCTURES; `fixed` parameters of its interfaces."""
    names = [c + str(i) if c != "|" else c for i, c in enumerate(structure)]
    made: list[Any] = []
    for i, (kind, name) in enumerate(zip(structure, names, strict=True)):
        if kind == "|":
            around = structure[i - 1], structure[i + 1]
            magnetic = "F" in around
            made.append(interface(draw, magnetic, around[1] == "F", **fixed))
        else:
            made.append({"N": metal, "F": ferromagnet, "I": Draw.insulator}[kind](draw, name))
    return ss.Film(tuple(made))
