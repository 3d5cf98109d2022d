"""Spin-dependent Boltzmann transport in a whole film: exact in depth, discrete in direction."""

from spinstack.boltzmann.solve import Solution, solve

__all__ = ["Solution", "solve"]
