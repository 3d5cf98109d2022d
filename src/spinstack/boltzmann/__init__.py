"""Spin-dependent Boltzmann transport in a whole film: exact in depth, discrete in direction."""

from spinstack.boltzmann.perpendicular import Perpendicular, perpendicular
from spinstack.boltzmann.profiles import Profiles, profiles
from spinstack.boltzmann.solve import Solution, solve

__all__ = ["Perpendicular", "Profiles", "Solution", "perpendicular", "profiles", "solve"]
