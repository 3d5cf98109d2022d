"""Spin-dependent Boltzmann transport in a whole film: exact in depth, discrete in direction."""

from spinstack.boltzmann.perpendicular import Perpendicular, perpendicular
from spinstack.boltzmann.profiles import Profiles, profiles
from spinstack.boltzmann.reservoirs import Reservoirs, reservoirs
from spinstack.boltzmann.solve import Solution, solve

__all__ = [
    "Perpendicular", "Profiles", "Reservoirs", "Solution", "perpendicular", "profiles", "reservoirs", "solve",
]  # fmt: skip
